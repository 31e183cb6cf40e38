//! The machine as its tests see it: each event returns what it leads to, as one list.

use std::ops::{Deref, DerefMut};

use super::{Generation, Outcome, Sent, Ticket, Want};
use crate::errand::{Errand, Errands};
use crate::error::{ErrorCode, Failure};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::session::{Kept, Session};

/// What an event leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The machine now wants a sign-in.
    SignIn,
    /// The machine no longer wants the sign-in in progress.
    Abandon,
    Settle(Ticket, Outcome),
    Keep,
    End(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow(super::Flow);

impl Deref for Flow {
    type Target = super::Flow;

    fn deref(&self) -> &super::Flow {
        &self.0
    }
}

impl DerefMut for Flow {
    fn deref_mut(&mut self) -> &mut super::Flow {
        &mut self.0
    }
}

impl Flow {
    pub(super) fn new(restored: Option<Session>) -> Self {
        Self(super::Flow::new(restored.map(Kept::Session)))
    }

    pub(super) fn ended(code: ErrorCode) -> Self {
        Self(super::Flow::new(Some(Kept::Ended(code))))
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.standing().map(|session| session.id().as_str())
    }

    pub(super) fn presented(&self) -> Option<&str> {
        self.0.presented().map(String::as_str)
    }

    pub(super) fn want(&mut self, ticket: Ticket, want: Want, now: Milliseconds) -> Vec<Effect> {
        self.effects(|flow, errands| flow.want(ticket, want, now, errands))
    }

    pub(super) fn refused(
        &mut self,
        ticket: Ticket,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: Milliseconds,
    ) -> Vec<Effect> {
        self.effects(|flow, errands| flow.refused(ticket, generation, sent, refusal, now, errands))
    }

    pub(super) fn refused_one_shot(
        &mut self,
        generation: Generation,
        refusal: Refusal,
        now: Milliseconds,
    ) -> Vec<Effect> {
        self.effects(|flow, errands| flow.refused_one_shot(generation, refusal, now, errands))
    }

    pub(super) fn issued(&mut self, session: Session, now: Milliseconds) -> Vec<Effect> {
        self.effects(|flow, errands| flow.issued(&session, now, errands))
    }

    pub(super) fn failed(&mut self, failure: Failure, now: Milliseconds) -> Vec<Effect> {
        let mut effects = self.effects(|flow, errands| flow.failed(failure, now, errands));
        // A sign-in that has failed is over.
        effects.retain(|effect| *effect != Effect::Abandon);
        effects
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        self.effects(super::Flow::leave)
    }

    fn effects(&mut self, event: impl FnOnce(&mut super::Flow, &mut Errands)) -> Vec<Effect> {
        let was_signing_in = self.is_signing_in();
        let mut errands = Errands::new(Some(self.phase()));
        event(&mut self.0, &mut errands);
        let mut effects: Vec<_> = std::iter::from_fn(|| errands.take())
            .filter_map(|errand| self.effect(errand))
            .collect();
        match (was_signing_in, self.is_signing_in()) {
            (false, true) => effects.push(Effect::SignIn),
            // A session that was issued, or a failure, has ended the sign-in; only what is kept comes before the end.
            (true, false) if self.is_abandoned(&effects) => effects.insert(1, Effect::Abandon),
            _ => {}
        }
        effects
    }

    fn effect(&self, errand: Errand) -> Option<Effect> {
        match errand {
            Errand::Settle(ticket, outcome, generation) => {
                assert_eq!(generation, self.generation(), "of the session that stands");
                Some(Effect::Settle(ticket, outcome))
            }
            Errand::Keep => Some(Effect::Keep),
            Errand::End(id) => Some(Effect::End(id)),
            Errand::Changed(phase) => {
                assert_eq!(phase, self.phase(), "the phase that the event leads to");
                None
            }
            other => panic!("{other:?} is an errand of the other machine"),
        }
    }

    /// Whether an event that ended the sign-in has also ended the epoch.
    fn is_abandoned(&self, effects: &[Effect]) -> bool {
        effects.first() == Some(&Effect::Keep) && self.standing().is_none()
    }
}
