//! Environment variables that look like settings and are none.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::similar::similar;

const PREFIX: &str = "WXSESSION_";

/// What to log about the names among these that are no setting. A server ignores them, because Kubernetes gives every pod
/// variables that are named after services, and a service may be called wxsession.
pub(super) fn ignored(command: &Command, names: impl Iterator<Item = OsString>) -> Vec<String> {
    let is_setting = |name: &str| {
        let mut variables = command.get_arguments().filter_map(Arg::get_env);
        variables.any(|variable| variable == name || holds_secret(variable.to_str(), name))
    };
    let names = names.filter_map(|name| name.into_string().ok());
    let names = names.filter(|name| name.starts_with(PREFIX) && !is_of_kubernetes(name));
    let ignored = names.filter(|name| !is_setting(name)).map(|name| {
        let flags = command
            .get_arguments()
            .filter(|flag| flag.get_env().is_some());
        let meant = similar(&name, flags.filter_map(Arg::get_long));
        let meant = meant.map(|flag| format!("; did you mean the variable of --{flag}?"));
        format!(
            "{name} is no setting and is ignored{}",
            meant.unwrap_or_default()
        )
    });
    ignored.collect()
}

/// Whether a secret comes from this variable, for which the other one names a file.
fn holds_secret(of_file: Option<&str>, name: &str) -> bool {
    const SEVERAL: &str = "WXSESSION_APPS_FILE";
    let of_file = of_file.filter(|variable| *variable != SEVERAL);
    of_file.and_then(|variable| variable.strip_suffix("_FILE")) == Some(name)
}

fn is_of_kubernetes(name: &str) -> bool {
    let parts = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT_"];
    parts.iter().any(|part| name.contains(part)) || name.ends_with("_PORT")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::ignored;
    use crate::config::command::described;

    #[test]
    fn a_misspelt_variable_is_told_and_those_of_others_are_not() {
        let names = [
            "PATH",
            "WXSESSION_IDLE_TIMEOUT",
            "WXSESSION_SECRET",
            "WXSESSION_REDIS",
            "WXSESSION_INTERNAL_TOKEN",
            "WXSESSION_CONFIG",
            "WXSESSION_PORT",
            "WXSESSION_SERVICE_HOST",
            "WXSESSION_PORT_8080_TCP_ADDR",
            "WXSESSION_IDEL_TIMEOUT",
            "WXSESSION_APPS",
            "WXSESSION_COLOUR",
        ];
        let told = ignored(&described(&[]), names.map(OsString::from).into_iter());
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("WXSESSION_IDEL_TIMEOUT"), "{told:?}");
        assert!(told[0].contains("--idle-timeout"), "{told:?}");
        assert!(told[1].contains("--apps-file"), "{told:?}");
        assert!(!told[2].contains("did you mean"), "{told:?}");
    }
}
