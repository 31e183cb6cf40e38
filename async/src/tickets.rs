//! Tickets as futures.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wxsession::client::Client;
use wxsession::flow::{Generation, Ticket};
use wxsession::host::Host;

use crate::credentials::Credentials;
use crate::error::Error;

/// The core's answer to a ticket.
pub(crate) enum Settled {
    /// The session of this generation stands.
    Go(Generation),
    /// The caller gets the refusal.
    Deliver,
    /// The call fails.
    Fail(Error),
}

/// The tickets that have a future waiting.
#[derive(Default)]
pub(crate) struct Tickets {
    last: Cell<Ticket>,
    open: RefCell<BTreeMap<Ticket, Slot>>,
    /// Those of the attempts that are not settled, even if no future waits any more: the sign-in in progress needs them.
    credentials: RefCell<BTreeMap<Ticket, Rc<Credentials>>>,
}

enum Slot {
    /// The waker is there once the future was polled.
    Waiting(Option<Waker>),
    Settled(Settled),
}

impl Tickets {
    /// Answers a ticket, if its future still waits.
    pub(crate) fn settle(&self, ticket: Ticket, settled: Settled) {
        self.forget(ticket);
        let mut open = self.open.borrow_mut();
        let waited = open
            .get_mut(&ticket)
            .map(|slot| std::mem::replace(slot, Slot::Settled(settled)));
        // An executor may poll the future inside `wake`.
        drop(open);
        if let Some(Slot::Waiting(Some(waker))) = waited {
            waker.wake();
        }
    }

    /// Keeps the credentials of an attempt until the ticket is settled.
    pub(crate) fn hold(&self, ticket: Ticket, credentials: Rc<Credentials>) {
        self.credentials.borrow_mut().insert(ticket, credentials);
    }

    /// The credentials of this ticket, if it is that of an attempt.
    pub(crate) fn credentials(&self, ticket: Ticket) -> Option<Rc<Credentials>> {
        self.credentials.borrow().get(&ticket).cloned()
    }

    fn forget(&self, ticket: Ticket) {
        self.credentials.borrow_mut().remove(&ticket);
    }

    fn open(&self) -> Ticket {
        let ticket = self.last.get().wrapping_add(1);
        self.last.set(ticket);
        let mut open = self.open.borrow_mut();
        open.insert(ticket, Slot::Waiting(None));
        ticket
    }

    fn close(&self, ticket: Ticket) -> Option<Slot> {
        self.open.borrow_mut().remove(&ticket)
    }
}

/// Waits for the answer to one ticket. Dropping it before the answer aborts the ticket.
pub(crate) struct Waiting<'a, H: Host> {
    client: &'a Client<H>,
    tickets: &'a Tickets,
    ticket: Ticket,
}

impl<'a, H: Host> Waiting<'a, H> {
    pub(crate) fn new(client: &'a Client<H>, tickets: &'a Tickets) -> Self {
        Self {
            client,
            tickets,
            ticket: tickets.open(),
        }
    }

    /// The ticket under which to ask the core.
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }
}

impl<H: Host> Future for Waiting<'_, H> {
    type Output = Settled;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Settled> {
        if let Some(Slot::Settled(settled)) = self.tickets.close(self.ticket) {
            return Poll::Ready(settled);
        }
        let slot = Slot::Waiting(Some(context.waker().clone()));
        self.tickets.open.borrow_mut().insert(self.ticket, slot);
        Poll::Pending
    }
}

impl<H: Host> Drop for Waiting<'_, H> {
    fn drop(&mut self) {
        if let Some(Slot::Waiting(_)) = self.tickets.close(self.ticket) {
            self.client.abort(self.ticket);
            // The sign-in of an attempt goes on without its caller, as any does.
            if self.client.attempt() != Some(self.ticket) {
                self.tickets.forget(self.ticket);
            }
        }
    }
}
