//! Files with secrets: one rule for all of them.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use clap::Args;
use wxsession_service::config::Options;

use crate::program::{SECRET, program, refusal, secret_file};

const RING: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

/// Every flag that names a file with a secret in it.
fn flags() -> Vec<String> {
    let command = Options::augment_args(clap::Command::new("wxsession-server"));
    let flags = command
        .get_arguments()
        .filter_map(|flag| flag.get_long())
        .filter(|flag| {
            flag.ends_with("-file")
                || ["tls-key", "redis-key", "keyring", "provider"].contains(flag)
        });
    flags.map(|flag| format!("--{flag}")).collect()
}

/// A start with this file for this flag, and with what the flag needs beside it.
fn start(flag: &str, file: &Path, ring: &Path) -> Command {
    let mut command = program();
    if flag != "--apps-file" {
        command.env("WXSESSION_APPID", "wx0123456789abcdef");
    }
    if !["--secret-file", "--apps-file"].contains(&flag) {
        command.env("WXSESSION_SECRET", SECRET);
    }
    match flag {
        "--provider" => {
            let provider = format!("a=https://id.example.com,b,{}", file.display());
            command.args(["--accounts", "built-in", flag, &provider]);
        }
        "--deliver-hook-token-file" | "--events-hook-token-file" => {
            command.args(["--accounts", "built-in"]).arg(flag).arg(file);
        }
        "--redis-key" => {
            command.args(["--store", "redis", "--keyring"]).arg(ring);
            command.env("WXSESSION_REDIS", "rediss://127.0.0.1:9");
            command.arg("--redis-cert").arg(file).arg(flag).arg(file);
        }
        "--redis-file" => {
            command.args(["--store", "redis", "--keyring"]).arg(ring);
            command.arg(flag).arg(file);
        }
        "--keyring" => {
            command.args(["--store", "redis", flag]).arg(file);
        }
        "--tls-key" => {
            command.arg("--tls-cert").arg(file).arg(flag).arg(file);
        }
        _ => {
            command.arg(flag).arg(file);
        }
    }
    // Nobody can listen on the second address, so every start fails, and the message names the first obstacle. The token of
    // the internal listener is read after it.
    let listen = match flag {
        "--internal-token-file" => "127.0.0.1:0",
        _ => "192.0.2.1:1",
    };
    command.args(["--listen", listen]);
    command
}

#[test]
fn no_secret_comes_from_a_file_that_others_can_read_or_change() {
    let folder = tempfile::tempdir().unwrap();
    let (file, ring) = (folder.path().join("file"), folder.path().join("ring"));
    secret_file(&ring, RING);
    let certificate = rcgen::generate_simple_self_signed(["a.example".into()]).unwrap();
    assert!(flags().len() >= 10, "{:?}", flags());
    for flag in flags() {
        let text = match &*flag {
            "--tls-key" | "--redis-key" => {
                certificate.cert.pem() + &certificate.signing_key.serialize_pem()
            }
            _ => SECRET.to_owned(),
        };
        secret_file(&file, &text);
        let refused = |mode| {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let mut command = start(&flag, &file, &ring);
            refusal(command.current_dir(folder.path()))
        };
        for mode in [0o644, 0o604, 0o660] {
            let said = refused(mode);
            let remedy = format!("chmod 600 {}", file.display());
            let is_named = said.contains(&remedy) && said.contains(&flag);
            assert!(is_named, "{flag} {mode:o}: {said}");
            assert!(!said.contains(SECRET), "{flag}: {said}");
        }
        let said = refused(0o600);
        assert!(!said.contains("chmod"), "{flag}: {said}");
    }
}
