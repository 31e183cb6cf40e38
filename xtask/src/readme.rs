//! What README.md says twice has to be the same in both places.

use std::fs;

use wxsession::error::Code;

use crate::project::Project;

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

fn read(file: &str) -> String {
    fs::read_to_string(Project::locate().path(file)).expect("it is there")
}

#[test]
fn the_readme_lists_every_code_with_its_message() {
    let list = section(&read("README.md"), "errors");
    let rows: Vec<_> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("| `{}` | {} |", code.name(), code.message()))
        .collect();
    assert_eq!(rows, codes, "change README.md");
}

#[test]
fn the_readme_and_the_crate_say_the_same_of_the_design() {
    let comment: Vec<_> = read("src/lib.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
        .collect();
    assert_eq!(
        section(&read("README.md"), "design"),
        section(&comment.join("\n"), "design")
    );
}
