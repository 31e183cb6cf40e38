//! What the machines ask of the mini program.

use crate::exchange::Step;
use crate::flow::{Generation, Outcome, Phase, Ticket};
use crate::list::push;

/// One thing that the mini program has to do. None may fail: an errand that can fail reports its end to
/// [`Machines`](crate::machines::Machines), now or later, with the number of its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand<Secret = String> {
    /// Bring storage in line with what stands: save the session, or how it ended, or remove what is stored.
    Keep,
    /// Tell the app the new phase.
    Changed(Phase),
    /// End the session with this id at the server.
    End(Secret),
    /// Report that the step's time is up after this many milliseconds. A later timer replaces an earlier one.
    Sleep(Step, u32),
    /// Ask `wx.login` for a code.
    AskCode(Step),
    /// Get the login data that goes along with the code of this step.
    Prepare(Step),
    /// Post the code of this step and the login data.
    Post(Step),
    /// Abort the post of this step, whose time is up: it may still wait in wx's queue.
    Withdraw(Step),
    /// Tell a ticket its outcome. The generation is that of the session that stood when the outcome was decided.
    Settle(Ticket, Outcome, Generation),
}

/// Takes the errands of both machines, and gives them out in the same order.
#[derive(Debug)]
pub struct Errands<Secret = String> {
    /// Emptied when the last errand is taken, but never freed: a long-lived program needs no more memory than a short one.
    queue: Vec<Errand<Secret>>,
    /// How many errands of the queue have been taken.
    taken: usize,
    /// The phase that the app knows, or will know when the queue is empty.
    announced: Option<Phase>,
}

impl<Secret> Errands<Secret> {
    /// Creates an empty queue for an app that knows this phase, or none yet.
    pub const fn new(announced: Option<Phase>) -> Self {
        Self {
            queue: Vec::new(),
            taken: 0,
            announced,
        }
    }

    /// Queues an errand.
    pub fn add(&mut self, errand: Errand<Secret>) {
        push(&mut self.queue, errand);
    }

    /// Queues a change of phase, if this is one. It stands after the change of storage and before everything that follows
    /// from it, so that every callback finds state and storage in agreement.
    pub fn announce(&mut self, phase: Phase) {
        if self.announced.replace(phase) != Some(phase) {
            self.add(Errand::Changed(phase));
        }
    }

    /// Takes the first errand.
    pub fn take(&mut self) -> Option<Errand<Secret>> {
        let Some(errand) = self.queue.get_mut(self.taken) else {
            self.queue.clear();
            self.taken = 0;
            return None;
        };
        self.taken += 1;
        Some(std::mem::replace(errand, Errand::Keep))
    }

    /// The address of the queue, and how many errands fit.
    #[cfg(test)]
    pub(crate) fn room(&self) -> (usize, usize) {
        (self.queue.as_ptr() as usize, self.queue.capacity())
    }
}
