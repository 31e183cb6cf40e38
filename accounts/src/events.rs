//! What happens to accounts, as the app's own backend is told: `{"id","event","user","identity"?}`, in order.
//!
//! An event is told until the endpoint accepts it, five times at most, and only as long as this process lives: the answer to
//! the user never waits for it. So events are a notice, and not a record: an app must not depend on seeing every one.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::sleep;
use wxsession_server::once_a_minute::OnceAMinute;

use crate::hook::Hook;
use crate::identifier::Kind;

/// How many events may wait to be told.
const WAITING: usize = 1024;
/// The pauses between the attempts to tell one event.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// An account was made.
    Registered,
    /// An identity was added.
    Linked {
        /// Its kind. What it is stays between the user and this server.
        identity: Kind,
    },
    /// An identity was removed.
    Unlinked {
        /// Its kind.
        identity: Kind,
    },
    /// The password was set or changed.
    PasswordChanged,
    /// The account was deleted. The app has to delete what it holds of the user.
    Deleted,
}

/// Tells the app what happens. Its clones share one queue.
#[derive(Clone)]
pub struct Events(Option<mpsc::Sender<Told>>);

#[derive(Debug, Serialize)]
struct Told {
    /// Differs between events, and is the same each time that an event is told.
    id: String,
    #[serde(flatten)]
    happening: Happening,
    user: String,
}

impl Events {
    /// Tells nobody.
    pub fn untold() -> Self {
        Self(None)
    }

    /// Tells this endpoint. Has to be called in a Tokio runtime.
    pub fn told_to(hook: Hook) -> Self {
        let (sender, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Some(told) = waiting.recv().await {
                tell(&hook, &told, PAUSES).await;
            }
        });
        Self(Some(sender))
    }

    /// Tells that something has happened to a user. Returns at once.
    pub fn tell(&self, user: &str, happening: Happening) {
        let Some(sender) = &self.0 else {
            return;
        };
        static LOST: OnceAMinute = OnceAMinute::new();
        let told = Told {
            id: random_id(),
            happening,
            user: user.to_owned(),
        };
        if sender.try_send(told).is_err()
            && let Some(left_out) = LOST.due()
        {
            tracing::warn!(
                left_out,
                "events are lost: they come faster than --events-hook accepts them"
            );
        }
    }
}

async fn tell(hook: &Hook, told: &Told, pauses: [Duration; 4]) {
    static FAILED: OnceAMinute = OnceAMinute::new();
    let mut pauses = pauses.into_iter();
    while let Err(error) = hook.post(told).await {
        if let Some(pause) = pauses.next() {
            sleep(pause).await;
            continue;
        }
        if let Some(left_out) = FAILED.due() {
            let error = &error as &dyn Error;
            tracing::warn!(error, left_out, "events are lost: --events-hook fails");
        }
        return;
    }
}

fn random_id() -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    // Without randomness ids repeat, and the app sees an event less.
    let bytes: [u8; 12] = wxsession_server::random::bytes().unwrap_or_default();
    URL_SAFE_NO_PAD.encode(bytes)
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Events")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use axum::http::StatusCode;
    use axum::routing::post;
    use axum::{Json, Router};
    use serde_json::{Value, json};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use wxsession_server::wechat::tls_client;

    use super::{Events, Happening, Told, WAITING, tell};
    use crate::hook::Hook;
    use crate::identifier::Kind;
    use crate::web::Web;

    /// An endpoint that refuses the first calls, and what it got.
    async fn endpoint(refused: usize) -> (Hook, mpsc::UnboundedReceiver<Value>) {
        let (sender, got) = mpsc::unbounded_channel();
        let left = Arc::new(AtomicUsize::new(refused));
        let take = move |Json(told): Json<Value>| {
            sender.send(told).unwrap();
            let one_less = |left: usize| left.checked_sub(1);
            let refuses = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
            let status = if refuses.is_ok() {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::NO_CONTENT
            };
            async move { status }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let routes = Router::new().route("/", post(take));
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        let web = Web::new(tls_client()).unwrap();
        let web = web.with_deadline(Duration::from_secs(60));
        (Hook::new(web, address.parse().unwrap(), None), got)
    }

    #[tokio::test]
    async fn events_are_told_in_order_each_with_an_id_of_its_own() {
        let (hook, mut got) = endpoint(0).await;
        let events = Events::told_to(hook);
        let identity = Kind::Phone;
        events.tell("ann", Happening::Registered);
        events.tell("ann", Happening::Linked { identity });
        events.tell("ann", Happening::Deleted);
        let mut ids = Vec::new();
        for expected in [
            json!({ "event": "registered", "user": "ann" }),
            json!({ "event": "linked", "user": "ann", "identity": "phone" }),
            json!({ "event": "deleted", "user": "ann" }),
        ] {
            let mut told = got.recv().await.unwrap();
            ids.push(told.as_object_mut().unwrap().remove("id").unwrap());
            assert_eq!(told, expected);
        }
        assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    }

    #[tokio::test]
    async fn an_event_is_told_until_it_is_accepted_and_five_times_at_most() {
        for (refused, told) in [(0, 1), (3, 4), (4, 5), (100, 5)] {
            let (hook, mut got) = endpoint(refused).await;
            let event = Told {
                id: "one".into(),
                happening: Happening::PasswordChanged,
                user: "ann".into(),
            };
            tell(&hook, &event, [Duration::ZERO; 4]).await;
            for _ in 0..told {
                assert_eq!(got.try_recv().unwrap()["id"], "one");
            }
            assert!(got.is_empty(), "{refused}");
        }
    }

    #[tokio::test]
    async fn nobody_waits_and_the_queue_is_bounded() {
        let (hook, mut got) = endpoint(0).await;
        let events = Events::told_to(hook);
        // On one thread nothing is told before this test waits.
        for _ in 0..WAITING + 100 {
            events.tell("ann", Happening::PasswordChanged);
        }
        for _ in 0..WAITING {
            assert!(got.recv().await.is_some());
        }
        events.tell("ann", Happening::Deleted);
        assert_eq!(got.recv().await.unwrap()["event"], "deleted");
        Events::untold().tell("ann", Happening::Deleted);
    }
}
