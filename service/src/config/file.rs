//! The settings file: TOML whose keys are the flags without their dashes. A flag overrides the environment, which
//! overrides the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, Command};
use toml::Value;

use super::running;

/// The flag that names the file, and its environment variable.
const FLAG: &str = "--config";
pub(super) const VARIABLE: &str = "WXSESSION_CONFIG";

/// The settings file, if one is named. It is looked for first, because everything else depends on it.
pub(super) fn named(arguments: &[OsString], variable: Option<OsString>) -> Option<PathBuf> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == FLAG {
            return arguments.next().map(PathBuf::from);
        }
        let joined = argument.to_str().and_then(|text| text.strip_prefix(FLAG));
        if let Some(path) = joined.and_then(|rest| rest.strip_prefix('=')) {
            return Some(path.into());
        }
    }
    variable.map(PathBuf::from)
}

/// The flag, as the help shows it.
pub(super) fn argument() -> Arg {
    Arg::new("config")
        .long("config")
        .env(VARIABLE)
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help_heading(running::HEADING)
        .help("A TOML file with settings, named as the flags are")
        .long_help(
            "A TOML file with settings, named as the flags are.\n\n\
             Flags and environment override it.",
        )
}

/// The command with the file's values in place of the defaults.
///
/// # Errors
/// The file cannot be read, or has a key or value that is not a setting.
pub(super) fn apply(mut command: Command, path: &Path) -> anyhow::Result<Command> {
    let place = || format!("{FLAG}: {}", path.display());
    let text = fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read; check its path and owner", place()))?;
    // The parser's own message would show the line.
    let Ok(settings) = toml::from_str::<BTreeMap<String, Value>>(&text) else {
        bail!(
            "{} is not TOML; write settings as in listen = \"127.0.0.1:8080\"",
            place()
        );
    };
    for (name, value) in settings {
        let flag = command.get_arguments().find(|argument| {
            argument.get_long() == Some(&name) && !["config", "help", "version"].contains(&&*name)
        });
        let Some(id) = flag.map(|argument| argument.get_id().clone()) else {
            bail!("{}: `{name}` is no setting; `--help` lists them", place());
        };
        let Some(values) = texts(&value) else {
            bail!(
                "{}: `{name}` must be a text, a number or a list of them",
                place()
            );
        };
        command = command.mut_arg(id, |argument| argument.default_values(values));
    }
    Ok(command)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Integer(number) => Some(vec![number.to_string()]),
        Value::Boolean(flag) => Some(vec![flag.to_string()]),
        Value::Array(values) => {
            let texts = values.iter().map(texts).collect::<Option<Vec<_>>>()?;
            Some(texts.concat())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::Options;

    /// The result of these arguments and a settings file with this text.
    fn read(arguments: &[&str], text: &str) -> Result<Options, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wxsession.toml");
        std::fs::write(&path, text).unwrap();
        let program = ["wxsession-server", "--config", path.to_str().unwrap()];
        let arguments = program
            .iter()
            .chain(arguments)
            .map(OsString::from)
            .collect();
        match Options::read_from(arguments, None) {
            Ok(Ok(options)) => Ok(options),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_file_stands_in_for_defaults_and_flags_go_before_it() {
        let text = "listen = \"127.0.0.1:1\"\nappid = \"wx1\"\nidle-timeout = 60\n";
        let options = read(&[], text).unwrap();
        assert_eq!(options.listen.port(), 1);
        assert_eq!(options.lifetimes().idle.as_secs(), 60);
        let options = read(&["--idle-timeout", "90"], text).unwrap();
        assert_eq!(options.lifetimes().idle.as_secs(), 90);
        assert_eq!(options.listen.port(), 1);
    }

    #[test]
    fn a_setting_that_there_is_not_or_of_another_kind_is_named() {
        for (text, named) in [
            ("appid = \"wx1\"\nsecret = \"hush\"", "`secret`"),
            ("appid = \"wx1\"\nconfig = \"hush\"", "`config`"),
            ("appid = \"wx1\"\nlisten = 1.5", "`listen`"),
            ("appid = \"wx1\"\n[listen]\nport = 1", "`listen`"),
            ("appid = \"wx1\"\nlisten = \"here\"", "--listen"),
            ("appid = \"wx1\"\nidle-timeout = 0", "--idle-timeout"),
            ("hush", "--config"),
        ] {
            let error = read(&[], text).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        for arguments in [
            ["--config", "/nowhere/at/all"].as_slice(),
            &["--config=/nowhere/at/all"],
        ] {
            let arguments = [&["wxsession-server"], arguments].concat();
            let arguments = arguments.iter().map(OsString::from).collect();
            let error = Options::read_from(arguments, None).unwrap_err().to_string();
            assert!(error.contains("/nowhere/at/all"), "{error}");
        }
        let arguments = vec![OsString::from("wxsession-server")];
        let error = Options::read_from(arguments, Some("/nowhere".into())).unwrap_err();
        assert!(error.to_string().contains("/nowhere"), "{error}");
    }
}
