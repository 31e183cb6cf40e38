//! The address of the internal listener, and who may reach it.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;

use crate::common::simulator;
use crate::program::{SECRET, program, refusal};

/// The program with everything set except an internal listener.
fn configured() -> Command {
    let mut command = program();
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--store",
        "memory",
        "--appid",
        "wx0123456789abcdef",
    ]);
    command.env("WXSESSION_SECRET", SECRET);
    command
}

/// Starts the program with an internal listener at this address. Returns the process and the second line of its output.
fn start(place: &str, api: &str) -> (std::process::Child, String) {
    let mut command = configured();
    command.args(["--wechat-api", api, "--internal", place]);
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.as_mut().unwrap()).lines();
    let line = lines.nth(1).unwrap().unwrap();
    (process, line)
}

fn ask(mut stream: impl Read + Write) -> String {
    let request = "GET /verify HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn it_listens_on_an_address_or_a_unix_socket_of_owner_and_group() {
    let (_, api) = simulator().await;
    let (mut process, line) = start("127.0.0.1:0", &api);
    let address = line.strip_prefix("internal listener on http://").unwrap();
    let answer = ask(std::net::TcpStream::connect(address).unwrap());
    assert!(answer.contains("session_missing"), "{answer}");
    process.kill().unwrap();
    process.wait().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("internal.sock");
    let place = format!("unix:{}", path.display());
    // The first process is killed and leaves its socket file behind; the second must cope with the file.
    for _ in 0..2 {
        let (mut process, line) = start(&place, &api);
        assert_eq!(line, format!("internal listener on {place}"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o660);
        let answer = ask(UnixStream::connect(&path).unwrap());
        assert!(answer.contains("session_missing"), "{answer}");
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

#[test]
fn a_place_that_is_taken_or_open_to_others_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (taken, file) = (folder.path().join("taken"), folder.path().join("file"));
    let _listening = UnixListener::bind(&taken).unwrap();
    std::fs::write(&file, "somebody's").unwrap();
    let (taken, file) = (
        format!("unix:{}", taken.display()),
        format!("unix:{}", file.display()),
    );
    for (place, remedy) in [
        ("0.0.0.0:0", "WXSESSION_INTERNAL_TOKEN"),
        ("[::]:0", "WXSESSION_INTERNAL_TOKEN"),
        ("8081", "127.0.0.1:8081"),
        ("unix:", "unix:"),
        (&taken, &taken["unix:".len()..]),
        (&file, &file["unix:".len()..]),
    ] {
        let said = refusal(configured().args(["--internal", place]));
        assert!(
            said.contains("--internal") && said.contains(remedy),
            "{place}: {said}"
        );
    }
    assert_eq!(
        std::fs::read_to_string(&file["unix:".len()..]).unwrap(),
        "somebody's"
    );
}

#[test]
fn a_token_without_a_listener_stops_the_start() {
    let mut command = configured();
    command.env("WXSESSION_INTERNAL_TOKEN", "a-token");
    let said = refusal(&mut command);
    assert!(
        said.contains("--internal") && !said.contains("a-token"),
        "{said}"
    );
}
