//! Every link within the project leads somewhere.

use std::path::{Component, Path, PathBuf};

use crate::page::Page;
use crate::{files, read, root};

/// The list of all pages, for programs that read them.
const INDEX: &str = "llms.txt";

/// Resolves a link of the file `from` to a file, as a path from the top folder, and an anchor in that file. Returns `None`
/// for a link that leaves the project.
pub(crate) fn target(from: &Path, link: &str) -> Option<(PathBuf, Option<String>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    let file = if path.is_empty() {
        from.to_path_buf()
    } else {
        plain(&from.parent().expect("a file is in a folder").join(path))
    };
    Some((file, anchor))
}

/// The path with its `..` resolved.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

/// Says what is wrong with a link, if anything.
fn fault(from: &Path, link: &str) -> Option<String> {
    let (file, anchor) = target(from, link)?;
    if !root().join(&file).exists() {
        return Some(format!("{}: {link} does not exist", from.display()));
    }
    let anchor = anchor.filter(|_| file.extension().is_some_and(|ending| ending == "md"))?;
    let anchors = Page::parse(&read(&file)).anchors();
    (!anchors.contains(&anchor)).then(|| {
        let known = anchors.join(", ");
        format!(
            "{}: {link}: no such heading; the headings are {known}",
            from.display()
        )
    })
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let mut faults = Vec::new();
    let mut number = 0;
    for file in files().into_iter().chain([INDEX.into()]) {
        let page = Page::parse(&read(&file));
        for link in page.sections.iter().flat_map(|section| &section.links) {
            number += 1;
            faults.extend(fault(&file, link));
        }
    }
    assert!(number > 50, "only {number} links found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_index_and_the_site_have_every_page_for_those_who_use_the_project() {
    let index = Page::parse(&read(INDEX));
    let site = read("site/pages.mjs");
    let listed: Vec<_> = index
        .sections
        .iter()
        .flat_map(|section| &section.links)
        .collect();
    for file in files() {
        let name = file.to_str().expect("it is text");
        let is_theirs = name.starts_with("js/docs/") || name.starts_with("service/docs/");
        if is_theirs && !name.ends_with(".zh-CN.md") {
            assert!(
                listed.contains(&&name.to_owned()),
                "{INDEX} does not list {name}"
            );
            let without_ending = name.trim_end_matches(".md");
            assert!(
                site.contains(&format!("'{without_ending}'")),
                "site/pages.mjs does not list {name}"
            );
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let from = Path::new("service/docs/operation.md");
    for good in [
        "settings.md",
        "../../README.md",
        "#redis",
        "../src/",
        "https://example.com/",
    ] {
        assert_eq!(fault(from, good), None);
    }
    for bad in ["setting.md", "../../service.md", "#rediss"] {
        assert!(fault(from, bad).is_some(), "{bad}");
    }
}
