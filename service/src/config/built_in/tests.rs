use clap::{Parser, ValueEnum};

use super::BuiltInOptions;
use crate::config::store::{StoreKind, StoreOptions};

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    accounts: BuiltInOptions,
    #[command(flatten)]
    store: StoreOptions,
}

fn parsed(arguments: &[&str], store: StoreKind) -> Program {
    let store = store.to_possible_value().unwrap();
    let store = ["program", "--store", store.get_name()];
    Program::parse_from(store.iter().chain(arguments))
}

fn settings(arguments: &[&str], store: StoreKind) -> Result<bool, String> {
    let program = parsed(arguments, store);
    let settings = program.accounts.settings(&program.store);
    let settings = settings.map_err(|error| format!("{error:#}"))?;
    Ok(settings.is_some())
}

#[test]
fn accounts_are_not_kept_in_memory_unless_that_is_asked_for() {
    let (built_in, trying_out) = (["--accounts", "built-in"], ["--accounts", "trying-out"]);
    assert_eq!(settings(&[], StoreKind::Redb), Ok(false));
    assert_eq!(settings(&built_in, StoreKind::Redb), Ok(true));
    assert_eq!(settings(&built_in, StoreKind::Redis), Ok(true));
    assert_eq!(settings(&trying_out, StoreKind::Memory), Ok(true));
    let refused = settings(&built_in, StoreKind::Memory).unwrap_err();
    assert!(refused.contains("--accounts trying-out"), "{refused}");
}

#[test]
fn only_a_redis_whose_writes_wait_for_no_replica_can_lose_a_new_password() {
    let warning = |arguments: &[&str], store| parsed(arguments, store).store.warning_of_accounts();
    for store in [StoreKind::Redb, StoreKind::Memory] {
        assert_eq!(warning(&[], store), None);
    }
    let loses = |arguments: &[&str]| {
        let warning = warning(arguments, StoreKind::Redis).unwrap();
        warning.contains("can lose a new password")
    };
    assert!(loses(&[]));
    assert!(!loses(&["--redis-wait-replicas", "1"]));
}

#[test]
fn settings_of_accounts_without_accounts_are_refused() {
    for (flag, value) in [
        ("--provider", "school=https://id.example.edu.cn,wxsession"),
        ("--deliver-hook", "http://127.0.0.1:3001/codes"),
        ("--events-hook", "unix:/run/app/events.sock"),
    ] {
        let refused = settings(&[flag, value], StoreKind::Redb).unwrap_err();
        assert!(refused.contains(flag) && refused.contains("--accounts built-in"));
        let accepted = settings(&["--accounts", "built-in", flag, value], StoreKind::Redb);
        assert_eq!(accepted, Ok(true));
    }
}

#[test]
fn an_unusable_setting_is_named_and_its_secret_is_not_shown() {
    let (school, elsewhere) = (
        "school=https://id.example.edu.cn,wxsession",
        "school=https://id.example.cn,wxsession",
    );
    let without_secret = "school=https://id.example.cn,wxsession,/nowhere/at/all";
    for (arguments, named) in [
        (
            &["--deliver-hook", "http://user:hush@127.0.0.1/"][..],
            "--deliver-hook",
        ),
        (&["--events-hook", "hush"], "--events-hook"),
        (
            &["--provider", school, "--provider", elsewhere],
            "--provider",
        ),
        (&["--provider", without_secret], "/nowhere/at/all"),
        (
            &["--deliver-hook-token-file", "/nowhere/at/all"],
            "--deliver-hook-token-file",
        ),
    ] {
        let arguments = [&["--accounts", "built-in"], arguments].concat();
        let refused = settings(&arguments, StoreKind::Redb).unwrap_err();
        assert!(refused.contains(named), "{arguments:?} {refused}");
        assert!(!refused.contains("hush"), "{refused}");
    }
}
