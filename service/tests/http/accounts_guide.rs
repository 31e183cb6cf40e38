//! The guide to accounts: its settings start the program, and its endpoints get what the program tells them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use reqwest::Method;
use serde_json::json;
use wxsession_simulator::App;

use crate::common::simulator;
use crate::phone::Phone;
use crate::program::{Running, program, secret_file};

const GUIDE: &str = include_str!("../../docs/accounts.md");
const NUMBER: &str = "+8613800138000";

/// The guide's only code in this language.
fn code(language: &str) -> &'static str {
    let opening = format!("```{language}\n");
    let mut blocks = GUIDE.split(&opening).skip(1);
    let block = blocks.next().expect(language);
    assert_eq!(blocks.count(), 0, "there is one in {language}");
    block.split_once("```").unwrap().0
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// The guide's endpoints, before an app that prints what it is asked.
struct Endpoints {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Endpoints {
    fn start(folder: &Path, port: u16) -> Self {
        let hooks = replaced(code("js"), "3001", &port.to_string());
        let hooks = format!("{hooks}.on('listening', () => console.log('listening'))\n");
        fs::write(folder.join("hooks.js"), hooks).unwrap();
        let app = "for (const name of ['send', 'forget']) exports[name] = (...told) => console.log(name, ...told)\n";
        fs::write(folder.join("app.js"), app).unwrap();
        let mut process = Command::new("node")
            .arg(folder.join("hooks.js"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js cannot be started; put `node` on the PATH");
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut endpoints = Self { process, lines };
        assert_eq!(endpoints.line(), "listening");
        endpoints
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Endpoints {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The guide's settings, for a simulated mini program and endpoints at this port.
fn settings(folder: &Path, port: u16) -> String {
    let (app, secret) = (App::simulated(), folder.join("secret"));
    secret_file(&secret, &app.secret);
    let text = replaced(code("toml"), "wx0123456789abcdef", &app.appid);
    let text = replaced(&text, "/etc/wxsession/secret", secret.to_str().unwrap());
    let text = replaced(&text, "127.0.0.1:8081", "127.0.0.1:0");
    replaced(&text, "127.0.0.1:3001", &format!("127.0.0.1:{port}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn its_settings_start_a_server_whose_codes_and_events_reach_its_endpoints() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut endpoints = Endpoints::start(folder.path(), port);
    let file = folder.path().join("settings.toml");
    fs::write(&file, settings(folder.path(), port)).unwrap();
    let mut command = program();
    command.arg("--config").arg(file);
    let data = folder.path().join("data");
    let running = Running::launch_as_told(command, &data, &wechat, &api);

    let mut phone = Phone::of(&running.server, "ann");
    assert_eq!(phone.silently().await, "guest");
    let wanted = json!({ "purpose": "sign_in", "identifier": NUMBER });
    let (status, _) = phone.ask(Method::POST, "/wx/challenges", wanted).await;
    assert_eq!(status, 202);
    let sent = endpoints.line();
    let rest = sent.strip_prefix(&format!("send sms {NUMBER} "));
    let otp = rest.and_then(|text| text.split(' ').next()).expect(&sent);
    let fields = json!({ "method": "code", "identifier": NUMBER, "otp": otp, "register": true });
    assert_eq!(phone.sign_in(fields).await, "account");

    let user = phone.user().await;
    let deleted = phone.ask(Method::DELETE, "/wx/account", json!({}));
    assert_eq!(deleted.await.0, 204);
    assert_eq!(endpoints.line(), format!("forget {user}"));
}
