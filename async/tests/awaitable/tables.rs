//! The tables in `tests/tables`: this crate and the npm package must read answers and hide secrets alike.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{Error, Phase};

use crate::world::{PRODUCTS, World, outcome, products};

#[derive(Deserialize)]
struct Answers {
    exchanges: Vec<Exchange>,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exchange {
    what: String,
    #[serde(default)]
    answer: Value,
    #[serde(default)]
    fail: Value,
    /// The session that it issues, if it succeeds.
    session: Option<String>,
    lifetime: Option<f64>,
    /// The code of the error, if it fails.
    code: Option<String>,
    #[serde(default)]
    retry_after: u32,
    #[serde(default)]
    cause: Cause,
}

#[derive(Deserialize, Default, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cause {
    err_msg: Option<String>,
    errno: Option<i32>,
    status_code: Option<u16>,
}

#[derive(Deserialize)]
struct Call {
    what: String,
    answer: Value,
    /// `renew`, `deliver`, or the code that later calls fail with.
    then: String,
}

#[derive(Deserialize)]
struct Secret {
    what: String,
    secret: String,
    said: String,
    told: String,
}

fn answers() -> Answers {
    let table = include_str!("../../../tests/tables/answers.json");
    serde_json::from_str(table).expect("rows")
}

impl Exchange {
    /// A world whose exchanges end as the row says.
    fn world(&self) -> World {
        let end = match &self.answer {
            Value::Null => format!("fail({})", self.fail),
            answer => format!("success({answer})"),
        };
        World::new().with(&format!(
            "world.quicken()
            const {{ request }} = wx
            wx.request = (options) => options.url.endsWith('/onlogin') ? options.{end} : request(options)"
        ))
    }
}

#[wasm_bindgen_test]
async fn an_exchange_that_issues_a_session_ends_as_the_table_says() {
    for row in answers().exchanges {
        let Some(id) = &row.session else { continue };
        let what = &row.what;
        let world = row.world();
        world.bend(&format!("world.live = [{}]", Value::from(id.as_str())));
        let session = world.session();
        assert_eq!(outcome(&products(&session).await), "200", "{what}");
        assert_eq!(world.sent_to(PRODUCTS), [id.as_str()], "{what}");

        #[derive(Deserialize)]
        struct Kept {
            lifetime: f64,
        }
        let storage: BTreeMap<String, Kept> = world.read("storage");
        let kept = &storage[&world.options().storage_key];
        assert_eq!(Some(kept.lifetime), row.lifetime, "{what}");
    }
}

#[wasm_bindgen_test]
async fn an_exchange_that_fails_ends_as_the_table_says() {
    for row in answers().exchanges {
        let Some(code) = &row.code else { continue };
        let what = &row.what;
        let Error {
            code: found,
            retry_after,
            cause,
            ..
        } = row.world().session().login().await.expect_err(what);
        let cause = Cause {
            err_msg: cause.err_msg,
            errno: cause.errno,
            status_code: cause.status,
        };
        assert_eq!(found.name(), code, "{what}");
        assert_eq!((retry_after, cause), (row.retry_after, row.cause), "{what}");
    }
}

#[wasm_bindgen_test]
async fn a_call_is_answered_as_the_table_says() {
    for row in answers().calls {
        let what = &row.what;
        let world = World::new();
        let session = world.session();
        session.login().await.expect("a session");
        world.bend(&format!(
            "const {{ answer }} = world
            world.answer = (options) => {{
              if (!options.url.endsWith('/list')) return answer(options)
              world.answer = answer
              return {}
            }}",
            row.answer
        ));
        let given = products(&session).await.expect(what);
        let renews = row.then == "renew";
        let sends = if renews { 2 } else { 1 };
        assert_eq!(world.sent_to(PRODUCTS).len(), sends, "{what}");
        assert_eq!(world.read::<usize>("logins"), sends, "{what}");
        if renews {
            assert_eq!(given.status(), 200, "{what}");
        } else if row.then == "deliver" {
            assert_eq!(session.phase(), Phase::SignedIn, "{what}");
        } else {
            assert_eq!(outcome(&products(&session).await), row.then, "{what}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_secret_that_wx_repeats_is_told_as_the_table_says() {
    let table = include_str!("../../../tests/tables/secrets.json");
    let rows: Vec<Secret> = serde_json::from_str(table).expect("rows");
    for row in rows {
        let secret = Value::from(row.secret.as_str());
        let failing = format!("options.fail({{ errMsg: {} }})", Value::from(row.said));
        let told = Some(row.told);

        let world = World::new().with(&format!(
            "world.quicken()
            wx.login = (options) => options.success({{ code: {secret} }})
            wx.request = (options) => {failing}"
        ));
        let error = world.session().login().await.expect_err("no session");
        assert_eq!(error.cause.err_msg, told, "a code {}", row.what);

        // A session id is ASCII.
        if !row.secret.is_ascii() {
            continue;
        }
        let world = World::new().with(&format!(
            "wx.request = (options) => options.url.endsWith('/onlogin')
              ? options.success({{ statusCode: 200, data: {{ sessionid: {secret} }} }}) : {failing}"
        ));
        let error = products(&world.session()).await.expect_err("a failure");
        assert_eq!(error.cause.err_msg, told, "a session {}", row.what);
    }
}
