//! The parts of a code block that a translation may change: comments, and the words of a drawing.

/// The language of a code block and its lines, without what a translation may change.
fn untranslated((language, text): &(String, String)) -> (&str, Vec<&str>) {
    if text.contains('─') {
        return (language, vec!["a drawing"]);
    }
    let marks = comment_marks(language);
    let lines = text.lines().map(|line| without_comment(line, marks));
    (language, lines.collect())
}

pub(crate) fn all_untranslated(blocks: &[(String, String)]) -> Vec<(&str, Vec<&str>)> {
    blocks.iter().map(untranslated).collect()
}

/// The marks that open a comment in this language.
fn comment_marks(language: &str) -> &'static [&'static str] {
    match language {
        "js" | "ts" | "tsx" | "rust" | "java" => &["//", "/*"],
        "sh" | "toml" | "yaml" | "nginx" | "ini" => &["#"],
        _ => &[],
    }
}

/// A line up to its comment. A comment starts the line or follows a space.
fn without_comment<'a>(line: &'a str, marks: &[&str]) -> &'a str {
    let starts = marks
        .iter()
        .flat_map(|mark| line.match_indices(mark))
        .map(|(start, _)| start)
        .filter(|start| *start == 0 || line[..*start].ends_with(' '));
    line[..starts.min().unwrap_or(line.len())].trim_end()
}

#[test]
fn comments_in_code_and_drawings_may_be_translated() {
    let block = |language: &str, text: &str| (language.to_owned(), text.to_owned());
    for (language, one, other) in [
        ("js", "f() // one", "f() // 一"),
        ("ts", "/** one */\nf()", "/** 一 */\nf()"),
        ("sh", "# one\ncurl x", "# 一\ncurl x"),
        ("", "phone ──▶ server", "手机 ──▶ 服务端"),
    ] {
        let (one, other) = (block(language, one), block(language, other));
        assert_eq!(untranslated(&one), untranslated(&other), "{language}");
    }
    for (language, one, other) in [
        ("js", "f('a//b')", "f('a//c')"),
        ("sh", "curl x#1", "curl x#2"),
        ("text", "# one", "# 一"),
    ] {
        let (one, other) = (block(language, one), block(language, other));
        assert_ne!(untranslated(&one), untranslated(&other), "{language}");
    }
}
