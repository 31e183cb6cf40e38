use std::path::Path;

use clap::Parser;

use super::StoreOptions;
use crate::config::secret::tests::written;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    store: StoreOptions,
}

/// The error of a start with these settings.
fn refusal(arguments: &[&str]) -> String {
    let program = Program::parse_from(["program"].iter().chain(arguments));
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let _runtime = runtime.as_ref().unwrap().enter();
    match program.store.open(&[], |_| {}) {
        Err(error) => format!("{error:#}"),
        Ok(_) => panic!("it starts with {arguments:?}"),
    }
}

const RING: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

#[test]
fn redis_takes_a_key_ring_that_is_there_and_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = written(folder.path(), "url", "redis://host\n");
    let always = ["--store", "redis", "--redis-file", &url];
    let missing = folder.path().join("keyring");
    let missing = missing.to_str().unwrap();
    for arguments in [&[][..], &["--keyring", missing]] {
        let text = refusal(&[&always, arguments].concat());
        assert!(
            text.contains("--keyring") && text.contains("openssl rand"),
            "{text}"
        );
    }
    assert!(!Path::new(missing).exists());
}

#[test]
fn a_wrong_url_of_redis_names_its_setting_and_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let ring = written(folder.path(), "keyring", RING);
    let always = ["--store", "redis", "--keyring", &ring];
    let text = refusal(&always);
    assert!(
        text.contains("WXSESSION_REDIS") && text.contains("--redis-file"),
        "{text}"
    );
    let url = written(folder.path(), "url", "http://:hush@host\n");
    let text = refusal(&[&always[..], &["--redis-file", &url]].concat());
    assert!(
        text.contains("--redis-file") && text.contains("redis://"),
        "{text}"
    );
    assert!(!text.contains("hush"), "{text}");
}

#[test]
fn certificates_that_are_none_name_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let ring = written(folder.path(), "keyring", RING);
    let url = written(folder.path(), "url", "rediss://host\n");
    let no_pem = written(folder.path(), "ca", "no certificate\n");
    for file in [no_pem.as_str(), "/nowhere/at/all"] {
        let text = refusal(&[
            "--store",
            "redis",
            "--keyring",
            &ring,
            "--redis-file",
            &url,
            "--redis-ca",
            file,
        ]);
        assert!(text.contains("--redis-ca") && text.contains(file), "{text}");
    }
}

#[test]
fn settings_of_redis_without_redis_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let url = written(folder.path(), "url", "redis://host\n");
    for (flag, value) in [
        ("--redis-file", url.as_str()),
        ("--redis-ca", "ca"),
        ("--redis-cert", "cert"),
        ("--redis-key", "key"),
        ("--redis-wait-replicas", "1"),
        ("--redis-deadline", "200"),
        ("--keyring", "ring"),
    ] {
        let text = refusal(&["--store", "memory", flag, value]);
        assert!(
            text.contains(flag) && text.contains("--store redis"),
            "{text}"
        );
    }
}
