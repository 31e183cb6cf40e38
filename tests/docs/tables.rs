//! Tables and texts that a page repeats from the sources are the same in both.

use wxsession::error::ErrorCode;

use crate::read;

/// The lines between two comments, `<!-- name -->` and `<!-- /name -->`.
fn section(text: &str, name: &str) -> String {
    let (_, rest) = text
        .split_once(&format!("<!-- {name} -->"))
        .expect("a comment opens the section");
    let (section, _) = rest
        .split_once(&format!("<!-- /{name} -->"))
        .expect("a comment closes the section");
    section.trim().to_owned()
}

/// The first cells of each row of a table that starts with code.
fn rows(table: &str, cells: usize) -> Vec<String> {
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split(" | ").take(cells).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[test]
fn the_errors_are_listed_with_their_messages() {
    let codes: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| format!("| `{}` | {}", code.name(), code.message()))
        .collect();
    for page in ["js/docs/errors.md", "js/docs/errors.zh-CN.md"] {
        assert_eq!(
            rows(&section(&read(page), "errors"), 2),
            codes,
            "change {page}"
        );
    }
}

#[test]
fn every_code_that_coding_agents_are_told_of_exists() {
    let text = read("AGENTS.md");
    let (_, errors) = text.split_once("\n## Errors\n").expect("it has errors");
    let known: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
    let first_cells = rows(errors, 1);
    let named: Vec<_> = first_cells
        .iter()
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 8, "{named:?}");
    for name in named {
        assert!(known.contains(&name), "AGENTS.md: there is no code {name}");
    }
}

#[test]
fn where_trouble_is_headed_by_an_error_its_message_stands_below() {
    for page in [
        "js/docs/troubleshooting.md",
        "js/docs/troubleshooting.zh-CN.md",
    ] {
        let text = read(page);
        let named = |code: &&ErrorCode| {
            let name = format!("`{}`", code.name());
            let mut headings = text.lines().filter(|line| line.starts_with("## "));
            headings.any(|heading| heading.contains(&name))
        };
        let codes: Vec<_> = ErrorCode::ALL.iter().filter(named).collect();
        assert!(codes.len() > 5, "{} codes", codes.len());
        for code in codes {
            let message = format!("\n`{}`\n", code.message());
            assert!(text.contains(&message), "change {page}: {message}");
        }
    }
}

#[test]
fn the_options_are_listed_in_the_order_of_their_declaration() {
    let declarations = read("js/index.d.ts");
    let (_, rest) = declarations
        .split_once("interface SessionOptions {")
        .expect("it is declared");
    let (members, _) = rest.split_once("\n}").expect("it ends");
    let names: Vec<_> = members
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(':'))
        .map(|(name, _)| name.trim_end_matches('?'))
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .map(|name| format!("| `{name}`"))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for page in ["js/docs/options.md", "js/docs/options.zh-CN.md"] {
        assert_eq!(
            rows(&section(&read(page), "options"), 1),
            names,
            "change {page}"
        );
    }
}

#[test]
fn the_design_is_told_as_in_the_crate() {
    let comment: Vec<_> = read("src/lib.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
        .collect();
    assert_eq!(
        section(&read("js/docs/how-it-works.md"), "design"),
        section(&comment.join("\n"), "design")
    );
}

/// Each example is copied whole, so the file is in all of them.
#[test]
fn the_examples_tell_users_of_a_failure_in_the_same_words() {
    let examples = [
        "miniprogram-typescript",
        "taro/src",
        "uni-app/src",
        "weapp-vite/src",
    ];
    let [first, others @ ..] =
        examples.map(|folder| read(format!("examples/{folder}/messages.ts")));
    for (other, folder) in others.iter().zip(&examples[1..]) {
        assert_eq!(*other, first, "change examples/{folder}/messages.ts");
    }
    let longer = read("examples/miniprogram/messages.js");
    let mut messages = first.lines().filter(|line| line.ends_with("',")).peekable();
    assert!(messages.peek().is_some(), "{first}");
    for message in messages {
        assert!(
            longer.lines().any(|line| line == message),
            "change examples/miniprogram/messages.js: {message}"
        );
    }
}
