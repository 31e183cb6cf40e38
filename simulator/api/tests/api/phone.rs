//! A phone to sign in on, and a minimal HTTP client that shows exactly what the server sent.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wxsession_simulator::{App, FakeWeChat, Settings, serve};

/// A phone on which users sign in, with the simulated WeChat behind it.
pub(crate) struct Phone {
    pub(crate) wechat: FakeWeChat,
    pub(crate) app: App,
    pub(crate) url: String,
}

impl Phone {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let app = App::simulated();
        let other = App::new("wxother", "other-secret");
        let wechat = FakeWeChat::with_settings([app.clone(), other], settings);
        let (url, _serving) = serve(wechat.clone()).await.unwrap();
        Self { wechat, app, url }
    }

    pub(crate) fn login(&self, user: &str) -> String {
        self.wechat.login(&self.app.appid, user)
    }

    pub(crate) async fn exchange(&self, code: &str) -> std::io::Result<Answer> {
        let App { appid, secret } = &self.app;
        self.ask(&format!(
            "appid={appid}&secret={secret}&js_code={code}&grant_type=authorization_code"
        ))
        .await
    }

    pub(crate) async fn ask(&self, query: &str) -> std::io::Result<Answer> {
        get(&self.url, &format!("/sns/jscode2session?{query}")).await
    }

    pub(crate) async fn signed_in(&self, user: &str) -> Value {
        let answer = self.exchange(&self.login(user)).await.unwrap().json();
        assert_eq!(answer.get("errcode"), None, "{answer}");
        answer
    }
}

/// Asserts that the answer is a failure as WeChat formats it.
#[track_caller]
pub(crate) fn assert_fails(answer: &Answer, errcode: i32, text: &str) {
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["errcode"], errcode, "{body}");
    let errmsg = body["errmsg"].as_str().unwrap();
    let (before, rid) = errmsg.split_once(", rid: ").unwrap();
    assert_eq!(before, text);
    assert_eq!(rid.len(), 26);
    assert_eq!(body.as_object().unwrap().len(), 2);
}

/// One unparsed answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

pub(crate) async fn get(url: &str, path: &str) -> std::io::Result<Answer> {
    call(url, &format!("GET {path}"), "").await
}

pub(crate) async fn post(url: &str, path: &str, body: &Value) -> std::io::Result<Answer> {
    call(url, &format!("POST {path}"), &body.to_string()).await
}

async fn call(url: &str, line: &str, body: &str) -> std::io::Result<Answer> {
    let host = url.trim_start_matches("http://");
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    let content_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    Ok(Answer {
        status: head[9..12].parse().expect("a status"),
        content_type: content_type.unwrap_or_default().into(),
        body: body.into(),
    })
}
