use std::ffi::OsString;

use super::{CommandLine, EXAMPLES, described};

const NARROW: usize = 80;

fn long_help(width: usize) -> String {
    let mut command = described(&[]).term_width(width);
    command.render_long_help().to_string()
}

fn short_help(width: usize) -> String {
    let mut command = described(&[OsString::from("-h")]).term_width(width);
    command.render_help().to_string()
}

/// The commands in the examples, each as its words.
fn examples() -> Vec<Vec<OsString>> {
    let lines = EXAMPLES.replace("\\\n", " ");
    let typed = lines.lines().filter_map(|line| {
        let (_, arguments) = line.split_once("wxsession-server ")?;
        let words = ["wxsession-server"].into_iter();
        Some(
            words
                .chain(arguments.split_whitespace())
                .map(OsString::from)
                .collect(),
        )
    });
    typed.collect()
}

#[test]
fn the_help_fits_its_width_and_leaves_the_examples_as_they_are() {
    for width in [NARROW, 100] {
        for help in [short_help(width), long_help(width)] {
            for line in help.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
        assert!(long_help(width).contains(EXAMPLES), "{}", long_help(width));
    }
}

#[test]
fn every_example_is_one_that_the_program_takes() {
    let examples = examples();
    assert_eq!(examples.len(), EXAMPLES.matches(":\n").count() - 1);
    for words in examples {
        let taken = CommandLine::read_from(words.clone(), None).unwrap();
        let error = taken.map_err(|(error, _)| error.to_string()).err();
        assert_eq!(error, None, "{words:?}");
    }
}

#[test]
fn every_setting_stands_in_a_group_and_says_in_one_line_what_it_is() {
    for flag in described(&[]).get_arguments() {
        assert!(flag.get_help_heading().is_some(), "{flag}");
        let help = flag.get_help().unwrap().to_string();
        assert!(
            help.chars().count() <= 70 && !help.ends_with('.'),
            "{flag}: {help}"
        );
    }
}

#[test]
fn the_short_help_is_short_and_the_long_one_names_every_variable() {
    let (short, long) = (short_help(NARROW), long_help(NARROW));
    assert!(short.lines().count() <= 100, "{short}");
    assert!(!short.contains("[env:"), "{short}");
    for flag in described(&[]).get_arguments() {
        if let Some(variable) = flag.get_env() {
            let shown = format!("[env: {}]", variable.display());
            assert!(long.contains(&shown), "{shown}");
        }
    }
}
