//! Both languages of a page say the same, as far as a program can tell.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use crate::links::target;
use crate::page::{Page, Section};
use crate::translation::all_untranslated;
use crate::{files, read};

const CHINESE: &str = ".zh-CN.md";

/// Pages without a translation: they are generated from the sources.
const ENGLISH_ALONE: [&str; 1] = ["js/docs/api.md"];

/// The English page of a Chinese one, or the English picture.
fn english(chinese: &Path) -> Option<PathBuf> {
    let name = chinese.to_str()?;
    name.contains(".zh-CN.")
        .then(|| name.replace(".zh-CN.", ".").into())
}

/// The differences between two pages.
fn differences(english: (&Path, &str), chinese: (&Path, &str)) -> Vec<String> {
    let (one, other) = (Page::parse(english.1), Page::parse(chinese.1));
    let titles = |page: &Page| {
        page.sections
            .iter()
            .map(|section| section.level)
            .collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    if titles(&one) != titles(&other) {
        found.push(format!(
            "headings: {:?} here, {:?} there",
            names(&one),
            names(&other)
        ));
    }
    for (one, other) in one.sections.iter().zip(&other.sections) {
        let mut compare = |what: &str, one: &dyn Debug, other: &dyn Debug| {
            let (one, other) = (format!("{one:?}"), format!("{other:?}"));
            if one != other {
                found.push(format!("{what}: {one} here, {other} there"));
            }
        };
        let title = &one.title;
        if one.level.is_some() {
            compare(
                "the comment above the heading",
                &without_marks(title),
                &without_marks(&other.comment),
            );
        }
        compare(
            &format!("code in {title:?}"),
            &all_untranslated(&one.blocks),
            &all_untranslated(&other.blocks),
        );
        compare(&format!("tables in {title:?}"), &one.tables, &other.tables);
        compare(&format!("items in {title:?}"), &one.items, &other.items);
        compare(
            &format!("code spans in {title:?}"),
            &less(&one.spans, &other.spans),
            &less(&other.spans, &one.spans),
        );
        compare(
            &format!("figures in {title:?}"),
            &less(&one.figures, &other.figures),
            &less(&other.figures, &one.figures),
        );
        let (here, there) = (targets(english.0, one), targets(chinese.0, other));
        compare(
            &format!("links in {title:?}"),
            &less(&here, &there),
            &less(&there, &here),
        );
    }
    found
}

fn names(page: &Page) -> Vec<&str> {
    page.sections
        .iter()
        .map(|section| section.title.as_str())
        .collect()
}

fn without_marks(title: &str) -> String {
    title.replace('`', "")
}

fn less(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    one.difference(other).cloned().collect()
}

/// The targets of a section's links in a form that is the same in both languages: the English page, and the number of the
/// heading instead of its anchor. Links from one language to the other are left out.
fn targets(from: &Path, section: &Section) -> BTreeSet<String> {
    let own = english(from).unwrap_or(from.to_path_buf());
    let mut targets = BTreeSet::new();
    for link in &section.links {
        let Some((file, anchor)) = target(from, link) else {
            targets.insert(link.clone());
            continue;
        };
        let page = english(&file).unwrap_or(file.clone());
        if page == own && file != from {
            continue;
        }
        let number = anchor.map(|anchor| {
            let anchors = Page::parse(&read(&file)).anchors();
            anchors.iter().position(|other| *other == anchor)
        });
        targets.insert(format!("{} {number:?}", page.display()));
    }
    targets
}

#[test]
fn both_languages_have_the_same_headings_code_tables_figures_and_links() {
    let mut found = Vec::new();
    for chinese in files() {
        let Some(english) = english(&chinese) else {
            continue;
        };
        let (one, other) = (read(&english), read(&chinese));
        for difference in differences((&english, &one), (&chinese, &other)) {
            found.push(format!("{}: {difference}", chinese.display()));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_page_for_those_who_write_mini_programs_is_there_in_both_languages() {
    let all = files();
    for page in &all {
        let name = page.to_str().expect("it is text");
        let is_theirs = name == "README.md" || name.starts_with("js/docs/");
        if is_theirs && !name.ends_with(CHINESE) && !ENGLISH_ALONE.contains(&name) {
            let chinese = name.replace(".md", CHINESE);
            assert!(
                all.contains(&chinese.clone().into()),
                "{chinese} does not exist"
            );
        }
    }
}

#[test]
fn the_package_page_says_the_same_twice() {
    let path = Path::new("pkg-template/README.md");
    let page = read(path);
    let (english, chinese) = page
        .split_once("<!-- In Chinese -->")
        .expect("a comment stands between the two");
    let english = english.replace("[中文说明在后面](#微信小程序登录态管理)", "");
    assert_eq!(
        differences((path, &english), (path, chinese)),
        Vec::<String>::new()
    );
}

#[test]
fn each_difference_is_found() {
    let path = Path::new("README.md");
    let chinese = Path::new("README.zh-CN.md");
    let english = "# One\n\nsee `a`, 5 times: [b](SECURITY.md)\n\n- f\n\n```js\nc()\n```\n\n| d |\n|---|\n| e |\n";
    let same = english
        .replace("# One", "<!-- One -->\n# 一")
        .replace("see", "见");
    assert_eq!(
        differences((path, english), (chinese, &same)),
        Vec::<String>::new()
    );
    for (part, other) in [
        ("<!-- One -->", "<!-- Two -->"),
        ("# 一", "## 一"),
        ("`a`", "`b`"),
        ("5", "6"),
        ("SECURITY", "CHANGELOG"),
        ("c()", "d()"),
        ("| e |\n", "| e |\n| f |\n"),
        ("- f\n", "- f\n- g\n"),
    ] {
        let changed = same.replace(part, other);
        assert_eq!(
            differences((path, english), (chinese, &changed)).len(),
            1,
            "{other}"
        );
    }
}
