//! Every link within the project leads somewhere.

use std::path::{Component, Path, PathBuf};

use crate::page::Page;
use crate::{files, read, root};

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
    for file in files() {
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
