//! What happens to accounts, as the app's own backend is told: `{"id","event","user","identity"?}`, in order.
//!
//! An event is told until the endpoint accepts it, five times at most, and only as long as this process lives: the answer to
//! the user never waits for it. An app that must not miss one compares its users with `GET /wx/account` from time to time.

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
                tell(&hook, &told).await;
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
        if sender.try_send(told).is_err() && LOST.is_due() {
            tracing::warn!("events are lost: they come faster than --events-hook accepts them");
        }
    }
}

async fn tell(hook: &Hook, told: &Told) {
    static FAILED: OnceAMinute = OnceAMinute::new();
    let mut pauses = PAUSES.into_iter();
    while let Err(error) = hook.post(told).await {
        if let Some(pause) = pauses.next() {
            sleep(pause).await;
            continue;
        }
        if FAILED.is_due() {
            let error = &error as &dyn Error;
            tracing::warn!(error, "events are lost: --events-hook fails");
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
