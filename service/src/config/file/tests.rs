use std::ffi::OsString;

use crate::config::{CommandLine, Options, Task};

/// The settings of a server with these arguments and a settings file with this text.
fn options(arguments: &[&str], text: &str) -> Box<Options> {
    match read(arguments, text).unwrap().task {
        Task::Serve(options) => options,
        Task::Run(errand) => panic!("{errand:?}"),
    }
}

/// The result of these arguments and a settings file with this text.
fn read(arguments: &[&str], text: &str) -> Result<CommandLine, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wxsession.toml");
    std::fs::write(&path, text).unwrap();
    let arguments = [&["wxsession-server"], arguments].concat();
    let arguments = arguments.iter().map(OsString::from).collect();
    match CommandLine::read_from(arguments, Some(path.into())) {
        Ok(Ok(command_line)) => Ok(command_line),
        Ok(Err((error, origins))) => {
            let error = error.to_string();
            Err(format!("{error}{}", origins.explain(&error)))
        }
        Err(error) => Err(format!("{error:#}")),
    }
}

#[test]
fn the_file_stands_in_for_defaults_and_flags_go_before_it() {
    let text = "listen = \"127.0.0.1:1\"\nidle-timeout = 60\n";
    let alone = options(&[], text);
    assert_eq!(alone.listen.port(), 1);
    assert_eq!(alone.lifetimes().unwrap().idle.as_secs(), 60);
    let beside = options(&["--idle-timeout", "90"], text);
    assert_eq!(beside.lifetimes().unwrap().idle.as_secs(), 90);
    assert_eq!(beside.listen.port(), 1);
}

#[test]
fn a_line_that_sets_nothing_is_named_with_its_remedy_and_never_shown() {
    for (text, named) in [
        (
            "log = \"warn\"\nsecret = \"hush\"",
            "line 2: `secret` is no setting; this file is not for secrets",
        ),
        ("secret = \"hush\"", "name that with `secret-file`"),
        ("internal-token = \"hush\"", "`internal-token-file`"),
        ("redis = \"redis://:hush@host\"", "`redis-file`"),
        ("config = \"hush\"", "line 1: `config` is no setting"),
        ("help = \"hush\"", "line 1: `help` is no setting"),
        (
            "\nidel-timeout = 1",
            "line 2: `idel-timeout` is no setting; did you mean `idle-timeout`?",
        ),
        ("idle_timeout = 1", "did you mean `idle-timeout`?"),
        ("WXSESSION_IDLE_TIMEOUT = 1", "did you mean `idle-timeout`?"),
        ("\"--listen\" = 1", "did you mean `listen`?"),
        (
            "trusted-proxies = \"hush\"",
            "did you mean `trusted-proxy`?",
        ),
        ("colour = \"hush\"", "`--help` lists them"),
        ("listen = 1.5", "line 1: `listen` must be"),
        (
            "log = \"warn\"\n[listen]\nport = 1",
            "line 2: `listen` must be",
        ),
        ("log = \"warn\"\n\nhush", "line 3 is not TOML"),
        ("log = hush", "line 1 is not TOML"),
        ("log = \"hush", "line 1 is not TOML"),
        (
            "log = \"warn\"\nlog = \"hush\"",
            "line 2 is not TOML: duplicate key",
        ),
    ] {
        let error = read(&[], text).unwrap_err();
        assert!(
            error.contains("--config") && error.contains(named),
            "{text}: {error}"
        );
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn an_errand_has_the_settings_of_the_file_too() {
    let read = read(&["check-hook"], "accounts-hook = \"http://127.0.0.1:9/\"\n");
    let hook = format!("{:?}", read.unwrap());
    assert!(hook.contains("127.0.0.1:9"), "{hook}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for arguments in [
        ["--config", "/nowhere/at/all"].as_slice(),
        &["--config=/nowhere/at/all"],
    ] {
        let arguments = [&["wxsession-server"], arguments].concat();
        let arguments = arguments.iter().map(OsString::from).collect();
        let error = CommandLine::read_from(arguments, None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nowhere/at/all"), "{error}");
    }
    let arguments = vec![OsString::from("wxsession-server")];
    let error = CommandLine::read_from(arguments, Some("/nowhere".into())).unwrap_err();
    assert!(error.to_string().contains("/nowhere"), "{error}");
}
