//! Sessions that take signed requests.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use wxsession_protocol::proof::{Key, Signable, Target, content_digest};

use crate::rig::{Answer, PASSWORD, Server, answer, by_password};

/// A session with its key.
struct Signing {
    id: String,
    key: Key,
}

impl Signing {
    async fn registered(server: &Server, user: &str, name: &str) -> Self {
        let mut fields = by_password(name, PASSWORD);
        fields["register"] = true.into();
        fields["proof"] = "hmac-sha256".into();
        let signed_in = server.sign_in(user, None, fields).await;
        Self {
            id: signed_in.session(),
            key: Key::parse(signed_in.body["key"].as_str().unwrap()).unwrap(),
        }
    }

    /// Sends `sent`, with a proof for `signed`.
    async fn call(
        &self,
        server: &Server,
        (method, path): (Method, &str),
        signed: Option<&Value>,
        sent: Option<&Value>,
    ) -> Answer {
        let digest = signed.map(|body| content_digest(body.to_string().as_bytes()));
        let signable = Signable {
            method: method.as_str(),
            target: Target::of_url(path).unwrap(),
            digest: digest.as_deref(),
        };
        let nonce = server.code("n").replace('.', "-");
        let signed = self.key.sign(signable, server.sessions.clock(), &nonce);
        let signed = signed.unwrap();
        let mut request = with(server.request(method.clone(), path), sent)
            .header("sessionid", &self.id)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        if let Some(digest) = &digest {
            request = request.header("content-digest", digest);
        }
        answer(request).await
    }
}

fn with(request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
    match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(body.to_string()),
        None => request,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_alone_reaches_no_route_of_the_account() {
    let server = Server::start().await;
    let ann = Signing::registered(&server, "ann", "li.na").await;
    let identities = ann.call(&server, (Method::GET, "/wx/account"), None, None);
    let identities = identities.await.body["identities"].take();
    let way = format!(
        "/wx/account/identities/{}",
        identities[0]["id"].as_str().unwrap()
    );
    let listed = ann.call(&server, (Method::GET, "/wx/sessions"), None, None);
    let here = format!(
        "/wx/sessions/{}",
        listed.await.body[0]["id"].as_str().unwrap()
    );
    let body = json!({ "purpose": "link", "method": "wechat", "password": "another-one", "code": server.code("ann") });
    let challenge = json!({ "purpose": "link", "identifier": "a@example.com" });
    let routes = [
        (Method::GET, "/wx/account", None),
        (Method::DELETE, "/wx/account", None),
        (Method::PUT, "/wx/account/password", Some(&body)),
        (Method::POST, "/wx/account/identities", Some(&body)),
        (Method::DELETE, &*way, None),
        (Method::POST, "/wx/challenges", Some(&challenge)),
        (Method::GET, "/wx/sessions", None),
        (Method::DELETE, &*here, None),
    ];
    for (method, path, body) in routes {
        let request = with(server.request(method.clone(), path), body);
        let refused = answer(request.header("sessionid", &ann.id)).await;
        assert_eq!(refused.refusal(), (403, "proof_missing"), "{method} {path}");
        // Signed for another route.
        let mut elsewhere = server.request(method.clone(), path);
        let signable = Signable {
            method: method.as_str(),
            target: Target::of_url("/wx/session").unwrap(),
            digest: None,
        };
        let signed = ann
            .key
            .sign(signable, server.sessions.clock(), "a")
            .unwrap();
        elsewhere = elsewhere
            .header("sessionid", &ann.id)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature);
        let refused = answer(with(elsewhere, body)).await;
        assert_eq!(refused.refusal(), (403, "proof_invalid"), "{method} {path}");
    }
    let alive = ann.call(&server, (Method::GET, "/wx/session"), None, None);
    assert_eq!(alive.await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_that_was_altered_on_the_way_is_not_set() {
    let server = Server::start().await;
    let ann = Signing::registered(&server, "ann", "li.na").await;
    let (hers, thiefs) = (
        json!({ "password": "yrbnkqsw" }),
        json!({ "password": "pwzmxrtv" }),
    );
    let route = || (Method::PUT, "/wx/account/password");
    let altered = ann.call(&server, route(), Some(&hers), Some(&thiefs)).await;
    assert_eq!(altered.refusal(), (403, "proof_invalid"));
    let set = ann.call(&server, route(), Some(&hers), Some(&hers)).await;
    assert_eq!(set.status, 204, "{}", set.body);
    for (password, status) in [("pwzmxrtv", 401), ("yrbnkqsw", 200)] {
        let entered = server
            .sign_in("ann", None, by_password("li.na", password))
            .await;
        assert_eq!(entered.status, status, "{password}");
    }
}
