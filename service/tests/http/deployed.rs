//! The server as its systemd unit starts it, behind nginx as the documentation configures it.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Args;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use wxsession_service::config::Options;
use wxsession_simulator::App;

use crate::common::{session_id, simulator};
use crate::program::{Running, program, secret_file};
use crate::proxy::{Nginx, first_answer, first_block, free_port};

const UNIT: &str = include_str!("../../deploy/wxsession-server.service");
const DOCUMENTATION: &str = include_str!("../../docs/deploy.md");
const HOST: &str = "api.example.com";

/// All values that the unit sets for this name.
fn said<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .collect()
}

/// The environment that systemd gives the server, with a test folder in place of the machine's folders.
fn environment<'a>(unit: &'a str, folder: &Path) -> Vec<(&'a str, String)> {
    let folder = folder.to_str().unwrap();
    let variables = said(unit, "Environment").into_iter();
    let variables = variables.map(|variable| variable.split_once('=').unwrap());
    let places = [("%S", folder), ("%d", folder), ("/etc/wxsession", folder)];
    variables
        .map(|(name, value)| {
            let value = places.iter().fold(value.to_owned(), |value, (from, to)| {
                value.replace(from, to)
            });
            (name, value)
        })
        .collect()
}

/// A client that resolves `HOST` to this nginx and trusts its certificate.
fn phone(certificate: &rcgen::Certificate, port: u16) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .resolve(HOST, ([127, 0, 0, 1], port).into())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_phone_signs_in_to_what_the_documentation_deploys() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let app = App::simulated();
    let here = |name: &str| folder.path().join(name);
    secret_file(&here("secret"), &format!("{}\n", app.secret));
    let settings = [
        ("wx0123456789abcdef", app.appid),
        ("127.0.0.1:8081", "127.0.0.1:0".into()),
    ];
    fs::write(
        here("wxsession.toml"),
        first_block(DOCUMENTATION, "toml", &settings),
    )
    .unwrap();
    let mut command = program();
    command.envs(environment(UNIT, folder.path()));
    let mut running = Running::launch_as_told(command, &here("data"), &wechat, &api);
    let internal = running.internal();

    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([HOST.into()]).unwrap();
    fs::write(here("fullchain.pem"), cert.pem()).unwrap();
    fs::write(here("privkey.pem"), signing_key.serialize_pem()).unwrap();
    let port = free_port().await;
    let live = "/etc/letsencrypt/live/api.example.com";
    let _nginx = Nginx::start(&first_block(
        DOCUMENTATION,
        "nginx",
        &[
            (live, folder.path().to_str().unwrap().to_owned()),
            ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
            ("127.0.0.1:8080", running.server.url.replace("http://", "")),
        ],
    ));
    let http = phone(&cert, port);
    let url = |path: &str| format!("https://{HOST}:{port}{path}");
    let refused = first_answer(http.get(url("/wx/session"))).await;
    assert_eq!(refused.status(), 401);
    let code = json!({ "code": running.server.code("ann") });
    let session = session_id(http.post(url("/wx/onlogin")).json(&code)).await;
    let ask = http.get(url("/wx/session")).header("sessionid", session);
    assert_eq!(ask.send().await.unwrap().status(), 200);
    // Phones must not reach the metrics.
    assert_eq!(
        http.get(url("/metrics")).send().await.unwrap().status(),
        404
    );
    let ready = running
        .server
        .http
        .get(format!("{internal}/readyz"))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    // The log would mention this option if the server did not trust nginx.
    assert!(!logged.contains("--trusted-proxy"), "{logged}");
}

#[test]
fn the_units_of_the_documentation_name_settings_that_there_are() {
    let redis = first_block(DOCUMENTATION, "ini", &[]);
    let command = Options::augment_args(clap::Command::new("wxsession-server"));
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|flag| flag.get_env())
        .collect();
    for unit in [UNIT, &redis] {
        let loaded = said(unit, "LoadCredential");
        let variables = said(unit, "Environment");
        assert!(variables.len() >= 3, "{unit}");
        for variable in variables {
            let (name, value) = variable.split_once('=').unwrap();
            let known = known.contains(&name.as_ref()) || name == "WXSESSION_CONFIG";
            assert!(known, "{name}");
            if let Some(credential) = value.strip_prefix("%d/") {
                let entry = format!("{credential}:/etc/wxsession/{credential}");
                assert!(loaded.contains(&entry.as_str()), "{entry}");
            }
        }
    }
}

#[test]
fn systemd_takes_the_unit_and_finds_it_shut_in() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("wxsession-server.service");
    let installed = "/usr/local/bin/wxsession-server";
    assert_eq!(said(UNIT, "ExecStart"), [installed]);
    // The build folder's path may contain a space, which a unit would have to escape.
    let program = folder.path().join("wxsession-server");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_wxsession-server"), &program).unwrap();
    fs::write(&unit, UNIT.replace(installed, program.to_str().unwrap())).unwrap();
    for arguments in [
        &["verify"][..],
        &["security", "--offline=true", "--threshold=15", "--no-pager"],
    ] {
        let output = Command::new("systemd-analyze")
            .args(arguments)
            .arg(&unit)
            .output()
            .expect(
                "this test needs systemd-analyze: apt-get install --no-install-recommends systemd",
            );
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{arguments:?}: {told}{shown}");
        assert!(!told.contains("wxsession-server.service"), "{told}");
    }
}
