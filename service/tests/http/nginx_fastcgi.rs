//! The documented nginx in front of PHP, whose place a small FastCGI responder takes.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wxsession_server::ProofPolicy;
use wxsession_server::identity::UserKey;
use wxsession_simulator::App;

use crate::nginx::{Behind, DOCUMENTATION, answer_of_backend};
use crate::proxy::first_block;
use crate::signing::Phone;

const PARAMS: u8 = 4;
const STDIN: u8 = 5;
const STDOUT: u8 = 6;
const END: u8 = 3;

/// A location that hands over to another one, as the documentation advises against.
const HANDS_OVER: &str = "
    location /old/ {
        auth_request /_wxsession;
        auth_request_set $wx_user $upstream_http_x_wx_user;
        error_page 401 403 500 = @wxsession_refusal;
        try_files /none /index.php;
    }
    location = /index.php { fastcgi_pass backend; }
";

async fn start() -> Behind {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(respond(stream));
        }
    });
    let before_php = |file: String| before_php(&file, &address);
    Behind::start_as(ProofPolicy::Offered, None, before_php).await
}

/// The documented file, changed for PHP as the documentation says.
fn before_php(file: &str, address: &str) -> String {
    let (_, about_php) = DOCUMENTATION.split_once("**PHP**").unwrap();
    let include = "include /etc/nginx/fastcgi_params;".to_owned();
    let lines = first_block(about_php, "nginx", &[("include fastcgi_params;", include)]);
    let documented = "fastcgi_pass unix:/run/php/php-fpm.sock;";
    assert!(about_php.contains(documented));
    let beside = "recursive_error_pages on;";
    assert_eq!(file.matches(beside).count(), 1);
    let pass = documented.replace("unix:/run/php/php-fpm.sock", address);
    let file = file
        .replace(beside, &format!("{lines}\n{beside}"))
        .replace("proxy_pass http://backend;", &pass);
    let (servers, _) = file.rsplit_once('}').unwrap();
    let hands_over = HANDS_OVER.replace("backend", address);
    format!("{servers}{hands_over}}}\n")
}

/// Answers one request with what PHP would have in `$_SERVER`.
async fn respond(mut stream: TcpStream) {
    let mut params = Vec::new();
    loop {
        let mut head = [0; 8];
        stream.read_exact(&mut head).await.unwrap();
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        let mut content = vec![0; length + usize::from(head[6])];
        stream.read_exact(&mut content).await.unwrap();
        match head[1] {
            PARAMS => params.extend_from_slice(&content[..length]),
            STDIN if length == 0 => break,
            _ => {}
        }
    }
    let told = json!({ "server": pairs(&params) });
    let answer = format!("Content-Type: application/json\r\n\r\n{told}");
    for (kind, content) in [(STDOUT, answer.as_bytes()), (STDOUT, b""), (END, &[0; 8])] {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        let head = [1, kind, 0, 1, length[0], length[1], 0, 0];
        stream.write_all(&head).await.unwrap();
        stream.write_all(content).await.unwrap();
    }
}

/// Names and values, those that come twice as well.
fn pairs(mut params: &[u8]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    while !params.is_empty() {
        let lengths = [length(&mut params), length(&mut params)];
        let text = lengths.map(|length| {
            let (text, rest) = params.split_at(length);
            params = rest;
            String::from_utf8(text.to_vec()).unwrap()
        });
        let [name, value] = text;
        pairs.push((name, value));
    }
    pairs
}

/// One byte, or four of which the first bit is set.
fn length(params: &mut &[u8]) -> usize {
    let size = if params[0] < 0x80 { 1 } else { 4 };
    let (length, rest) = params.split_at(size);
    *params = rest;
    let bytes = length
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    bytes & 0x7fff_ffff
}

/// What the responder is told about the user, in order.
async fn who(ask: RequestBuilder) -> Value {
    let told = answer_of_backend(ask.send().await.unwrap()).await;
    let server = told["server"].as_array().unwrap();
    let mut who: Vec<_> = server
        .iter()
        .filter(|pair| pair[0].as_str().unwrap().starts_with("HTTP_X_WX_"))
        .cloned()
        .collect();
    who.sort_by_key(Value::to_string);
    who.into()
}

fn nobody() -> Value {
    json!([
        ["HTTP_X_WX_APPID", ""],
        ["HTTP_X_WX_OPENID", ""],
        ["HTTP_X_WX_PROOF", ""],
        ["HTTP_X_WX_UNIONID", ""],
        ["HTTP_X_WX_USER", ""]
    ])
}

#[tokio::test]
async fn php_is_told_whose_request_it_is_and_nothing_that_a_client_claims() {
    let behind = start().await;
    let session = behind.server.signed_in("ann").await;
    let ask = behind.ask(Method::POST, "/orders").body("{}");
    let (appid, openid) = (App::simulated().appid, behind.server.openid("ann"));
    let user = UserKey::new(&appid, &openid).guest();
    assert_eq!(
        who(ask.header("sessionid", &session)).await,
        json!([
            ["HTTP_X_WX_APPID", appid],
            ["HTTP_X_WX_OPENID", openid],
            ["HTTP_X_WX_PROOF", "none"],
            ["HTTP_X_WX_UNIONID", ""],
            ["HTTP_X_WX_USER", user]
        ])
    );
    for path in ["/public/a", "/index.php"] {
        let ask = behind.ask(Method::GET, path);
        assert_eq!(who(ask.header("sessionid", &session)).await, nobody());
    }
    // The location that takes over knows nobody, though a session was checked.
    let ask = behind.ask(Method::GET, "/old/orders");
    assert_eq!(who(ask.header("sessionid", &session)).await, nobody());
}

#[tokio::test]
async fn php_is_told_what_the_phone_has_signed() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    let sent = phone.send(Method::POST, "/orders", Some(b"{}"));
    let who = who(sent.to(&behind.server.http, &behind.url)).await;
    assert_eq!(who[2], json!(["HTTP_X_WX_PROOF", "body"]));
}
