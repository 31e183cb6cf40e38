//! The normal form in which the exploration in `tests/reachable.rs` compares this machine.

use super::{Flow, Generation, Pause, Renewal, Standing, Ticket};
use crate::milliseconds::Milliseconds;
use crate::session::Session;

impl Flow {
    /// Brings states with the same future into one form, and takes `passed` milliseconds off the clock, which shows `now`.
    /// A session is either live or past its deadline, a pause either runs or is over, a session is either on trial or not,
    /// ids and tickets get standard names, and the waiting tickets are sorted.
    ///
    /// The lengths of pauses and trials and the order of the tickets are therefore left to this machine's own tests.
    pub(crate) fn normalize(
        &mut self,
        now: Milliseconds,
        passed: Milliseconds,
        name: impl Fn(Ticket) -> Ticket,
    ) {
        let stands = self.standing == Standing::Live;
        if let Some(session) = &mut self.session {
            let id = if stands { "standing" } else { "replaced" };
            rename(session, id, !stands || session.is_live(now));
        }
        for (ticket, _) in &mut self.waiting {
            *ticket = name(*ticket);
        }
        self.waiting.sort_by_key(|(ticket, _)| *ticket);
        for pause in [&mut self.after_failure, &mut self.after_refusal] {
            let is_running = !pause.left(now).is_zero();
            *pause = Pause::NONE;
            if is_running {
                pause.extend(now - passed, Milliseconds::new(u32::MAX));
            }
        }
        let on_trial = self.on_trial(now);
        self.renewal = Renewal::NONE;
        if let Some(generation) = on_trial {
            self.renewal.brought(generation, now - passed);
        }
    }

    /// The session on trial: a one-shot call's refusal led to it less than a minute ago.
    pub(crate) fn on_trial(&self, now: Milliseconds) -> Option<Generation> {
        let mut generations = 1..=self.generation;
        generations.find(|generation| self.renewal.is_on_trial(*generation, now))
    }

    /// Ends the trial.
    pub(crate) fn end_trial(&mut self) {
        self.renewal = Renewal::NONE;
    }

    /// Whether the refusal of a one-shot call has asked for the sign-in in progress.
    pub(crate) fn is_for_one_shot(&self) -> bool {
        let sign_in = self.sign_in.as_ref();
        sign_in.is_some_and(|sign_in| sign_in.is_for_one_shot)
    }

    /// Lets the deadline of the session that stands pass.
    pub(crate) fn expire(&mut self) {
        if let Some(session) = &mut self.session {
            rename(session, "standing", false);
        }
    }

    /// The session that storage has to keep.
    pub(crate) fn kept_id(&self) -> Option<&str> {
        self.session.as_ref().map(|session| session.id().as_str())
    }

    /// Whether the pause after a failure is running, and the one after a second refusal.
    pub(crate) fn pauses(&self, now: Milliseconds) -> [bool; 2] {
        [self.after_failure, self.after_refusal].map(|pause| !pause.left(now).is_zero())
    }

    /// Ends one of the two.
    pub(crate) fn end_pause(&mut self, which: usize) {
        let pauses = [&mut self.after_failure, &mut self.after_refusal];
        *pauses.into_iter().nth(which).expect("one of two") = Pause::NONE;
    }
}

/// Renames the session, and makes it either one without a deadline or one long past it.
fn rename(session: &mut Session, id: &str, is_live: bool) {
    let is_renamed = session.id() == id && session.is_live(Milliseconds::of(f64::MAX)) == is_live;
    if !is_renamed {
        let expires_in = if is_live { 0.0 } else { 0.001 };
        *session = Session::issued(id.into(), expires_in, Milliseconds::ZERO).expect("a usable id");
    }
}
