//! The machine as its tests see it: each event returns what it leads to, as one list.

use std::ops::Deref;

use super::{Conclusion, Deadlines, LoginData, Reply, Step};
use crate::errand::{Errand, Errands};
use crate::error::Failure;
use crate::milliseconds::Milliseconds;
use crate::session::Session;

/// When codes are asked for and come.
const NOW: Milliseconds = Milliseconds::new(1_000_000);

/// What an event leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    AskCode(Step),
    Prepare(Step),
    Post(Step),
    Withdraw(Step),
    Sleep(Step, u32),
    Issued(Session),
    Failed(Failure),
    Unwanted(Session),
}

#[derive(Clone, Debug)]
pub(super) struct Exchange(super::Exchange);

impl Deref for Exchange {
    type Target = super::Exchange;

    fn deref(&self) -> &super::Exchange {
        &self.0
    }
}

impl Exchange {
    pub(super) fn new(deadlines: Deadlines) -> Self {
        Self(super::Exchange::new(deadlines))
    }

    pub(super) fn code(&self, step: Step) -> Option<&str> {
        self.0.code(step).map(String::as_str)
    }

    pub(super) fn begin(&mut self) -> Vec<Effect> {
        self.effects(|exchange, errands| {
            exchange.begin(false, NOW, errands);
        })
    }

    pub(super) fn begin_attempt(&mut self) -> Vec<Effect> {
        self.effects(|exchange, errands| {
            exchange.begin(true, NOW, errands);
        })
    }

    pub(super) fn abandon(&mut self) {
        self.0.abandon();
    }

    pub(super) fn coded(&mut self, step: Step, code: Option<String>) -> Vec<Effect> {
        self.effects(|exchange, errands| exchange.coded(step, code, NOW, errands))
    }

    pub(super) fn prepared(
        &mut self,
        step: Step,
        data: LoginData,
        now: Milliseconds,
    ) -> Vec<Effect> {
        self.effects(|exchange, errands| exchange.prepared(step, data, now, errands))
    }

    pub(super) fn answered(
        &mut self,
        step: Step,
        reply: Reply,
        now: Milliseconds,
        random: f64,
    ) -> Vec<Effect> {
        self.effects(|exchange, errands| exchange.answered(step, reply, now, random, errands))
    }

    /// A post that presented a session ended.
    pub(super) fn presenting(&mut self, step: Step, reply: Reply) -> Vec<Effect> {
        self.effects(|exchange, errands| {
            exchange.posted(true);
            exchange.answered(step, reply, NOW, 0.0, errands)
        })
    }

    /// The post that is under way presents no session.
    pub(super) fn presents_nothing(&mut self) {
        self.0.posted(false);
    }

    pub(super) fn elapsed(&mut self, step: Step, now: Milliseconds, random: f64) -> Vec<Effect> {
        self.effects(|exchange, errands| exchange.elapsed(step, now, random, errands))
    }

    fn effects(&mut self, event: impl FnOnce(&mut super::Exchange, &mut Errands)) -> Vec<Effect> {
        let mut errands = Errands::new(None);
        event(&mut self.0, &mut errands);
        let conclusion = self.0.conclusion();
        let asked = std::iter::from_fn(|| errands.take()).map(|errand| match errand {
            Errand::AskCode(step) => Effect::AskCode(step),
            Errand::Prepare(step) => Effect::Prepare(step),
            Errand::Post(step) => Effect::Post(step),
            Errand::Withdraw(step) => Effect::Withdraw(step),
            Errand::Sleep(step, milliseconds) => Effect::Sleep(step, milliseconds),
            other => panic!("{other:?} is an errand of the other machine"),
        });
        let concluded = conclusion.map(|conclusion| match conclusion {
            Conclusion::Issued(session) => Effect::Issued(session),
            Conclusion::Failed(failure) => Effect::Failed(failure),
            Conclusion::Unwanted(session) => Effect::Unwanted(session),
        });
        asked.chain(concluded).collect()
    }
}
