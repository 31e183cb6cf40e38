use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::json;
use tokio::sync::Semaphore;
use wxsession_protocol::ProblemCode;

use super::{Named, Presented, SignIns};
use crate::HttpProblem;
use crate::accounts::{Accounts, Answer, Attempt, Credentials, Entry, Method, Outcome};
use crate::proof::{Asked, ProofPolicy};
use crate::ring::KeyRing;
use crate::sessions::Sessions;
use crate::store::{MemoryStore, Store};
use crate::token::Version;
use crate::user::Lifetimes;
use crate::watch::Unwatched;
use crate::wechat::{Exchange, ExchangeFuture, LoginCode, signed_in};

const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A WeChat that takes the user's name for a code.
struct Names;

impl Exchange for Names {
    fn appids(&self) -> Vec<String> {
        vec!["wx".into()]
    }

    fn exchange<'a>(&'a self, appid: &'a str, code: &'a LoginCode) -> ExchangeFuture<'a> {
        Box::pin(async move {
            let answer = json!({
                "openid": code.reveal(),
                "session_key": "AAAAAAAAAAAAAAAAAAAAAA==",
            });
            signed_in(appid, answer.to_string().as_bytes())
        })
    }
}

/// Guests, and one user whose password is `sesame`.
struct OneUser {
    asked: AtomicUsize,
    /// Somebody may be answered for each permit.
    gate: Semaphore,
    /// What happens to the sessions of the user before each of the first answers.
    ends: AtomicUsize,
    sessions: Sessions,
}

impl Accounts for OneUser {
    fn authenticate<'a>(&'a self, attempt: &'a Attempt) -> Answer<'a, Outcome> {
        Box::pin(async move {
            self.asked.fetch_add(1, Relaxed);
            self.gate.acquire().await.unwrap().forget();
            if self.ends.load(Relaxed) > 0 {
                self.ends.fetch_sub(1, Relaxed);
                self.sessions.end_named("ann", None, None).await?;
            }
            Ok(match &attempt.method {
                Method::Named(_) if attempt.credentials.text("password")? == "sesame" => {
                    Outcome::User(Entry::to("ann"))
                }
                Method::Named(_) => Outcome::Wrong,
                Method::Renew(user) => Outcome::User(Entry::to(user.clone())),
                Method::Silent if attempt.wechat.openid == "linked" => {
                    Outcome::User(Entry::to("ann"))
                }
                Method::Silent | Method::WeChat => Outcome::Guest,
            })
        })
    }
}

struct World {
    store: Arc<MemoryStore>,
    accounts: Arc<OneUser>,
    sign_ins: Arc<SignIns>,
    sessions: Sessions,
}

impl World {
    fn new() -> Self {
        Self::with(Arc::new(MemoryStore::new()), OLD)
    }

    fn with(store: Arc<MemoryStore>, ring: &str) -> Self {
        let ring = KeyRing::parse(ring).unwrap();
        let kept = Arc::clone(&store) as Arc<dyn Store>;
        let watch = Arc::new(Unwatched);
        let policy = ProofPolicy::Offered;
        let sessions =
            Sessions::governed_by(policy, watch, kept, &ring, Lifetimes::default(), ["wx"]);
        let accounts = Arc::new(OneUser {
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(1000),
            ends: AtomicUsize::new(0),
            sessions: sessions.clone(),
        });
        let shared = Arc::clone(&accounts) as Arc<dyn Accounts>;
        let sign_ins = SignIns::new(Arc::new(Names), Some(shared), sessions.clone());
        Self {
            store,
            accounts,
            sign_ins: Arc::new(sign_ins),
            sessions,
        }
    }

    /// Signs in on the phone of this WeChat user, presenting what is in the header. Returns the session and whether its
    /// user is a guest.
    async fn enter(
        &self,
        openid: &str,
        header: Option<&str>,
        password: Option<&str>,
    ) -> Result<(String, bool), ProblemCode> {
        self.enter_as(Version::Bearer, openid, header, password)
            .await
    }

    async fn enter_as(
        &self,
        wanted: Version,
        openid: &str,
        header: Option<&str>,
        password: Option<&str>,
    ) -> Result<(String, bool), ProblemCode> {
        let mut headers = HeaderMap::new();
        if let Some(id) = header {
            headers.insert("sessionid", id.parse().unwrap());
        }
        let asked = Asked::new("POST", "/wx/onlogin", &headers);
        let presented = Presented::of(asked, Some(b""), &self.sessions);
        let named = password.map(|password| Named {
            method: "password".into(),
            credentials: Credentials::new(
                json!({ "password": password }).as_object().unwrap().clone(),
            ),
        });
        let code = LoginCode::parse(openid).unwrap();
        let landed = self.sign_ins.sign_in(None, code, presented, named, wanted);
        let landed = landed.await;
        let code = |problem: HttpProblem| problem.code();
        let landed = landed.map_err(code)?;
        Ok((landed.issued.token.reveal(), landed.guest))
    }
}

#[tokio::test]
async fn an_account_whose_key_has_left_the_ring_becomes_no_guest() {
    let before = World::new();
    let (ann, is_guest) = before
        .enter("ann-phone", None, Some("sesame"))
        .await
        .unwrap();
    let (guest, _) = before.enter("bob-phone", None, None).await.unwrap();
    assert!(!is_guest);
    let both = World::with(Arc::clone(&before.store), &format!("{NEW}\n{OLD}"));
    let (ann, _) = both.enter("ann-phone", Some(&ann), None).await.unwrap();
    // The new id is signed by the new key, and a ring without the old one knows it.
    let after = World::with(Arc::clone(&before.store), NEW);
    let (ann, _) = after.enter("ann-phone", Some(&ann), None).await.unwrap();
    let without = World::with(Arc::clone(&before.store), OLD);
    let refused = without.enter("ann-phone", Some(&ann), None).await;
    assert_eq!(refused.unwrap_err(), ProblemCode::SignInNeeded);
    // A guest loses nothing, and what is like no id of ours is ignored.
    assert!(
        after
            .enter("bob-phone", Some(&guest), None)
            .await
            .unwrap()
            .1
    );
    assert!(
        after
            .enter("ann-phone", Some("made-up"), None)
            .await
            .unwrap()
            .1
    );
}

#[tokio::test]
async fn a_stolen_id_is_renewed_by_nobody_else() {
    let world = World::new();
    let (ann, _) = world
        .enter("ann-phone", None, Some("sesame"))
        .await
        .unwrap();
    let stolen = world.enter("thief-phone", Some(&ann), None).await;
    assert_eq!(stolen.unwrap_err(), ProblemCode::SignInNeeded);
    let token = world.sessions.authenticate(ann.as_bytes()).unwrap();
    assert!(world.sessions.verify(token).await.is_ok());
    assert!(!world.enter("ann-phone", Some(&ann), None).await.unwrap().1);
}

#[tokio::test]
async fn an_id_without_its_proof_renews_nothing_and_makes_no_guest_of_an_account() {
    let world = World::new();
    let bound = |openid, password| world.enter_as(Version::Bound, openid, None, password);
    let (ann, _) = bound("ann-phone", Some("sesame")).await.unwrap();
    let (guest, _) = bound("bob-phone", None).await.unwrap();
    // On the very phone, but unsigned.
    let renewed = world.enter("ann-phone", Some(&ann), None).await;
    assert_eq!(renewed.unwrap_err(), ProblemCode::SignInNeeded);
    // Whom the accounts know by the WeChat user is signed in, and so is who shows something.
    assert!(!world.enter("linked", Some(&ann), None).await.unwrap().1);
    let named = world.enter("cem-phone", Some(&ann), Some("sesame"));
    assert!(!named.await.unwrap().1);
    // A guest's keeps nobody out, and nobody is told of its user.
    for openid in ["bob-phone", "cem-phone"] {
        let (_, is_guest) = world.enter(openid, Some(&guest), None).await.unwrap();
        assert!(is_guest, "{openid}");
    }
    for id in [&ann, &guest] {
        let token = world.sessions.vouched(id.as_bytes()).unwrap();
        assert!(world.sessions.verify(token).await.is_ok(), "it lives on");
    }
}

#[tokio::test]
async fn who_shows_something_else_shares_no_session() {
    let world = World::new();
    world.accounts.gate.forget_permits(1000);
    let enter = |password| world.enter("ann-phone", None, Some(password));
    let both_ask = async {
        while world.accounts.asked.load(Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
    };
    let open = async {
        let asked = tokio::time::timeout(Duration::from_secs(10), both_ask).await;
        world.accounts.gate.add_permits(1000);
        asked.unwrap();
    };
    let (right, same, wrong, ()) =
        tokio::join!(enter("sesame"), enter("sesame"), enter("guess"), open);
    assert_eq!(right.unwrap(), same.unwrap());
    assert_eq!(wrong.unwrap_err(), ProblemCode::CredentialsWrong);
    assert_eq!(world.accounts.asked.load(Relaxed), 2);
}

#[tokio::test]
async fn an_account_that_changes_meanwhile_is_asked_for_once_more_if_that_costs_no_guess() {
    let world = World::new();
    world.accounts.ends.store(1, Relaxed);
    // The clock must pass the moment at which the account was closed.
    let entered = world.enter("linked", None, None).await;
    let asked = world.accounts.asked.load(Relaxed);
    assert_eq!(asked, 2);
    // In the very millisecond of the end, the second answer comes too early as well.
    assert!(matches!(
        entered,
        Ok((_, false)) | Err(ProblemCode::ServerBusy)
    ));
    world.accounts.ends.store(1, Relaxed);
    let named = world.enter("ann-phone", None, Some("sesame")).await;
    assert_eq!(named.unwrap_err(), ProblemCode::ServerBusy);
    assert_eq!(world.accounts.asked.load(Relaxed), asked + 1);
}
