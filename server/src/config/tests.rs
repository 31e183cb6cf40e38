use clap::Parser;
use secrecy::ExposeSecret;

use super::{Options, secret};

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

#[test]
fn the_secret_comes_from_the_environment_or_a_file_but_not_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "hush\n").unwrap();
    let from_file = secret(None, Some(&file)).unwrap();
    assert_eq!(from_file.expose_secret(), "hush");
    let from_environment = secret(Some("hush".into()), None).unwrap();
    assert_eq!(from_environment.expose_secret(), "hush");
    for (environment, file) in [(Some("hush".into()), Some(file.as_path())), (None, None)] {
        let error = secret(environment, file).unwrap_err().to_string();
        assert!(error.contains("WXSESSION_SECRET"), "{error}");
    }
}

#[test]
fn an_unusable_secret_is_refused_and_its_place_named() {
    let empty = secret(Some("".into()), None).unwrap_err().to_string();
    assert!(empty.contains("WXSESSION_SECRET"), "{empty}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "two words\n").unwrap();
    let bad = secret(None, Some(&file)).unwrap_err().to_string();
    assert!(
        bad.contains("--secret-file") && bad.contains(file.to_str().unwrap()),
        "{bad}"
    );
    assert!(!bad.contains("two words"), "{bad}");
    let missing = secret(None, Some("/nowhere/at/all".as_ref()))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("--secret-file"), "{missing}");
}
