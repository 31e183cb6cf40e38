//! Every command that a document names exists.

use clap::CommandFactory;
use xtask::Arguments;

use crate::{files, read};

/// The word after each `cargo xtask`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let rests = text.split("cargo xtask ").skip(1);
    rests.filter_map(|rest| {
        let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        let end = rest.find(|letter| !is_part(letter))?;
        (end > 0).then(|| &rest[..end])
    })
}

#[test]
fn every_command_of_the_project_that_a_document_names_is_there() {
    let commands = Arguments::command();
    let mut number = 0;
    for file in files() {
        for name in named(&read(&file)) {
            number += 1;
            assert!(
                commands.find_subcommand(name).is_some(),
                "{}: cargo xtask has no command {name}",
                file.display()
            );
        }
    }
    assert!(number > 10, "only {number} commands found");
}

#[test]
fn a_command_is_found_in_code_and_in_a_sentence() {
    let text = "`cargo xtask demo --serve`, cargo xtask test\n cargo xtask `x`";
    assert_eq!(named(text).collect::<Vec<_>>(), ["demo", "test"]);
}
