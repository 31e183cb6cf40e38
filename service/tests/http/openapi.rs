//! The server keeps to its OpenAPI documents: schemathesis reads them and searches for a request whose answer they do not
//! allow. `openapi.py` supplies the values that schemathesis cannot invent.

use std::env;
use std::path::Path;
use std::process::Command;

use wxsession_simulator::App;

use crate::common::{Server, problem, simulator};
use crate::watched::Watched;

/// What schemathesis found wrong at this address, whose document is there; empty if nothing.
fn findings(url: &str, document: &str, server: &str, wechat: &str) -> Option<String> {
    // `cargo xtask setup` installs it here; otherwise it must be on the PATH.
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [tools.join("bin")]
        .into_iter()
        .chain(env::split_paths(&path));
    let scratch = tempfile::tempdir().unwrap();
    let mut command = Command::new("schemathesis");
    command
        .args(["run", "--seed", "1", "--checks", "all", "--no-color"])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "10",
        ])
        .args(["--continue-on-failure", "--request-timeout", "30"])
        .args(["--url", url])
        .arg(document)
        .current_dir(scratch.path())
        .env("PATH", env::join_paths(path).unwrap())
        .env("NO_PROXY", "127.0.0.1")
        .env(
            "SCHEMATHESIS_HOOKS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/openapi.py"),
        )
        .env("WXSESSION_TEST_DOCUMENT", document)
        .env("WXSESSION_TEST_SERVER", server)
        .env("WXSESSION_TEST_WECHAT", wechat);
    let output = command.output().expect(
        "schemathesis cannot be started; `cargo xtask setup` installs it, or put it on the PATH",
    );
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    let tested = told.contains("generated");
    (!output.status.success() || !tested).then_some(told)
}

#[tokio::test]
async fn the_public_listener_tells_nobody_which_mini_programs_it_serves() {
    let server = Server::start().await;
    for path in [
        "/openapi.json",
        "/openapi/public.json",
        "/readyz",
        "/healthz",
        "/",
    ] {
        let answer = server.get(path).send().await.unwrap();
        let body = answer.text().await.unwrap();
        assert!(!body.contains(&App::simulated().appid), "{path}: {body}");
    }
    let answer = server.get("/openapi.json").send().await.unwrap();
    assert_eq!(problem(answer).await, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_listeners_do_what_their_documents_say_and_nothing_else() {
    let (wechat, api) = simulator().await;
    let settings = [
        ["--store", "memory"],
        ["--sign-in-rate", "0"],
        ["--proof", "offered"],
        ["--proof-target", "x-original"],
    ];
    let settings = settings.concat();
    let watched = Watched::start_beside(&wechat, &api, &settings);
    let server = watched.running.server.url.clone();
    let internal = watched.internal.clone();
    let listeners = [
        (server.clone(), format!("{internal}/openapi/public.json")),
        (internal.clone(), format!("{internal}/openapi.json")),
    ];
    let listeners = listeners.map(|(url, document)| {
        let (server, api) = (server.clone(), api.clone());
        tokio::task::spawn_blocking(move || findings(&url, &document, &server, &api))
    });
    for listener in listeners {
        if let Some(findings) = listener.await.unwrap() {
            panic!("{findings}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_accounts_does_what_its_document_says_and_nothing_else() {
    let (wechat, api) = simulator().await;
    // Nothing listens at port 9, so no code arrives; whoever asks for one is not told.
    let settings = [
        ["--store", "memory"],
        ["--sign-in-rate", "0"],
        ["--accounts", "trying-out"],
        ["--proof", "offered"],
        ["--proof-target", "x-original"],
        ["--deliver-hook", "http://127.0.0.1:9/codes"],
        ["--provider", "school=http://127.0.0.1:9,wxsession"],
    ];
    let watched = Watched::start_beside(&wechat, &api, &settings.concat());
    let server = watched.running.server.url.clone();
    let document = format!("{}/openapi/public.json", watched.internal);
    let listener = tokio::task::spawn_blocking(move || findings(&server, &document, &server, &api));
    if let Some(findings) = listener.await.unwrap() {
        panic!("{findings}");
    }
}
