mod wrong_values;

use clap::{Arg, Command};

use super::command::described;

/// The settings as the documentation lists them.
fn table(command: &Command) -> String {
    let mut rows = "| flag | environment | default | |\n|---|---|---|---|\n".to_owned();
    for argument in command.get_arguments() {
        let Some(variable) = argument.get_env() else {
            continue;
        };
        let defaults = argument.get_default_values().iter();
        let defaults: Vec<_> = defaults
            .map(|value| format!("`{}`", value.display()))
            .collect();
        let help = help_of(argument);
        let flag = argument.get_long().unwrap();
        let (variable, default) = (variable.display(), defaults.join(", "));
        rows += &format!("| `--{flag}` | `{variable}` | {default} | {help} |\n");
    }
    rows
}

/// The text of `--help` for a setting, on one line.
fn help_of(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut text = help.unwrap().to_string().replace("\n\n", " ");
    let values = argument.get_possible_values();
    let values = values
        .iter()
        .filter_map(|value| Some(format!("`{}`: {}", value.get_name(), value.get_help()?)));
    let values: Vec<_> = values.collect();
    if !values.is_empty() {
        text += &format!(". {}", values.join("; "));
    }
    text.trim_end_matches('.').to_owned()
}

#[test]
fn the_documentation_lists_every_setting() {
    let documentation = include_str!("../../docs/settings.md");
    let (_, listed) = documentation.split_once("<!-- settings -->\n").unwrap();
    let (listed, _) = listed.split_once("<!-- /settings -->").unwrap();
    let table = table(&described(&[]));
    assert_eq!(
        listed.trim(),
        table.trim(),
        "put this into service/docs/settings.md:\n{table}"
    );
}
