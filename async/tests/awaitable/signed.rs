//! Signed requests, judged by the protocol's own reader.

use std::collections::BTreeMap;

use js_sys::{Array, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{Options, Phase, Request, Session};
use wxsession_protocol::proof::{Headers, Key, Proof, is_digest_of};

use crate::world::{LOGIN, LOGOUT, PRODUCTS, World, later, products};

const ORIGIN: &str = "https://api.example.com";
const KEY: &str = "ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY";

/// A world whose server gives a key to whoever asks, and which records each request whole.
fn world() -> World {
    World::new().with(
        "world.calls = []
        world.bodies.push = () => 0
        world.key = 'ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY'
        world.ahead = 0
        const { answer } = world
        world.seconds = () => Math.floor(Date.now() / 1000) + world.ahead
        world.answer = (options) => {
          world.calls.push({ ...options, header: { ...options.header } })
          const answered = answer(options)
          const data = typeof options.data === 'string' ? options.data : JSON.stringify(options.data)
          if (options.url.endsWith('/onlogin') && /hmac-sha256/.test(data) && world.key) {
            answered.data.key = world.key
            answered.data.now = world.seconds()
          }
          return answered
        }",
    )
}

/// As [`world`], with a server that judges the time of a proof.
fn strict_world() -> World {
    world().with(
        "const { answer } = world
        world.answer = (options) => {
          const answered = answer(options)
          const made = /created=(\\d+)/.exec(options.header['signature-input'] || '')
          const now = world.seconds()
          if (!made || options.url.endsWith('/onlogin') || Math.abs(made[1] - now) <= 120) return answered
          const header = { 'WWW-Authenticate': `WxSession error=\"proof_late\", now=${now}` }
          return { statusCode: 403, header, data: world.isTerse ? '' : { code: 'proof_late', now } }
        }",
    )
}

fn signed(world: &World) -> Options {
    Options {
        signed: true,
        ..world.options()
    }
}

fn session(world: &World) -> Session {
    Session::new(signed(world)).expect("options that are right")
}

/// A request as wx was given it.
struct Call {
    url: String,
    method: String,
    header: BTreeMap<String, String>,
    /// The bytes of a body that wx leaves alone.
    body: Option<Vec<u8>>,
}

fn calls(world: &World) -> Vec<Call> {
    let calls: Array = world.value("calls").into();
    let of = |call: JsValue| {
        let property = |name: &str| Reflect::get(&call, &name.into()).expect("an object");
        let text = |name: &str| property(name).as_string().expect("a text");
        let data = property("data");
        let bytes = || data.is_object().then(|| Uint8Array::new(&data).to_vec());
        Call {
            url: text("url"),
            method: text("method"),
            header: serde_wasm_bindgen::from_value(property("header")).expect("headers"),
            body: data.as_string().map(String::into_bytes).or_else(bytes),
        }
    };
    calls.iter().map(of).collect()
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).map(String::as_str)
    }

    /// Whether the call is signed, and by the key. What it claims must then be right.
    fn is_signed(&self) -> bool {
        let (Some(signature_input), Some(signature)) =
            (self.header("signature-input"), self.header("signature"))
        else {
            assert_eq!(self.header("content-digest"), None);
            return false;
        };
        let headers = Headers {
            content_digest: self.header("content-digest"),
            signature_input,
            signature,
        };
        let proof = Proof::read(headers).expect("a proof");
        let key = Key::parse(KEY).expect("a key");
        let target = self
            .url
            .strip_prefix(ORIGIN)
            .expect("a URL of the server's");
        assert!(proof.is_genuine(&key, &self.method, target), "{target}");
        assert_eq!(proof.digest().is_some(), self.body.is_some(), "{target}");
        if let (Some(digest), Some(body)) = (proof.digest(), &self.body) {
            assert!(is_digest_of(digest, body), "{target}");
        }
        true
    }
}

fn evaluated(script: &str) -> JsValue {
    js_sys::eval(script).expect("a value")
}

#[wasm_bindgen_test]
async fn each_request_is_signed_as_it_leaves() {
    let world = world();
    let session = session(&world);
    session.login().await.expect("a session");
    let url = |path: &str| format!("{ORIGIN}{path}");
    let post = |data: &str| Request::post(url("/orders"), evaluated(data));
    let form = "application/x-www-form-urlencoded";
    for (request, target, body) in [
        (Request::get(ORIGIN), "/", None),
        (
            Request::get(url("/茶/%E8?q=绿 茶&it's#top")),
            "/%E8%8C%B6/%E8?q=%E7%BB%BF%20%E8%8C%B6&it%27s",
            None,
        ),
        (
            Request::get(url("/list?a=1")).option(
                "data",
                evaluated("({ b: '茶', c: [1], d: null, e: undefined })"),
            ),
            "/list?a=1&b=%E8%8C%B6&c=%5B1%5D&d=null&e=undefined",
            None,
        ),
        (
            post("({ tea: '茶', count: 2 })"),
            "/orders",
            Some(r#"{"tea":"茶","count":2}"#),
        ),
        (post("'a text \\ud800'"), "/orders", Some("a text \u{fffd}")),
        (post("''"), "/orders", Some("")),
        (
            post("({ a: '茶', b: 1 })").header("Content-Type", form),
            "/orders",
            Some("a=%E8%8C%B6&b=1"),
        ),
        (
            post("new Uint8Array([65, 66, 67, 68]).subarray(1, 3)"),
            "/orders",
            Some("BC"),
        ),
        (
            post("new Uint8Array([65, 66]).buffer"),
            "/orders",
            Some("AB"),
        ),
        (post("undefined"), "/orders", None),
        (
            Request::new("put", url("/orders/7")).option("data", "x"),
            "/orders/7",
            Some("x"),
        ),
        (Request::new("DELETE", url("/orders/7")), "/orders/7", None),
        (
            Request::get(url("/own")).header("Signature", "mine"),
            "/own",
            None,
        ),
    ] {
        session.request(&request).await.expect("an answer");
        let calls = calls(&world);
        let call = calls.last().expect("a call");
        assert_eq!(call.url, url(target));
        assert_eq!(call.body.as_deref(), body.map(str::as_bytes), "{target}");
        assert_eq!(call.header("sessionid"), Some("session-1"));
        let method = call.method.to_ascii_uppercase();
        let call = Call {
            method,
            header: call.header.clone(),
            url: call.url.clone(),
            body: call.body.clone(),
        };
        assert!(call.is_signed(), "{target}");
        assert_eq!(call.header("Signature"), None);
    }
    let nonces: std::collections::BTreeSet<_> = calls(&world)
        .into_iter()
        .filter_map(|call| call.header.get("signature-input").cloned())
        .collect();
    assert_eq!(nonces.len(), 13, "each has a nonce of its own");
}

#[wasm_bindgen_test]
async fn what_presents_no_session_and_what_has_no_key_goes_unsigned() {
    let world = world();
    let session = session(&world);
    session.login().await.expect("a session");
    let bare = Request::get(PRODUCTS).without_session();
    session.request(&bare).await.expect("an answer");
    assert!(calls(&world).iter().all(|call| !call.is_signed()));

    for key in ["undefined", "'too short'", "7"] {
        let world = self::world();
        world.bend(&format!("world.key = {key}"));
        let session = self::session(&world);
        assert_eq!(products(&session).await.expect("an answer").status(), 200);
        assert!(calls(&world).iter().all(|call| !call.is_signed()), "{key}");
    }
    let world = self::world();
    assert_eq!(
        products(&world.session())
            .await
            .expect("an answer")
            .status(),
        200
    );
    assert!(calls(&world).iter().all(|call| !call.is_signed()));
}

#[wasm_bindgen_test]
async fn a_renewal_and_a_sign_out_prove_the_session_that_they_present() {
    let world = world();
    let session = session(&world);
    session.login().await.expect("a session");
    world.bend("world.live = []");
    assert_eq!(products(&session).await.expect("an answer").status(), 200);
    session.logout().await;
    let calls = calls(&world);
    let found: Vec<_> = calls
        .iter()
        .map(|call| (call.url.as_str(), call.header("sessionid").unwrap_or("")))
        .collect();
    let expected = [
        (LOGIN, ""),
        (PRODUCTS, "session-1"),
        (LOGIN, "session-1"),
        (PRODUCTS, "session-2"),
        (LOGOUT, "session-2"),
    ];
    assert_eq!(found, expected);
    for (number, call) in calls.iter().enumerate() {
        assert_eq!(call.is_signed(), number > 0, "{number}");
    }
}

#[wasm_bindgen_test]
async fn a_clock_that_is_an_hour_off_costs_nothing_after_a_sign_in_and_one_more_send_after_it_changed()
 {
    for is_terse in [false, true] {
        let world = strict_world().with("world.ahead = 3600");
        world.set("isTerse", &is_terse.into());
        let session = session(&world);
        assert_eq!(products(&session).await.expect("an answer").status(), 200);
        assert_eq!(world.sent_to(PRODUCTS).len(), 1);

        world.bend("world.ahead = -3600");
        assert_eq!(products(&session).await.expect("an answer").status(), 200);
        assert_eq!(world.sent_to(PRODUCTS).len(), 3);
        assert_eq!(products(&session).await.expect("an answer").status(), 200);
        assert_eq!(world.sent_to(PRODUCTS).len(), 4);

        world.bend("world.ahead = 7200");
        session.logout().await;
        assert_eq!(world.sent_to(LOGOUT), ["session-1"; 2]);
        assert_eq!(world.read::<u32>("logins"), 1);
    }
}

#[wasm_bindgen_test]
async fn a_request_that_is_late_twice_reaches_its_caller() {
    let world = strict_world();
    let session = session(&world);
    session.login().await.expect("a session");
    world.bend(
        "const { seconds } = world; world.seconds = () => ((world.ahead += 1000), seconds())",
    );
    let answer = products(&session).await.expect("an answer");
    assert_eq!(answer.status(), 403);
    assert_eq!(world.sent_to(PRODUCTS).len(), 2);
}

#[wasm_bindgen_test]
async fn an_answer_that_only_speaks_of_late_proofs_reaches_its_caller_and_sets_no_clock() {
    let problem = "({ code: 'proof_late', now: world.seconds() + 3600 })";
    let challenge = "`WxSession error=\"proof_late\", now=${world.seconds() + 3600}`";
    let body = |data: &str| format!("{{ header: {{}}, data: {data} }}");
    let header = |value: &str| format!("{{ header: {{ 'WWW-Authenticate': {value} }}, data: '' }}");
    for answer in [
        body(&format!("{{ text: JSON.stringify({problem}) }}")),
        body(&format!("{{ code: 'forbidden', problem: {problem} }}")),
        body(&format!("JSON.stringify({{ problem: {problem} }})")),
        body("{ code: 'proof_late', now: String(world.seconds() + 3600) }"),
        body("{ code: 'proof_late', now: -1 }"),
        body("{ code: 'proof_late', now: Infinity }"),
        header(&format!("'Bearer realm=' + {challenge}")),
        header("`WxSession error=\"proof_late\", Bearer known=${world.seconds() + 3600}`"),
        header("`Bearer error=\"proof_late\", now=${world.seconds() + 3600}`"),
        header("'WxSession error=\"proof_late\", now='"),
        header("'WxSession error=\"proof_late\", now=99999999999'"),
    ] {
        let world = strict_world();
        let session = session(&world);
        session.login().await.expect("a session");
        world.bend(&format!(
            "world.usual = world.answer; world.answer = (options) => {{
              world.usual(options)
              return {{ statusCode: 403, ...{answer} }}
            }}"
        ));
        let told = products(&session).await.expect("an answer");
        assert_eq!(told.status(), 403, "{answer}");
        assert_eq!(world.sent_to(PRODUCTS).len(), 1, "{answer}");
        world.bend("world.answer = world.usual");
        assert_eq!(products(&session).await.expect("an answer").status(), 200);
        assert_eq!(world.sent_to(PRODUCTS).len(), 2, "{answer}");
    }
}

#[wasm_bindgen_test]
async fn a_proof_that_a_server_does_not_take_costs_no_sign_in() {
    for code in ["proof_missing", "proof_invalid", "proof_replayed"] {
        let world = world();
        let session = session(&world);
        session.login().await.expect("a session");
        world.bend(&format!(
            "world.answer = () => ({{ statusCode: 403, header: {{}}, data: {{ code: '{code}' }} }})"
        ));
        for _ in 0..20 {
            let answer = products(&session).await.expect("an answer");
            assert_eq!(answer.status(), 403, "{code}");
        }
        assert_eq!(world.sent_to(PRODUCTS).len(), 20, "{code}");
        assert_eq!(world.read::<u32>("logins"), 1, "{code}");
        assert_eq!(session.phase(), Phase::SignedIn);
    }
}

#[wasm_bindgen_test]
async fn a_kept_session_is_signed_after_a_restart_and_never_used_without_its_key() {
    #[derive(Deserialize)]
    struct Kept {
        version: i32,
        key: String,
        ahead: f64,
    }
    let world = strict_world().with("world.ahead = 3600");
    let first = session(&world);
    first.login().await.expect("a session");
    let storage: BTreeMap<String, Kept> = world.read("storage");
    let kept = &storage[&world.options().storage_key];
    assert_eq!((kept.version, kept.key.as_str()), (-1, KEY));
    assert!(
        (kept.ahead - 3_600_000.0).abs() < 60_000.0,
        "{}",
        kept.ahead
    );
    drop(first);
    later().await;

    let second = session(&world);
    assert_eq!(products(&second).await.expect("an answer").status(), 200);
    assert_eq!(world.read::<u32>("logins"), 1);
    assert_eq!(world.sent_to(PRODUCTS), ["session-1"]);
    assert!(calls(&world).last().expect("a call").is_signed());
    drop(second);
    later().await;

    let unsigned = world.session();
    assert_eq!(products(&unsigned).await.expect("an answer").status(), 200);
    assert_eq!(
        world.sent_to(LOGIN),
        ["", ""],
        "the kept session is unknown"
    );
    assert_eq!(
        world.sent_to(PRODUCTS).last().map(String::as_str),
        Some("session-2")
    );
    for call in calls(&world) {
        let told = format!("{} {:?} {:?}", call.url, call.header, call.body);
        assert!(!told.contains(KEY), "{told}");
    }
}
