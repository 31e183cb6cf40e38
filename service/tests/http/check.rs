//! Settings that are tried out before they serve.

use std::path::Path;
use std::process::Command;

use wxsession_provider::FakeProvider;
use wxsession_simulator::{App, FakeWeChat, Fault, Faults, Settings, serve};

use crate::common::simulator;
use crate::program::{Running, SECRET, program, secret_file};
use crate::user_database::{TOKEN, UserDatabase};

/// The errand with one mini program, its store in this folder.
fn check(api: &str, data: &Path) -> Command {
    let app = App::simulated();
    let mut command = program();
    command.args(["check", "--wechat-api", api, "--appid", &app.appid]);
    command.arg("--data").arg(data);
    command.env("WXSESSION_SECRET", app.secret);
    command
}

/// Whether everything is right, and what was said.
fn outcome(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_work_are_right_line_by_line_and_leave_nothing_behind() {
    let (wechat, api) = simulator().await;
    let database = UserDatabase::open().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (is_right, said) = outcome(&mut check(&api, &data));
    assert!(is_right, "{said}");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines.iter().all(|line| line.starts_with("ok    ")),
        "{said}"
    );
    assert!(!data.exists());

    let running = Running::start(&data, &wechat, &api).await;
    let (is_right, said) = outcome(&mut check(&api, &data));
    assert!(
        is_right && said.contains("a running server uses it"),
        "{said}"
    );
    running.stop();
    running.end();

    let file = folder.path().join("settings.toml");
    let hook = format!("accounts-hook = \"{}\"\n", database.url());
    std::fs::write(&file, hook).unwrap();
    let mut command = check(&api, &data);
    command.env("WXSESSION_CONFIG", &file);
    command.env("WXSESSION_ACCOUNTS_HOOK_TOKEN", TOKEN);
    let (is_right, said) = outcome(&mut command);
    assert!(is_right, "{said}");
    assert!(said.contains("reads and writes"), "{said}");
    assert!(said.contains("ok    key ring"), "{said}");
    assert!(
        said.contains(&format!("{0} answers of {0}", database.calls())),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_its_remedy_and_without_secrets() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let wrong = |command: &mut Command| {
        let (is_right, said) = outcome(command);
        assert!(!is_right && said.contains("\nerror: "), "{said}");
        let App { secret, .. } = App::simulated();
        assert!(!said.contains(SECRET) && !said.contains(&secret), "{said}");
        let (_, after) = said.split_once("WRONG ").unwrap();
        assert!(
            after.lines().nth(1).unwrap().starts_with("      "),
            "{said}"
        );
        after.to_owned()
    };
    let said = wrong(check(&api, &missing).env("WXSESSION_SECRET", SECRET));
    assert!(said.contains("40125"), "{said}");
    let said = wrong(check(&api, &missing).env("WXSESSION_SECRET", App::simulated().appid));
    assert!(said.contains("swap the two"), "{said}");
    let said = wrong(&mut check("http://127.0.0.1:9", &missing));
    assert!(
        said.contains("cannot be reached") && said.contains("refused"),
        "{said}"
    );
    wechat.faults(Faults::next([Fault::Busy]));
    let said = wrong(&mut check(&api, &missing));
    assert!(said.contains("busy"), "{said}");

    let settings = Settings {
        any_code: true,
        ..Settings::default()
    };
    let impostor = FakeWeChat::with_settings([App::simulated()], settings);
    let (impostor, _serving) = serve(impostor).await.unwrap();
    let said = wrong(&mut check(&impostor, &missing));
    assert!(
        said.contains("--wechat-api leads to something else"),
        "{said}"
    );

    let data = folder.path().join("data");
    Running::start(&data, &wechat, &api).await.stop();
    std::fs::write(data.join("sessions.redb"), "something else").unwrap();
    let said = wrong(&mut check(&api, &data));
    assert!(
        said.contains("sessions.redb") && said.contains("restore it"),
        "{said}"
    );

    std::fs::write(data.join("keyring"), "1 short\n").unwrap();
    let said = wrong(&mut check(&api, &data));
    assert!(
        said.starts_with("key ring") && said.contains("line 1"),
        "{said}"
    );

    let ring = folder.path().join("ring");
    secret_file(&ring, "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let mut redis = check(&api, &missing);
    redis.args(["--store", "redis", "--keyring"]).arg(&ring);
    let said = wrong(redis.env("WXSESSION_REDIS", "redis://:hush@127.0.0.1:9"));
    assert!(
        said.contains("store, redis") && !said.contains("hush"),
        "{said}"
    );

    let mut internal = check(&api, &missing);
    let said = wrong(internal.env("WXSESSION_INTERNAL", "0.0.0.0:8081"));
    assert!(said.contains("WXSESSION_INTERNAL_TOKEN"), "{said}");
    assert!(
        said.contains("set in the environment variable WXSESSION_INTERNAL"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_party_that_publishes_nothing_is_found_before_its_users_come() {
    let (_, api) = simulator().await;
    let provider = FakeProvider::serve().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let with = |issuer: &str| {
        let mut command = check(&api, folder.path());
        command.args(["--store", "memory", "--accounts", "trying-out"]);
        let setting = format!("school={issuer},wxsession");
        outcome(command.args(["--provider", &setting]))
    };
    let (is_right, said) = with(provider.issuer());
    assert!(
        is_right && said.contains("ok    third party school"),
        "{said}"
    );
    let (is_right, said) = with(&format!("{}/another", provider.issuer()));
    assert!(
        !is_right && said.contains("WRONG third party school"),
        "{said}"
    );
    assert!(said.contains("--provider"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_the_backend_takes_connections_is_tried_out() {
    let (_wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let backend = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", backend.local_addr().unwrap());
    let mut command = check(&api, &data);
    let (is_right, said) = outcome(command.args(["--upstream", &url]));
    assert!(is_right, "{said}");
    assert!(
        said.contains(&format!("ok    backend, {url}: takes connections")),
        "{said}"
    );
    drop(backend);
    let (is_right, said) = outcome(&mut command);
    assert!(!is_right, "{said}");
    assert!(
        said.contains("WRONG backend") && said.contains("--upstream"),
        "{said}"
    );
}
