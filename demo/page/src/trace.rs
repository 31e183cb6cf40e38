//! What happens in a visitor's world, told as it happens: each step once when it begins and once when it ends. Events
//! never hold a code, a session id or an openid.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// How many events a slow reader may fall behind before it misses the oldest.
const EVENTS_KEPT: usize = 4096;

tokio::task_local! {
    /// The mini program's name for the call that is being answered.
    pub(crate) static CALL: Option<String>;
}

/// Where something happens.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lane {
    Server,
    Store,
    /// The app's own user database.
    Users,
    WeChat,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It succeeded.
    Ok,
    /// It was refused, as the rules say.
    Refused,
    /// It failed.
    Failed,
    /// The caller gave it up.
    Aborted,
}

#[derive(Clone, Debug, Serialize)]
struct Step {
    id: u64,
    /// Whether it happened in the rival's half of the world.
    rival: bool,
    lane: Lane,
    what: String,
    call: Option<String>,
    /// Milliseconds since 1970.
    at: f64,
    end: Option<End>,
}

#[derive(Clone, Debug, Serialize)]
struct End {
    /// Milliseconds.
    took: f64,
    outcome: Outcome,
    /// An HTTP status, a problem's code, WeChat's errcode, or what a store found.
    said: String,
}

/// A world's events. Clones share them.
#[derive(Clone)]
pub(crate) struct Trace {
    steps: Sender<Step>,
    last: Arc<AtomicU64>,
    rival: bool,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self {
            steps: channel(EVENTS_KEPT).0,
            last: Arc::default(),
            rival: false,
        }
    }

    /// The same events, to which the rival's half of the world adds its own.
    pub(crate) fn of_rival(&self) -> Self {
        Self {
            rival: true,
            ..self.clone()
        }
    }

    /// Reports that a step begins. The step ends when the returned value reports how, or is dropped.
    pub(crate) fn begin(&self, lane: Lane, what: impl Into<String>) -> Running {
        let step = Step {
            id: self.last.fetch_add(1, Ordering::Relaxed),
            rival: self.rival,
            lane,
            what: what.into(),
            call: CALL.try_with(Clone::clone).unwrap_or_default(),
            at: now(),
            end: None,
        };
        self.tell(&step);
        Running {
            trace: self.clone(),
            step,
            began: Instant::now(),
        }
    }

    /// All events from now on, for a browser.
    pub(crate) fn stream(&self) -> Response {
        // Tells the page that it misses nothing from now on. An event needs data.
        let greeting = stream::iter([Ok::<_, Infallible>(
            Event::default().event("ready").data("ready"),
        )]);
        let steps = stream::unfold(self.steps.subscribe(), |mut steps| async {
            next(&mut steps).await.map(|event| (Ok(event), steps))
        });
        let stream = futures_util::StreamExt::chain(greeting, steps);
        Sse::new(stream)
            .keep_alive(KeepAlive::default())
            .into_response()
    }

    /// Whether a browser listens.
    pub(crate) fn is_watched(&self) -> bool {
        self.steps.receiver_count() > 0
    }

    fn tell(&self, step: &Step) {
        // Fails if nobody listens.
        let _ = self.steps.send(step.clone());
    }
}

/// The next event, or nothing once the world is gone.
async fn next(steps: &mut Receiver<Step>) -> Option<Event> {
    match steps.recv().await {
        Ok(step) => {
            let told = serde_json::json!({ "step": step, "now": now() });
            Some(Event::default().data(told.to_string()))
        }
        Err(RecvError::Lagged(lost)) => Some(Event::default().event("lost").data(lost.to_string())),
        Err(RecvError::Closed) => None,
    }
}

/// A step that has begun.
pub(crate) struct Running {
    trace: Trace,
    step: Step,
    began: Instant,
}

impl Running {
    /// Tells how it ended.
    pub(crate) fn end(mut self, outcome: Outcome, said: impl Into<String>) {
        self.close(outcome, said.into());
    }

    fn close(&mut self, outcome: Outcome, said: String) {
        let took = self.began.elapsed().as_secs_f64() * 1000.0;
        self.step.end = Some(End {
            took,
            outcome,
            said,
        });
        self.trace.tell(&self.step);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.step.end.is_none() {
            self.close(Outcome::Aborted, String::new());
        }
    }
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}
