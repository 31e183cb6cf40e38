//! Values that no setting takes.

use std::collections::BTreeSet;
use std::ffi::OsString;

use crate::config::command::described;
use crate::config::{CommandLine, Task};

/// What a start with these arguments is refused with.
fn refusal(arguments: &[&str]) -> String {
    let words = [&["wxsession-server"], arguments].concat();
    let read = CommandLine::read_from(words.iter().map(OsString::from).collect(), None);
    let options = match read {
        Ok(Ok(CommandLine {
            task: Task::Serve(options),
            ..
        })) => options,
        Ok(Ok(_)) => panic!("{arguments:?}"),
        Ok(Err((error, _))) => return error.to_string(),
        Err(error) => return format!("{error:#}"),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _runtime = runtime.enter();
    // In the order of a start. The secret of the mini program is missing in most of these.
    let steps: [&dyn Fn() -> Option<anyhow::Error>; 9] = [
        &|| options.lifetimes().err(),
        &|| options.wechat().err().filter(|_| is_about_apps(arguments)),
        &|| options.proof_target().err(),
        &|| options.certificate().err(),
        &|| options.internal_token().err(),
        &|| options.authority().err(),
        &|| options.compatibility().err(),
        &|| runtime.block_on(options.upstream()).err(),
        &|| options.open_store().err(),
    ];
    match steps.iter().find_map(|step| step()) {
        Some(error) => format!("{error:#}"),
        None => panic!("it starts with {arguments:?}"),
    }
}

fn is_about_apps(arguments: &[&str]) -> bool {
    let is_about_one = |flag: &str| {
        let names = |argument: &&str| argument.split('=').next() == Some(flag);
        arguments.iter().any(names)
    };
    let is_beside = arguments.starts_with(&BESIDE);
    (is_about_one("--appid") && !is_beside)
        || is_about_one("--secret-file")
        || is_about_one("--apps-file")
}

/// What stands beside the settings that are tried.
const BESIDE: [&str; 4] = ["--appid", "wx0123456789abcdef", "--store", "memory"];

/// Values that no setting takes, and what to write instead.
const WRONG: [(&str, &[(&str, &str)]); 47] = [
    (
        "--appid",
        &[
            ("wx 1", "wx0123456789abcdef"),
            ("hello", "wx0123456789abcdef"),
        ],
    ),
    ("--secret-file", &[("/nowhere", "/nowhere")]),
    ("--apps-file", &[("/nowhere", "/nowhere")]),
    (
        "--wechat-api",
        &[
            ("ftp://api.weixin.qq.com", "https://api.weixin.qq.com"),
            ("https://api.weixin.qq.com/sns", "https://api.weixin.qq.com"),
        ],
    ),
    (
        "--listen",
        &[
            ("8080", "127.0.0.1:8080"),
            ("localhost:8080", "127.0.0.1:8080"),
        ],
    ),
    (
        "--trusted-proxy",
        &[
            ("10.0.0.0/40", "10.0.0.0/8"),
            ("proxy.example.com", "192.0.2.7"),
        ],
    ),
    ("--tls-cert", &[("/nowhere", "--tls-key")]),
    ("--tls-key", &[("/nowhere", "--tls-cert")]),
    (
        "--max-connections",
        &[("0", "from 1"), ("many", "whole number"), ("-1", "from 1")],
    ),
    (
        "--sign-in-rate",
        &[
            ("often", "from 0"),
            ("0.5", "whole number"),
            ("-1", "from 0"),
        ],
    ),
    (
        "--sign-in-burst",
        &[("0", "from 1"), ("5000000000", "to 4294967295")],
    ),
    (
        "--upstream",
        &[
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://127.0.0.1:3000/hush", "http://127.0.0.1:3000"),
            ("http://hush@127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://app.example.com", "http://127.0.0.1:3000"),
            ("http://127.0.0.1:8080", "--listen"),
        ],
    ),
    (
        "--upstream-public",
        &[
            ("/", "as in /public"),
            ("public", "as in /public"),
            ("/public", "--upstream "),
        ],
    ),
    ("--upstream-sessionid", &[("yes", "passed")]),
    (
        "--upstream-timeout",
        &[("0", "from 1"), ("1m", "in digits")],
    ),
    (
        "--upstream-max-requests",
        &[("0", "from 1"), ("many", "whole number")],
    ),
    (
        "--internal",
        &[
            ("8081", "127.0.0.1:8081"),
            ("localhost:8081", "127.0.0.1:8081"),
            ("/run/internal.sock", "unix:/run"),
            ("unix:", "unix:/run"),
            ("unix", "unix:/run"),
            ("0.0.0.0:8081", "--internal-token-file"),
        ],
    ),
    ("--internal-token-file", &[("/nowhere", "/nowhere")]),
    (
        "--accounts-hook",
        &[("hush", "http://127.0.0.1:3001/sign-in")],
    ),
    ("--accounts-hook-token-file", &[("/nowhere", "/nowhere")]),
    ("--accounts", &[("yes", "built-in")]),
    (
        "--password-min",
        &[("7", "from 8 to 64"), ("65", "from 8 to 64")],
    ),
    ("--provider", &[("school", "school=https://")]),
    ("--deliver-hook", &[("hush", "--accounts built-in")]),
    (
        "--deliver-hook-token-file",
        &[("/nowhere", "--accounts built-in")],
    ),
    ("--codes-an-hour", &[("0", "from 1")]),
    ("--events-hook", &[("hush", "--accounts built-in")]),
    (
        "--events-hook-token-file",
        &[("/nowhere", "--accounts built-in")],
    ),
    (
        "--compat",
        &[
            ("wafer3", "weapp-session, wafer or wafer2"),
            ("wafer=login", "/api/login"),
            ("wafer2=/wx/login", "another path"),
            ("weapp-session", "--internal"),
        ],
    ),
    ("--store", &[("disk", "redb"), ("Redis", "redis")]),
    ("--data", &[("/dev/null/folder", "name one that can")]),
    ("--redis-file", &[("/nowhere", "/nowhere")]),
    ("--redis-ca", &[("/nowhere", "--store redis")]),
    ("--redis-cert", &[("/nowhere", "--store redis")]),
    ("--redis-key", &[("/nowhere", "--store redis")]),
    (
        "--redis-wait-replicas",
        &[("17", "from 0 to 16"), ("1", "--store redis")],
    ),
    (
        "--redis-deadline",
        &[
            ("0", "from 10 to 10000"),
            ("100ms", "in digits alone"),
            ("200", "--store redis"),
        ],
    ),
    ("--keyring", &[("/nowhere", "--store redis")]),
    (
        "--idle-timeout",
        &[
            ("0", "from 1"),
            ("2h", "in digits alone"),
            ("604801", "--idle-timeout 604800"),
        ],
    ),
    (
        "--absolute-timeout",
        &[
            ("7d", "in digits alone"),
            ("99999999", "to 31622400"),
            ("60", "--idle-timeout 60"),
        ],
    ),
    (
        "--renew-for",
        &[("30d", "in digits alone"), ("-1", "from 0")],
    ),
    ("--proof", &[("on", "offered"), ("Off", "required")]),
    (
        "--proof-target",
        &[("nginx", "x-forwarded"), ("x-original", "--internal")],
    ),
    ("--stop-delay", &[("3601", "from 0 to 3600")]),
    ("--log", &[("loud", "debug")]),
    ("--config", &[("/nowhere", "/nowhere")]),
    ("--no-such-flag", &[("1", "--help")]),
];

#[test]
fn every_setting_refuses_wrong_values_by_its_name_and_with_a_remedy() {
    for (flag, values) in WRONG {
        for (value, remedy) in values {
            let beside = match flag {
                "--appid" | "--apps-file" | "--store" | "--data" => &[][..],
                _ => &BESIDE,
            };
            let text = refusal(&[beside, &[flag, value]].concat());
            assert!(text.contains(flag), "{flag} {value}: {text}");
            assert!(text.contains(remedy), "{flag} {value}: {text}");
            assert!(!text.contains("hush"), "{flag} {value}: {text}");
        }
        if flag != "--no-such-flag" {
            let text = refusal(&[&BESIDE[..], &[flag]].concat());
            assert!(text.contains(flag), "{flag} without a value: {text}");
            let beside = if flag == "--appid" { &[][..] } else { &BESIDE };
            let text = refusal(&[beside, &[&format!("{flag}=")]].concat());
            assert!(text.contains(flag), "{flag} with an empty value: {text}");
        }
    }
    let all = described(&[]);
    let all = all.get_arguments().filter(|flag| flag.get_env().is_some());
    let all: BTreeSet<_> = all
        .map(|flag| format!("--{}", flag.get_long().unwrap()))
        .collect();
    let tried = WRONG.map(|(flag, _)| flag.to_owned());
    let missing: Vec<_> = all.difference(&BTreeSet::from(tried)).cloned().collect();
    assert_eq!(missing, Vec::<String>::new());
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
