//! Backends as other people write them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::world::World;
use crate::proxy::{first_answer, free_port};

/// A backend that runs until this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const EXPRESS: &str = r"
const express = require('express')
const app = express()
app.get('/events', (request, response) => {
  response.set('Content-Type', 'text/event-stream').write('data: ' + request.get('x-wx-openid') + '\n\n')
  setTimeout(() => response.end('data: end\n\n'), 50)
})
app.post('/upload', (request, response) => {
  let size = 0
  request.on('data', (piece) => { size += piece.length })
  request.on('end', () => response.status(201).json({ size, type: request.get('content-type').split(';')[0] }))
})
app.post('/orders', express.json(), (request, response) => {
  const names = Object.keys(request.headers).filter((name) => /x.wx/.test(name))
  response.json({ body: request.body, openid: request.get('x-wx-openid'), names, ip: request.get('x-forwarded-for') })
})
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
";

async fn express() -> (Process, World) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new("node");
    command.args(["-e", EXPRESS]).current_dir(root);
    let mut process = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs Node.js");
    let mut port = String::new();
    let output = process.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut port).unwrap();
    let address = format!("127.0.0.1:{}", port.trim()).parse().unwrap();
    (Process(process), World::in_front_of(address).await)
}

#[tokio::test]
async fn express_serves_users_without_knowing_of_sessions() {
    let (_express, world) = express().await;
    let session = world.server.signed_in("ann").await;
    for _ in 0..3 {
        let ask = world.server.post("/orders").header("sessionid", &session);
        let ask = ask
            .header("x_wx_openid", "forged")
            .header("x-wx-openid", "forged");
        let told: Value = ask
            .json(&json!({ "id": 1 }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(told["openid"], world.server.openid("ann"));
        assert_eq!(
            (&told["body"]["id"], &told["ip"]),
            (&json!(1), &json!("127.0.0.1"))
        );
        assert_eq!(told["names"].as_array().unwrap().len(), 5, "{told}");
    }
    let picture = [
        &b"--tea\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"[..],
        &vec![7; 3 << 20],
        b"\r\n--tea--\r\n",
    ];
    let ask = world.server.post("/upload").header("sessionid", &session);
    let ask = ask.header("content-type", "multipart/form-data; boundary=tea");
    let answer = ask.body(picture.concat()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let told: Value = answer.json().await.unwrap();
    assert!(told["size"].as_u64().unwrap() > 3 << 20);
    assert_eq!(told["type"], "multipart/form-data");
    let ask = world.server.get("/events").header("sessionid", &session);
    let events = ask.send().await.unwrap().text().await.unwrap();
    assert_eq!(
        events,
        format!("data: {}\n\ndata: end\n\n", world.server.openid("ann"))
    );
}

const PHP: &str = r#"<?php
header('Content-Type: application/json');
$names = array_filter($_SERVER, fn($name) => str_starts_with($name, 'HTTP_X'), ARRAY_FILTER_USE_KEY);
echo json_encode(['named' => $names, 'all' => getallheaders()]);
"#;

/// PHP takes `_`, and elsewhere `.`, in the name of a header for `-`.
#[tokio::test]
async fn php_is_told_of_nobody_but_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("index.php");
    std::fs::write(&script, PHP).unwrap();
    let port = free_port().await;
    let process = Command::new("php")
        .args(["-S", &format!("127.0.0.1:{port}")])
        .arg(&script)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test needs PHP: apt-get install --no-install-recommends php-cli");
    let _php = Process(process);
    let world = World::in_front_of(format!("127.0.0.1:{port}").parse().unwrap()).await;
    first_answer(world.server.http.get(format!("http://127.0.0.1:{port}/"))).await;
    let session = world.server.signed_in("ann").await;
    for (path, expected) in [
        (
            "/orders",
            vec![
                "HTTP_X_WX_APPID",
                "HTTP_X_WX_OPENID",
                "HTTP_X_WX_PROOF",
                "HTTP_X_WX_UNIONID",
                "HTTP_X_WX_USER",
            ],
        ),
        ("/public/a", vec![]),
    ] {
        let mut ask = world.server.get(path).header("sessionid", &session);
        for name in [
            "x_wx_openid",
            "x.wx.openid",
            "x-wx_user",
            "x!wx!user",
            "x-wx-more",
        ] {
            ask = ask.header(name, "forged");
        }
        let told: Value = ask.send().await.unwrap().json().await.unwrap();
        assert!(!told.to_string().contains("forged"), "{told}");
        let mut named: Vec<_> = told["named"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| name.starts_with("HTTP_X_WX"))
            .collect();
        named.sort_unstable();
        assert_eq!(named, expected, "{told}");
    }
}
