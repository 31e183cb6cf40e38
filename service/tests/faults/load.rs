//! Users who sign in and out during a fault, and what the server acknowledged to them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::common::{Server, problem};
use crate::rig::until;

const WORKERS: usize = 8;
/// A proxy in front of a server that is cut off waits for it, for ten seconds a connection.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the server last said about a session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Live,
    Ended,
    /// A sign-out failed or was not answered, so it may or may not have happened.
    Undecided,
}

/// The sessions of all users, and what went wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    sessions: BTreeMap<String, Told>,
    /// Answers that contradict an earlier one.
    contradictions: Vec<String>,
    /// How often the server could not answer, or a proxy in front of it, by the status.
    pub(super) outages: BTreeMap<u16, usize>,
}

pub(super) struct Load {
    workers: JoinSet<Ledger>,
    sign_ins: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Load {
    pub(super) fn start(server: &Server) -> Self {
        let (stop, sign_ins) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut workers = JoinSet::new();
        for worker in 0..WORKERS {
            let (server, stop) = (server.clone(), Arc::clone(&stop));
            let sign_ins = Arc::clone(&sign_ins);
            workers.spawn(async move {
                let mut ledger = Ledger::default();
                for round in 0.. {
                    if stop.load(Relaxed) {
                        break;
                    }
                    // Users return, so that values are created, changed and removed; but not so often that the ninth
                    // session ends the first.
                    let user = format!("user-{worker}-{}", round % 50 + round / 300 * 50);
                    sign_ins.fetch_add(ledger.visit(&server, &user).await, Relaxed);
                }
                ledger
            });
        }
        Self {
            workers,
            sign_ins,
            stop,
        }
    }

    /// Waits for many further sign-ins.
    pub(super) async fn goes_on(&self) {
        let enough = self.sign_ins.load(Relaxed) + 100;
        until("many sign in", || async {
            self.sign_ins.load(Relaxed) >= enough
        })
        .await;
    }

    pub(super) async fn stop(self) -> Ledger {
        self.stop.store(true, Relaxed);
        let mut whole = Ledger::default();
        for ledger in self.workers.join_all().await {
            whole.sessions.extend(ledger.sessions);
            whole.contradictions.extend(ledger.contradictions);
            for (status, count) in ledger.outages {
                *whole.outages.entry(status).or_default() += count;
            }
        }
        whole
    }
}

impl Ledger {
    /// Returns the number of sign-ins: one or none.
    async fn visit(&mut self, server: &Server, user: &str) -> usize {
        let body = json!({ "code": server.code(user) });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        let signed_in = answer.status() == 200;
        match answer.status().as_u16() {
            200 => {
                let answer: Value = answer.json().await.unwrap();
                let session = answer["sessionid"].as_str().unwrap().to_owned();
                self.sessions.insert(session, Told::Live);
            }
            // 502 and 504 are a proxy's, which has lost the server.
            status @ 502..=504 => self.outage(status),
            status => self
                .contradictions
                .push(format!("a sign-in is answered {status}")),
        }
        let somebody = self.somebody(Told::Live);
        if let Some(session) = &somebody {
            self.look(server, session).await;
        }
        if let Some(session) = self.somebody(Told::Ended) {
            self.look(server, &session).await;
        }
        // Half of the users sign out again.
        if let Some(session) = somebody.filter(|_| fastrand::bool()) {
            let sign_out = server.post("/wx/logout").header("sessionid", &session);
            let told = match sign_out.send().await.unwrap().status().as_u16() {
                204 => Told::Ended,
                status => {
                    self.outage(status);
                    Told::Undecided
                }
            };
            self.sessions.insert(session, told);
        }
        usize::from(signed_in)
    }

    fn outage(&mut self, status: u16) {
        *self.outages.entry(status).or_default() += 1;
    }

    fn somebody(&self, told: Told) -> Option<String> {
        let those = self.sessions.iter().filter(|(_, each)| **each == told);
        let those: Vec<_> = those.collect();
        fastrand::choice(those).map(|(session, _)| session.clone())
    }

    async fn look(&mut self, server: &Server, session: &str) -> u16 {
        let ask = server.get("/wx/session").header("sessionid", session);
        let answer = ask.send().await.unwrap();
        let (status, told) = (answer.status().as_u16(), self.sessions[session]);
        match (told, status) {
            (_, 502..=504) => self.outage(status),
            (Told::Live, 200) | (Told::Ended, 401) | (Told::Undecided, 200 | 401) => {}
            _ => {
                let code = problem(answer).await;
                let contradiction = format!("{told:?}, and then {status} {code}");
                self.contradictions.push(contradiction);
            }
        }
        status
    }

    /// Checks every session once the server answers again: each must be as the server last said.
    pub(super) async fn compare_with(mut self, server: &Server) {
        let began = Instant::now();
        let sessions: Vec<_> = self.sessions.keys().cloned().collect();
        for session in &sessions {
            while self.look(server, session).await >= 500 {
                assert!(began.elapsed() < PATIENCE, "the server does not come back");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        assert_eq!(self.contradictions, [""; 0]);
        let count = |told| self.sessions.values().filter(|each| **each == told).count();
        let (live, ended) = (count(Told::Live), count(Told::Ended));
        assert!(
            live > 20 && ended > 20,
            "too little happened: {live} live, {ended} ended"
        );
    }
}
