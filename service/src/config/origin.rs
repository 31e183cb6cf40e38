//! Where a setting comes from, so that an error blames the line or the variable that is wrong, and not a flag that nobody
//! has given.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use clap::Command;

use super::file::SettingsFile;

/// Where the settings come from that are not flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(BTreeMap<String, String>);

impl Origins {
    /// A flag goes before the environment, and the environment before the file.
    pub(super) fn of(
        command: &Command,
        arguments: &[OsString],
        is_set: impl Fn(&OsStr) -> bool,
        file: Option<&SettingsFile>,
    ) -> Self {
        let mut origins = BTreeMap::new();
        for argument in command.get_arguments() {
            let Some(name) = argument.get_long() else {
                continue;
            };
            let flag = format!("--{name}");
            if arguments.iter().any(|argument| names(argument, &flag)) {
                continue;
            }
            let variable = argument.get_env().filter(|variable| is_set(variable));
            let origin = match (variable, file.and_then(|file| file.place_of(name))) {
                (Some(variable), _) => format!("the environment variable {}", variable.display()),
                (None, Some(place)) => place,
                (None, None) => continue,
            };
            origins.insert(flag, origin);
        }
        Self(origins)
    }

    /// One line for each setting that this error names and that is no flag: where it is set.
    pub(crate) fn explain(&self, error: &str) -> String {
        let words = error.split(|character: char| !is_of_a_flag(character));
        let mut explained = Vec::new();
        for word in words {
            if let Some(origin) = self.0.get(word) {
                let line = format!("\n  {word} is set in {origin}");
                if !explained.contains(&line) {
                    explained.push(line);
                }
            }
        }
        explained.concat()
    }
}

fn names(argument: &OsStr, flag: &str) -> bool {
    let rest = argument.to_str().and_then(|text| text.strip_prefix(flag));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

fn is_of_a_flag(character: char) -> bool {
    character.is_ascii_lowercase() || character == '-'
}

#[cfg(test)]
mod tests {
    use std::ffi::{OsStr, OsString};

    use super::Origins;
    use crate::config::command::described;
    use crate::config::file::SettingsFile;

    #[test]
    fn a_setting_comes_from_a_flag_or_else_the_environment_or_else_the_file() {
        let file = "listen = \"here\"\nidle-timeout = 1\n\nlog = \"loud\"\n";
        let file = SettingsFile::parse("a.toml".as_ref(), file).unwrap();
        let arguments = ["wxsession-server", "--listen=1", "--tls-cert", "a"].map(OsString::from);
        let is_set = |variable: &OsStr| {
            ["WXSESSION_IDLE_TIMEOUT", "WXSESSION_LISTEN"]
                .map(OsStr::new)
                .contains(&variable)
        };
        let origins = Origins::of(&described(&[]), &arguments, is_set, Some(&file));
        for (error, explained) in [
            ("--listen is wrong", ""),
            ("'--tls-cert <FILE>'", ""),
            ("--data", ""),
            ("--log-level", ""),
            ("no flag: log", ""),
            (
                "--log: give '--log <LEVEL>'",
                "\n  --log is set in a.toml, line 4",
            ),
            (
                "error for '--idle-timeout <SECONDS>'; (--log)",
                "\n  --idle-timeout is set in the environment variable WXSESSION_IDLE_TIMEOUT\
                 \n  --log is set in a.toml, line 4",
            ),
        ] {
            assert_eq!(origins.explain(error), explained, "{error}");
        }
    }
}
