//! A phone that signs its requests, and what can be done to one of them on its way.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use wxsession_protocol::proof::{Key, Signable, Target, content_digest};

use crate::common::{Server, problem};

pub(crate) const SIGNED: [&str; 3] = ["content-digest", "signature-input", "signature"];

/// A session with its key.
pub(crate) struct Phone {
    pub(crate) id: String,
    key: Key,
    /// How far the server's clock is ahead, in seconds: in the second of its start it is.
    ahead: u64,
    nonce: AtomicU64,
}

/// A request as it goes over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) target: String,
    /// In lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

impl Phone {
    /// Signs this user in with a key.
    pub(crate) async fn sign_in(server: &Server, user: &str) -> Self {
        let ask = json!({ "code": server.code(user), "proof": "hmac-sha256" });
        let answer = server.post("/wx/onlogin").json(&ask).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self::of(&answer.json().await.unwrap())
    }

    /// The phone that got this answer.
    pub(crate) fn of(signed_in: &Value) -> Self {
        let text = |name: &str| signed_in[name].as_str().unwrap();
        let (told, now) = (signed_in["now"].as_u64().unwrap(), now());
        assert!(told.abs_diff(now) < 60);
        Self {
            ahead: told.saturating_sub(now),
            id: text("sessionid").to_owned(),
            key: Key::parse(text("key")).unwrap(),
            nonce: AtomicU64::new(0),
        }
    }

    /// A request of this moment.
    pub(crate) fn send(&self, method: Method, target: &str, body: Option<&[u8]>) -> Sent {
        self.send_at(now() + self.ahead, method, target, body)
    }

    /// A request of another moment, in seconds since 1970.
    pub(crate) fn send_at(
        &self,
        created: u64,
        method: Method,
        target: &str,
        body: Option<&[u8]>,
    ) -> Sent {
        let digest = body.map(content_digest);
        let signable = Signable {
            method: method.as_str(),
            target: Target::sent(target).unwrap(),
            digest: digest.as_deref(),
        };
        let nonce = format!("n{}", self.nonce.fetch_add(1, Relaxed));
        let signed = self.key.sign(signable, created, &nonce).unwrap();
        let mut sent = Sent {
            method,
            target: target.to_owned(),
            headers: vec![("sessionid".to_owned(), self.id.clone())],
            body: body.map(<[u8]>::to_vec),
        };
        let values = [digest, Some(signed.signature_input), Some(signed.signature)];
        for (name, value) in SIGNED.into_iter().zip(values) {
            if let Some(value) = value {
                sent.headers.push((name.to_owned(), value));
            }
        }
        sent
    }
}

impl Sent {
    /// The same without a header, as it is named in lower case.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut sent = self.clone();
        sent.headers.retain(|(header, _)| header != name);
        sent
    }

    /// The same with another value of a header.
    pub(crate) fn with(&self, name: &str, value: impl Into<String>) -> Self {
        let mut sent = self.without(name);
        sent.headers.push((name.to_owned(), value.into()));
        sent
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        &headers.find(|(header, _)| header == name).unwrap().1
    }

    /// The request to a server at this address.
    pub(crate) fn to(&self, http: &reqwest::Client, origin: &str) -> RequestBuilder {
        let ask = http.request(self.method.clone(), format!("{origin}{}", self.target));
        let ask = self.dressed(ask);
        match &self.body {
            Some(body) => ask.body(body.clone()),
            None => ask,
        }
    }

    /// A question about the request, as the documented nginx asks it at `/verify`.
    pub(crate) fn asked_of(&self, http: &reqwest::Client, internal: &str) -> RequestBuilder {
        let ask = self.dressed(http.get(format!("{internal}/verify")));
        ask.header("x-original-method", self.method.as_str())
            .header("x-original-uri", &self.target)
    }

    fn dressed(&self, ask: RequestBuilder) -> RequestBuilder {
        let mut headers = self.headers.iter();
        headers
            .try_fold(ask, |ask, (name, value)| Some(ask.header(name, value)))
            .unwrap()
    }
}

/// What an answer says of the proof: its `x-wx-proof`, or the code of the refusal.
pub(crate) async fn judged(ask: RequestBuilder) -> String {
    let answer = ask.send().await.unwrap();
    if answer.status().is_success() {
        let proof = answer.headers().get("x-wx-proof");
        return proof.map_or_else(String::new, |proof| proof.to_str().unwrap().to_owned());
    }
    refused(answer).await
}

/// The code of a refusal, whose status and headers are checked.
pub(crate) async fn refused(answer: Response) -> String {
    let status = answer.status().as_u16();
    let challenges: Vec<_> = answer
        .headers()
        .get_all("www-authenticate")
        .iter()
        .map(|challenge| challenge.to_str().unwrap().to_owned())
        .collect();
    if status != 403 {
        return problem(answer).await;
    }
    let body: Value = answer.json().await.unwrap();
    let code = body["code"].as_str().unwrap().to_owned();
    match body["now"].as_u64() {
        Some(told) => {
            assert_eq!(code, "proof_late");
            assert!(told.abs_diff(now()) < 60);
            let challenge = format!("WxSession error=\"proof_late\", now={told}");
            assert_eq!(challenges, [challenge]);
        }
        None => assert!(challenges.is_empty() && code != "proof_late", "{code}"),
    }
    code
}

pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs()
}
