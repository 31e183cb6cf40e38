//! The command line apart from serving, as a shell sees it.

use std::fs;
use std::process::{Command, Output};

use crate::program::{SECRET, program, refusal};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];

fn output(command: &mut Command) -> String {
    let Output { status, stdout, .. } = command.output().unwrap();
    assert!(status.success());
    String::from_utf8(stdout).unwrap()
}

/// The completions that bash offers for the last of these words.
fn offered(script: &str, words: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions");
    fs::write(&file, script).unwrap();
    let last = words.len() - 1;
    let ask = format!(
        "source \"$1\"; shift; completion=$(complete -p \"$1\"); completion=${{completion#*-F }}; \
         COMP_WORDS=(\"$@\"); COMP_CWORD={last}; \
         \"${{completion%% *}}\" \"$1\" \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        last - 1
    );
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", &ask, "bash"])
        .arg(&file)
        .args(words);
    output(&mut bash)
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_completes_flags_and_their_values() {
    let script = output(program().args(["completions", "bash"]));
    let complete = |words: &[&str]| offered(&script, &[&["wxsession-server"], words].concat());
    assert_eq!(complete(&["--tls"]), ["--tls-cert", "--tls-key"]);
    assert_eq!(complete(&["--appid", "wx1", "--conf"]), ["--config"]);
    assert_eq!(complete(&["--store", "re"]), ["redb", "redis"]);
}

#[test]
fn each_shells_script_knows_each_flag() {
    let help = output(program().arg("--help"));
    let flags = help
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"));
    let flags: Vec<_> = flags
        .filter(|flag| flag.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    assert!(flags.len() > 20, "{flags:?}");
    for shell in SHELLS {
        let script = output(program().args(["completions", shell]));
        for flag in &flags {
            assert!(script.contains(flag), "{shell}: --{flag}");
        }
    }
}

#[test]
fn completions_take_no_setting_and_leave_none_unheeded() {
    let mut set = program();
    set.envs([
        ("WXSESSION_APPID", "wx0123456789abcdef"),
        ("WXSESSION_STORE", "memory"),
    ]);
    assert!(output(set.args(["completions", "bash"])).contains("--appid"));
    let text = refusal(program().args(["--store", "memory", "completions", "bash"]));
    assert!(text.contains("--store"), "{text}");
}

#[test]
fn the_help_of_completions_says_what_to_type() {
    for help in ["-h", "--help"] {
        let shown = output(program().args(["completions", help]));
        assert!(SHELLS.iter().all(|shell| shown.contains(shell)), "{shown}");
    }
    let shown = output(program().args(["completions", "--help"]));
    assert!(shown.contains("source <("), "{shown}");
    let text = refusal(program().arg("completions"));
    assert!(
        text.contains("<SHELL>") && text.contains("--help"),
        "{text}"
    );
}

#[test]
fn the_help_shows_nothing_that_is_set_on_this_machine() {
    for help in ["-h", "--help"] {
        for errand in [&[][..], &["check"], &["check-hook"]] {
            let mut command = program();
            command.args(errand).arg(help);
            command.env("WXSESSION_INTERNAL", "unix:/hush");
            let shown = output(command.env("WXSESSION_ACCOUNTS_HOOK", "http://127.0.0.1/hush"));
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}

#[test]
fn an_error_names_the_line_or_the_variable_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    let start = |text: &str| {
        fs::write(&file, text).unwrap();
        let mut command = program();
        command.arg("--config").arg(&file);
        command.args(["--appid", "wx0123456789abcdef", "--store", "memory"]);
        command.env("WXSESSION_SECRET", SECRET);
        command
    };
    let line = |number: u8| format!("{}, line {number}", file.display());
    // Found while the arguments are read.
    let said = refusal(&mut start("\nidle-timeout = \"soon\"\n"));
    assert!(
        said.contains(&format!("--idle-timeout is set in {}", line(2))),
        "{said}"
    );
    // Found later.
    let said = refusal(&mut start("log = \"warn\"\n\ntls-cert = \"/nowhere\"\n"));
    assert!(
        said.contains(&format!("--tls-cert is set in {}", line(3))),
        "{said}"
    );
    let said = refusal(start("").env("WXSESSION_IDLE_TIMEOUT", "soon"));
    let named = "--idle-timeout is set in the environment variable WXSESSION_IDLE_TIMEOUT";
    assert!(said.contains(named), "{said}");
    let said = refusal(start("idle-timeout = 1\n").args(["--idle-timeout", "soon"]));
    assert!(
        said.contains("soon") && !said.contains("is set in"),
        "{said}"
    );
}
