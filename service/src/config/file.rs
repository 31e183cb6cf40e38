//! The settings file: TOML whose keys are the flags without their dashes. A flag overrides the environment, which
//! overrides the file.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Arg, Command, Id};
use toml::de::{DeTable, DeValue};

use super::running;
use super::similar::similar;

/// The flag that names the file, and its environment variable.
const FLAG: &str = "--config";
const ID: &str = "config";
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
    Arg::new(ID)
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

/// What a settings file says.
#[derive(Debug)]
pub(super) struct SettingsFile {
    path: PathBuf,
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct Setting {
    name: String,
    line: usize,
    /// `None` for a value that no setting has.
    values: Option<Vec<String>>,
}

impl SettingsFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read or is not TOML.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            let place = path.display();
            format!("{FLAG}: {place} cannot be read; check its path and owner")
        })?;
        Self::parse(path, &text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let line_at = |offset: usize| {
            let before = text.as_bytes().iter().take(offset);
            1 + before.filter(|byte| **byte == b'\n').count()
        };
        let path = path.to_owned();
        let table = DeTable::parse(text).map_err(|error| {
            // Not the error's own text, which shows the line.
            let line = line_at(error.span().map_or(0, |span| span.start));
            anyhow!(
                "{FLAG}: {}, line {line} is not TOML: {}; write settings as in listen = \"127.0.0.1:8080\"",
                path.display(),
                error.message()
            )
        })?;
        let settings = table.into_inner().into_iter().map(|(name, value)| Setting {
            line: line_at(name.span().start),
            name: name.into_inner().into_owned(),
            values: texts(value.get_ref()),
        });
        let mut settings: Vec<_> = settings.collect();
        settings.sort_by_key(|setting| setting.line);
        Ok(Self { path, settings })
    }

    /// The line that sets this.
    pub(super) fn place_of(&self, name: &str) -> Option<String> {
        let setting = self.settings.iter().find(|setting| setting.name == name)?;
        Some(self.place(setting))
    }

    fn place(&self, setting: &Setting) -> String {
        format!("{}, line {}", self.path.display(), setting.line)
    }

    /// The command, and each of its errands, with the file's values in place of the defaults.
    ///
    /// # Errors
    /// The file has a key or value that is not a setting.
    pub(super) fn apply(&self, mut command: Command) -> anyhow::Result<Command> {
        for setting in &self.settings {
            let name = &setting.name;
            let place = self.place(setting);
            let Some(id) = settings_of(&command)
                .find(|argument| argument.get_long() == Some(name))
                .map(|argument| argument.get_id().clone())
            else {
                bail!(
                    "{FLAG}: {place}: `{name}` is no setting; {}",
                    remedy(&command, name)
                );
            };
            let Some(values) = &setting.values else {
                bail!("{FLAG}: {place}: `{name}` must be a text, a number or a list of them");
            };
            command = with_default(command, &id, values);
            command = command.mut_subcommands(|errand| with_default(errand, &id, values));
        }
        Ok(command)
    }
}

/// What can stand in a file.
fn settings_of(command: &Command) -> impl Iterator<Item = &Arg> {
    let is_setting = |argument: &&Arg| argument.get_env().is_some() && argument.get_id() != ID;
    command.get_arguments().filter(is_setting)
}

fn with_default(command: Command, id: &Id, values: &[String]) -> Command {
    if command
        .get_arguments()
        .all(|argument| argument.get_id() != id)
    {
        return command;
    }
    let values = values.to_vec();
    command.mut_arg(id, |argument| argument.default_values(values))
}

/// What to write instead of a name that is no setting.
fn remedy(command: &Command, name: &str) -> String {
    let names = || settings_of(command).filter_map(Arg::get_long);
    let in_a_file = format!("{name}-file");
    if names().any(|name| name == in_a_file) {
        return format!(
            "this file is not for secrets: put the secret into a file of its own, and name that with `{in_a_file}`"
        );
    }
    match similar(name, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`--help` lists them".to_owned(),
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(text) => Some(vec![text.to_string()]),
        DeValue::Integer(number) => Some(vec![number.to_string()]),
        DeValue::Boolean(flag) => Some(vec![flag.to_string()]),
        DeValue::Array(values) => {
            let texts = values.iter().map(|value| texts(value.get_ref()));
            Some(texts.collect::<Option<Vec<_>>>()?.concat())
        }
        _ => None,
    }
}
