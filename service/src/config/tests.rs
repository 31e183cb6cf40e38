use clap::{Arg, Command, Parser};

use super::Options;

fn refusal(arguments: &[&str]) -> String {
    let always = ["wxsession-server", "--appid", "wx0123456789abcdef"];
    Options::try_parse_from(always.iter().chain(arguments))
        .unwrap_err()
        .to_string()
}

#[test]
fn a_wrong_value_names_its_flag() {
    for (flag, value) in [
        ("--listen", "8080"),
        ("--appid", "wx 1"),
        ("--wechat-api", "ftp://api.weixin.qq.com"),
        ("--wechat-api", "https://api.weixin.qq.com/sns"),
        ("--store", "disk"),
        ("--idle-timeout", "0"),
        ("--absolute-timeout", "7d"),
        ("--log", "loud"),
        ("--max-connections", "0"),
        ("--sign-in-rate", "often"),
        ("--sign-in-burst", "0"),
        ("--trusted-proxy", "10.0.0.0/40"),
        ("--trusted-proxy", "proxy.example.com"),
    ] {
        let text = refusal(&[flag, value]);
        assert!(text.contains(flag), "{flag} {value}: {text}");
    }
}

#[test]
fn an_address_that_may_have_credentials_in_it_is_not_shown() {
    for address in [
        "https://user:hush@api.weixin.qq.com",
        "https://hush@api.weixin.qq.com",
        "https://api.weixin.qq.com/?secret=hush",
        "https://user:hush@",
        "hush",
    ] {
        let text = refusal(&["--wechat-api", address]);
        assert!(text.contains("--wechat-api"), "{text}");
        assert!(!text.contains("hush"), "{text}");
    }
}

#[test]
fn the_secret_is_no_flag() {
    assert!(refusal(&["--secret", "hush"]).contains("--secret"));
}

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
        let help = described(argument);
        let flag = argument.get_long().unwrap();
        let (variable, default) = (variable.display(), defaults.join(", "));
        rows += &format!("| `--{flag}` | `{variable}` | {default} | {help} |\n");
    }
    rows
}

/// The text of `--help` for a setting, on one line.
fn described(argument: &Arg) -> String {
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
    let table = table(&Options::described(&[]));
    assert_eq!(
        listed.trim(),
        table.trim(),
        "put this into service/docs/settings.md:\n{table}"
    );
}
