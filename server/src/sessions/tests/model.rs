//! Linearisability: whatever runs concurrently, in however many processes, each change takes effect at one moment, each
//! answer is what held at the last read, and both agree with a model.
//!
//! Operations are polled by hand in a random order, and yield before and after each call of the store. The model is written
//! from the contract, independently of the rules.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::super::{Sessions, SessionsError};
use super::person;
use crate::identity::UserKey;
use crate::ring::KeyRing;
use crate::session_key::sample;
use crate::store::{Store, StoreError, StoreFuture};
use crate::token::{Token, Version};
use crate::user::{LIVE_SESSIONS, Lifetimes, Millis, Refusal};

/// Both the same, so that a use in flight while time passes makes no difference.
const LIFETIMES: Lifetimes = Lifetimes {
    idle: Duration::from_secs(1000),
    absolute: Duration::from_secs(1000),
    renewable: Duration::from_secs(30 * 24 * 3600),
};
const LIFETIME: Millis = 1_000_000;
const USERS: [&str; 2] = ["ann", "bob"];

/// An operation. A session is named by the operation that issued it; here, by a number modulo the sessions that exist.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Issue {
        user: usize,
        presented: Option<usize>,
    },
    Verify(usize),
    Touch(usize),
    End(usize),
    EndAll(usize),
    EndOthers(usize),
    EndUser(usize),
    Block(usize, Millis),
    Wait(Millis),
}

fn operation() -> impl Strategy<Value = Operation> {
    let session = || 0..40_usize;
    let user = || 0..USERS.len();
    prop_oneof![
        6 => (user(), proptest::option::of(session()))
            .prop_map(|(user, presented)| Operation::Issue { user, presented }),
        3 => session().prop_map(Operation::Verify),
        2 => session().prop_map(Operation::Touch),
        2 => session().prop_map(Operation::End),
        1 => session().prop_map(Operation::EndAll),
        1 => session().prop_map(Operation::EndOthers),
        1 => user().prop_map(Operation::EndUser),
        1 => (user(), 0..200_000_u64).prop_map(|(user, span)| Operation::Block(user, span)),
        1 => (1..300_000_u64).prop_map(Operation::Wait),
    ]
}

/// The answer to the use of a session.
type Verdict = Option<Refusal>;

struct Known {
    user: usize,
    deadline: Millis,
    /// When it was last used, once it was used since its sign-in.
    used: Option<Millis>,
    since: Millis,
    ended: Verdict,
}

/// What should hold, by the names of the sessions.
#[derive(Default)]
struct Model {
    sessions: HashMap<usize, Known>,
    blocked: [Millis; USERS.len()],
}

impl Model {
    fn verdict(&self, session: usize, now: Millis) -> Verdict {
        let known = &self.sessions[&session];
        if now >= known.deadline {
            Some(Refusal::Expired)
        } else {
            known.ended
        }
    }

    fn live(&self, user: usize, now: Millis) -> Vec<usize> {
        let names = self.sessions.keys().copied();
        names
            .filter(|name| self.sessions[name].user == user && self.verdict(*name, now).is_none())
            .collect()
    }

    fn end(&mut self, session: usize, how: Refusal, now: Millis) {
        if self.verdict(session, now).is_none() {
            self.sessions.get_mut(&session).unwrap().ended = Some(how);
        }
    }

    fn revoke(&mut self, user: usize, but: Option<usize>, now: Millis) {
        for session in self.live(user, now) {
            if Some(session) != but {
                self.end(session, Refusal::Revoked, now);
            }
        }
    }

    /// The named operation changes the user's value.
    fn apply(&mut self, name: usize, operation: Operation, at: usize, now: Millis) {
        match operation {
            Operation::Issue { user, presented } => {
                if let Some(presented) = presented.filter(|name| self.sessions[name].user == at) {
                    self.end(presented, Refusal::Expired, now);
                }
                if user != at {
                    return;
                }
                while self.live(user, now).len() >= LIVE_SESSIONS {
                    let live = self.live(user, now).into_iter();
                    let order = |known: &Known| (known.used, known.since);
                    let last = live.min_by_key(|name| order(&self.sessions[name]));
                    self.end(last.unwrap(), Refusal::Replaced, now);
                }
                let known = Known {
                    user,
                    deadline: now + LIFETIME,
                    used: None,
                    since: now,
                    ended: None,
                };
                self.sessions.insert(name, known);
            }
            Operation::Touch(session) => {
                let known = self.sessions.get_mut(&session).unwrap();
                known.used = known.used.max(Some(now));
            }
            Operation::End(session) => self.end(session, Refusal::Expired, now),
            Operation::EndAll(session) => self.revoke(self.sessions[&session].user, None, now),
            Operation::EndOthers(session) => {
                self.revoke(self.sessions[&session].user, Some(session), now);
            }
            Operation::EndUser(user) => self.revoke(user, None, now),
            Operation::Block(user, span) => {
                self.revoke(user, None, now);
                self.blocked[user] = now + span;
            }
            Operation::Verify(_) | Operation::Wait(_) => unreachable!("they change nothing"),
        }
    }
}

/// The store that all operations share, with the model beside it.
#[derive(Default)]
struct Stage(Mutex<Scene>);

#[derive(Default)]
struct Scene {
    now: Millis,
    values: HashMap<UserKey, (Vec<u8>, Millis)>,
    model: Model,
    /// The name of the operation being polled.
    acting: usize,
    operations: Vec<Operation>,
    /// For each operation, the time that it last asked for, and its session as of the last read.
    asked: HashMap<usize, Millis>,
    read: HashMap<usize, Verdict>,
    /// Whether the next swaps take effect but lose their answers.
    lost: Vec<bool>,
}

impl Scene {
    fn alive(&self, key: UserKey) -> Option<&Vec<u8>> {
        let (bytes, until) = self.values.get(&key)?;
        (self.now < *until).then_some(bytes)
    }

    fn note_read(&mut self) {
        if let Operation::Verify(session)
        | Operation::EndAll(session)
        | Operation::EndOthers(session) = self.operations[self.acting]
        {
            let ended = self.model.sessions[&session].ended;
            self.read.insert(self.acting, ended);
            // The store itself leaves out an expired value, so a read counts as asking for the time.
            self.asked.insert(self.acting, self.now);
        }
    }

    /// The answer that the operation should get about its session.
    fn due(&self, name: usize, session: usize) -> Verdict {
        if self.asked[&name] >= self.model.sessions[&session].deadline {
            Some(Refusal::Expired)
        } else {
            self.read[&name]
        }
    }
}

impl Stage {
    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.0.lock().unwrap()
    }
}

/// Yields to the other operations.
async fn give_way() {
    let mut gave = false;
    poll_fn(|_| {
        if std::mem::replace(&mut gave, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

impl Store for Stage {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            give_way().await;
            let value = {
                let mut scene = self.scene();
                scene.note_read();
                scene.alive(user).cloned()
            };
            give_way().await;
            Ok(value)
        })
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            give_way().await;
            let (applies, lost) = {
                let mut scene = self.scene();
                let applies = scene.alive(user) == old.as_ref();
                if applies {
                    let until = scene.now + ttl;
                    match new {
                        Some(new) => scene.values.insert(user, (new, until)),
                        None => scene.values.remove(&user),
                    };
                    let at = USERS.map(key).iter().position(|key| *key == user).unwrap();
                    let name = scene.acting;
                    let (operation, asked) = (scene.operations[name], scene.asked[&name]);
                    scene.model.apply(name, operation, at, asked);
                }
                (applies, scene.lost.pop().unwrap_or(false))
            };
            give_way().await;
            if lost {
                Err(StoreError::Late)
            } else {
                Ok(applies)
            }
        })
    }

    /// No two answers are equal.
    fn now(&self) -> Millis {
        let mut scene = self.scene();
        scene.now += 1;
        let (name, now) = (scene.acting, scene.now);
        scene.asked.insert(name, now);
        now
    }
}

fn key(openid: &str) -> UserKey {
    UserKey::new("wx", openid)
}

type Running = Pin<Box<dyn Future<Output = Result<Option<Token>, SessionsError>>>>;

/// A run: everything that happens, in the drawn order.
struct Play {
    stage: Arc<Stage>,
    processes: [Sessions; 2],
    tokens: HashMap<usize, Token>,
    running: Vec<(usize, Running)>,
}

impl Play {
    fn new(lost: Vec<bool>) -> Self {
        let stage = Arc::new(Stage::default());
        stage.scene().lost = lost;
        let ring = KeyRing::generate().unwrap();
        let process = || {
            Sessions::new(
                Arc::clone(&stage) as Arc<dyn Store>,
                &ring,
                LIFETIMES,
                ["wx"],
            )
        };
        Self {
            processes: [process(), process()],
            stage: Arc::clone(&stage),
            tokens: HashMap::new(),
            running: Vec::new(),
        }
    }

    /// Maps any number to the name of an issued session.
    fn held(&self, number: usize) -> Option<usize> {
        let mut names: Vec<_> = self.tokens.keys().copied().collect();
        names.sort_unstable();
        (!names.is_empty()).then(|| names[number % names.len()])
    }

    /// Begins an operation on the sessions that its numbers map to. Does nothing if there is no session yet.
    fn start(&mut self, operation: Operation) {
        let held = |number| self.held(number);
        let named = match operation {
            Operation::Issue { user, presented } => Some(Operation::Issue {
                user,
                presented: presented.and_then(held),
            }),
            Operation::Verify(number) => held(number).map(Operation::Verify),
            Operation::Touch(number) => held(number).map(Operation::Touch),
            Operation::End(number) => held(number).map(Operation::End),
            Operation::EndAll(number) => held(number).map(Operation::EndAll),
            Operation::EndOthers(number) => held(number).map(Operation::EndOthers),
            Operation::EndUser(_) | Operation::Block(..) => Some(operation),
            Operation::Wait(span) => {
                self.stage.scene().now += span;
                None
            }
        };
        if let Some(operation) = named {
            self.begin(operation);
        }
    }

    fn begin(&mut self, operation: Operation) {
        let name = {
            let mut scene = self.stage.scene();
            scene.operations.push(operation);
            scene.operations.len() - 1
        };
        let sessions = self.processes[name % 2].clone();
        let running = perform(sessions, operation, self.tokens.clone());
        self.running.push((name, Box::pin(running)));
    }

    fn go_on(&mut self, which: usize) -> Result<(), TestCaseError> {
        let (name, running) = &mut self.running[which];
        let name = *name;
        self.stage.scene().acting = name;
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(outcome) = running.as_mut().poll(&mut context) else {
            return Ok(());
        };
        drop(self.running.swap_remove(which));
        self.judge(name, outcome)
    }

    fn judge(
        &mut self,
        name: usize,
        outcome: Result<Option<Token>, SessionsError>,
    ) -> Result<(), TestCaseError> {
        let scene = self.stage.scene();
        let operation = scene.operations[name];
        match outcome {
            // The answer was lost, or others were always faster: there is nothing to compare.
            Err(SessionsError::Store(_)) => {}
            Err(SessionsError::Blocked(_)) => {
                let Operation::Issue { user, .. } = operation else {
                    return Err(TestCaseError::fail("only a sign-in can be blocked"));
                };
                prop_assert!(!scene.model.sessions.contains_key(&name));
                prop_assert!(scene.model.blocked[user] > 0);
            }
            Ok(Some(token)) => {
                prop_assert!(scene.model.sessions.contains_key(&name));
                drop(scene);
                self.tokens.insert(name, token);
            }
            told => {
                if let Operation::Verify(session)
                | Operation::EndAll(session)
                | Operation::EndOthers(session) = operation
                {
                    prop_assert_eq!(refusal(told)?, scene.due(name, session), "{:?}", operation);
                } else {
                    prop_assert_eq!(refusal(told)?, None, "{:?}", operation);
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TestCaseError> {
        while !self.running.is_empty() {
            for which in (0..self.running.len()).rev() {
                self.go_on(which)?;
            }
        }
        Ok(())
    }

    /// Finally every session is used once more.
    fn close(&mut self) -> Result<(), TestCaseError> {
        self.finish()?;
        let names: Vec<_> = self.tokens.keys().copied().collect();
        for name in names {
            self.begin(Operation::Verify(name));
            self.finish()?;
        }
        let scene = self.stage.scene();
        for user in 0..USERS.len() {
            prop_assert!(scene.model.live(user, scene.now).len() <= LIVE_SESSIONS);
        }
        Ok(())
    }
}

async fn perform(
    sessions: Sessions,
    operation: Operation,
    tokens: HashMap<usize, Token>,
) -> Result<Option<Token>, SessionsError> {
    match operation {
        Operation::Issue { user, presented } => {
            let presented = presented.map(|name| tokens[&name]);
            let issued = sessions
                .issue(&person(USERS[user]), &sample(1), presented, Version::Bearer)
                .await?;
            return Ok(Some(issued.token));
        }
        Operation::Verify(name) => drop(sessions.verify(tokens[&name]).await?),
        Operation::Touch(name) => sessions.touch(tokens[&name]).await?,
        Operation::End(name) => sessions.end(tokens[&name]).await?,
        Operation::EndAll(name) => sessions.end_all(tokens[&name]).await?,
        Operation::EndOthers(name) => sessions.end_others(tokens[&name]).await?,
        Operation::EndUser(user) => sessions.end_user("wx", USERS[user]).await?,
        Operation::Block(user, span) => {
            let span = Duration::from_millis(span);
            sessions.block("wx", USERS[user], span).await?;
        }
        Operation::Wait(_) => {}
    }
    Ok(None)
}

fn refusal(told: Result<Option<Token>, SessionsError>) -> Result<Verdict, TestCaseError> {
    match told {
        Ok(_) => Ok(None),
        Err(SessionsError::Refused(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(TestCaseError::fail(format!("{error:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_runs_at_the_same_time_all_is_told_as_it_is(
        operations in proptest::collection::vec(operation(), 1..60),
        order in proptest::collection::vec(0..1000_usize, 0..400),
        lost in proptest::collection::vec(proptest::bool::weighted(0.1), 0..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let _entered = runtime.enter();
        let mut play = Play::new(lost);
        let mut operations = operations.into_iter();
        for drawn in order {
            // A third of the steps begin an operation, so that a few run concurrently.
            if drawn % 3 == 0 || play.running.is_empty() {
                if let Some(operation) = operations.next() {
                    play.start(operation);
                }
            } else {
                play.go_on(drawn / 3 % play.running.len())?;
            }
        }
        for operation in operations {
            play.start(operation);
            play.finish()?;
        }
        play.close()?;
    }
}
