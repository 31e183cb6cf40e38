//! Tries out a server's settings before they serve: everything outside this process that a sign-in depends on.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use wxsession_accounts::oidc::ThirdParty;
use wxsession_server::ProofPolicy;
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::wechat::{Exchange, LoginCode, WeChat, WeChatError};
use wxsession_stores::{FolderError, OpenError, WhenFull};

use crate::accounts::{AccountsHook, Authority};
use crate::config::Options;
use crate::finding::{Finding, with_causes};

/// How long Redis and the backend may take to be reached.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);
/// In milliseconds. What a check writes is removed at once; if that fails, it is gone by then.
const LIFE: u64 = 10_000;

/// Tries out these settings.
pub(crate) async fn check(options: &Options) -> Vec<Finding> {
    let mut findings = credentials(options).await;
    if let Err(error) = options.lifetimes() {
        findings.push(unusable("lifetimes", &error));
    }
    if let Err(error) = options.compatibility() {
        findings.push(unusable("old clients", &error));
    }
    findings.extend(signed_requests(options));
    match ring(options) {
        Some(wrong) if wrong.remedy.is_some() => findings.push(wrong),
        ring => {
            findings.extend(ring);
            findings.push(store(options).await);
            findings.extend(redis_when_full(options).await);
        }
    }
    findings.extend(listeners(options));
    findings.extend(backend(options).await);
    match options.authority() {
        Ok(Authority::Hook(hook)) => findings.extend(accounts_hook(&hook).await),
        Ok(Authority::BuiltIn(accounts)) => {
            for party in &accounts.third_parties {
                findings.push(third_party(party).await);
            }
        }
        Ok(Authority::WeChat) => {}
        Err(error) => findings.push(unusable("accounts", &error)),
    }
    findings
}

/// What will become of programs, those that sign and those that do not.
fn signed_requests(options: &Options) -> Option<Finding> {
    let asked = "signed requests";
    let (policy, target) = match (options.proof_policy(), options.proof_target()) {
        (Ok(policy), Ok(target)) => (policy, target),
        (Err(error), _) | (_, Err(error)) => return Some(unusable(asked, &error)),
    };
    let found = match policy {
        ProofPolicy::Off => return None,
        ProofPolicy::Offered => {
            "programs that ask for a key have to sign from then on; all others go on as before"
        }
        ProofPolicy::Required => {
            "programs that ask for no key cannot sign in, and their sessions end; while \
             wxsession_sign_ins_by_proof_total{proof=\"none\"} grows, there are some"
        }
    };
    let told = target.map(|target| format!("; the proxy has to tell {}", target.expected()));
    Some(right(
        asked.into(),
        &format!("{found}{}", told.unwrap_or_default()),
    ))
}

async fn credentials(options: &Options) -> Vec<Finding> {
    let wechat = match options.wechat() {
        Ok(wechat) => wechat,
        Err(error) => return vec![unusable("appid and secret", &error)],
    };
    let mut findings = Vec::new();
    for appid in wechat.appids() {
        findings.push(accepted_by_wechat(&wechat, &appid).await);
    }
    findings
}

/// Asks WeChat with a code that it has never issued. WeChat looks at appid and secret first.
async fn accepted_by_wechat(wechat: &WeChat, appid: &str) -> Finding {
    let code = LoginCode::parse("a-code-for-wxsession-server-check");
    let answer = match &code {
        Some(code) => wechat.exchange(appid, code).await,
        None => Err(WeChatError::CodeInvalid),
    };
    let (answered, remedy) = match answer {
        Err(WeChatError::CodeInvalid | WeChatError::RateLimited | WeChatError::UserBlocked) => {
            ("WeChat accepts the appid and its secret".into(), None)
        }
        Ok(_) => (
            "a code was accepted that WeChat never issued".into(),
            Some("--wechat-api leads to something else; leave it out"),
        ),
        Err(error) if matches!(error, WeChatError::Misconfigured { .. }) => (
            with_causes(&error),
            Some("nobody can sign in until this is mended in the settings or in WeChat's console"),
        ),
        Err(error) => (
            with_causes(&error),
            Some("see that this machine reaches --wechat-api without a proxy, and try again"),
        ),
    };
    Finding {
        asked: format!("WeChat, as {appid}"),
        answered,
        remedy: remedy.map(String::from),
    }
}

/// The ring of a store that is on this machine and yet to be made is made with it.
fn ring(options: &Options) -> Option<Finding> {
    let asked = "key ring";
    match options.ring() {
        Ok(None) => None,
        Ok(Some(_)) => Some(right(asked.into(), "readable, and nobody else's to read")),
        Err(error) => Some(unusable(asked, &error)),
    }
}

async fn store(options: &Options) -> Finding {
    let asked = format!("store, {}", options.store_in_words());
    if options.store_is_yet_to_be_made() {
        return right(asked, "the server makes it when it starts");
    }
    let (store, _) = match options.open_store() {
        Ok(opened) => opened,
        Err(error) if is_in_use(&error) => {
            return right(asked, "a running server uses it; stop that to try it out");
        }
        Err(error) => return unusable(&asked, &error),
    };
    match reads_and_writes(&*store).await {
        Ok(()) => right(asked, "reads and writes"),
        Err(error) => Finding {
            asked,
            answered: with_causes(&error),
            remedy: Some(
                "see that it runs, that this machine reaches it, and that it has room; with Redis, that the URL has the \
                 right password and its user the rights in the documentation"
                    .into(),
            ),
        },
    }
}

/// What becomes of sessions, and of what is remembered of signed requests, when Redis is full.
async fn redis_when_full(options: &Options) -> Option<Finding> {
    let redis = options.redis()?.ok()?;
    let start = Instant::now();
    let told = loop {
        match redis.when_full().await {
            Ok(told) => break told,
            // That is told already.
            Err(_) if start.elapsed() > PATIENCE => return None,
            Err(_) => sleep(PAUSE).await,
        }
    };
    let asked = "Redis, when it is full".to_owned();
    Some(match told {
        WhenFull::Refuses => right(asked, "keeps what it has"),
        WhenFull::Unknown => right(
            asked,
            "does not tell; its user may need +info. It must have maxmemory-policy noeviction",
        ),
        WhenFull::Drops(policy) => Finding {
            asked,
            answered: format!("drops values, by maxmemory-policy {policy}"),
            remedy: Some(
                "set maxmemory-policy noeviction: otherwise users are signed out then, and a signed request can be served \
                 twice"
                    .into(),
            ),
        },
    })
}

/// Redis is connected to in the background, so its first calls fail.
async fn reads_and_writes(store: &dyn Store) -> Result<(), StoreError> {
    let start = Instant::now();
    loop {
        let tried = read_and_write(store).await;
        if tried.is_ok() || start.elapsed() > PATIENCE {
            return tried;
        }
        sleep(PAUSE).await;
    }
}

async fn read_and_write(store: &dyn Store) -> Result<(), StoreError> {
    // No WeChat user has this key, because no appid is empty.
    let key = UserKey::new("", "wxsession-server check");
    let value = b"check".to_vec();
    let old = store.get(key).await?;
    store.swap(key, old, Some(value.clone()), LIFE).await?;
    store.swap(key, Some(value), None, 0).await?;
    Ok(())
}

/// What the listeners need, except their addresses, which a running server may use.
fn listeners(options: &Options) -> Vec<Finding> {
    let certificate = options.certificate().map(|certificate| {
        let found = "certificate and private key belong together";
        certificate.map(|_| right("certificate".into(), found))
    });
    let internal = options.internal_token().map(|token| {
        let found = "callers have to present it";
        token.map(|_| right("token of the internal listener".into(), found))
    });
    let unusable = |result: anyhow::Result<Option<Finding>>, what| {
        result.unwrap_or_else(|error| Some(unusable(what, &error)))
    };
    let certificate = unusable(certificate, "certificate");
    let internal = unusable(internal, "internal listener");
    [certificate, internal].into_iter().flatten().collect()
}

/// Whether the app's backend takes connections, if requests are carried to it.
async fn backend(options: &Options) -> Option<Finding> {
    let upstream = match options.upstream().await {
        Ok(upstream) => upstream?,
        Err(error) => return Some(unusable("backend", &error)),
    };
    let address = upstream.address;
    let asked = format!("backend, {address}");
    let connected = timeout(PATIENCE, TcpStream::connect(address.host_and_port())).await;
    let answered = match connected {
        Ok(Ok(_)) => return Some(right(asked, "takes connections")),
        Ok(Err(error)) => with_causes(&error),
        Err(late) => with_causes(&late),
    };
    Some(Finding {
        asked,
        answered,
        remedy: Some(
            "until it runs, what is carried to it is answered 502; compare --upstream with where it listens".into(),
        ),
    })
}

async fn accounts_hook(hook: &AccountsHook) -> Vec<Finding> {
    let findings = hook.check(None).await;
    let all = findings.len();
    let wrong = findings
        .into_iter()
        .filter(|finding| finding.remedy.is_some());
    let wrong: Vec<_> = wrong
        .map(|finding| Finding {
            asked: format!("accounts hook, {}", finding.asked),
            ..finding
        })
        .collect();
    if wrong.is_empty() {
        return vec![right(
            "accounts hook".into(),
            &format!("{all} answers of {all} are right"),
        )];
    }
    wrong
}

async fn third_party(party: &ThirdParty) -> Finding {
    let asked = format!("third party {}", party.name());
    match party.try_out().await {
        Ok(()) => right(asked, "its addresses and keys are known"),
        Err(error) => Finding {
            asked,
            answered: with_causes(&*error),
            remedy: Some(
                "compare the issuer in --provider with what the third party documents, letter by letter, and see that this \
                 machine reaches it"
                    .into(),
            ),
        },
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<FolderError>();
    matches!(error, Some(FolderError::Sessions(_, OpenError::InUse)))
}

fn right(asked: String, answered: &str) -> Finding {
    Finding {
        asked,
        answered: answered.into(),
        remedy: None,
    }
}

fn unusable(asked: &str, error: &anyhow::Error) -> Finding {
    Finding {
        asked: asked.into(),
        answered: "a setting cannot be used".into(),
        remedy: Some(format!("{error:#}")),
    }
}
