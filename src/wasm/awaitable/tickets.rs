//! Tickets as futures.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::error::Error;
use super::host::WxHost;
use crate::client::Client;
use crate::flow::{Generation, Ticket};

/// What the core said to a ticket.
pub(super) enum Settled {
    /// The session of this generation stands.
    Go(Generation),
    /// The refusal is for the caller.
    Deliver,
    /// The call fails.
    Fail(Error),
}

/// The tickets that somebody waits with.
#[derive(Default)]
pub(super) struct Tickets {
    last: Cell<Ticket>,
    open: RefCell<BTreeMap<Ticket, Slot>>,
}

enum Slot {
    /// Whom to wake, once the future was looked at.
    Waiting(Option<Waker>),
    Settled(Settled),
}

impl Tickets {
    fn open(&self) -> Ticket {
        let ticket = self.last.get().wrapping_add(1);
        self.last.set(ticket);
        let mut open = self.open.borrow_mut();
        open.insert(ticket, Slot::Waiting(None));
        ticket
    }

    /// Answers a ticket, if somebody still waits with it.
    pub(super) fn settle(&self, ticket: Ticket, settled: Settled) {
        let mut open = self.open.borrow_mut();
        let waited = open
            .get_mut(&ticket)
            .map(|slot| std::mem::replace(slot, Slot::Settled(settled)));
        // Whoever is woken may look at once.
        drop(open);
        if let Some(Slot::Waiting(Some(waker))) = waited {
            waker.wake();
        }
    }

    /// Takes a ticket back.
    fn close(&self, ticket: Ticket) -> Option<Slot> {
        self.open.borrow_mut().remove(&ticket)
    }
}

/// The answer to a ticket, when it comes. Dropped before, it is a caller who lost interest.
pub(super) struct Waiting<'a> {
    client: &'a Client<Rc<WxHost>>,
    tickets: &'a Tickets,
    ticket: Ticket,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(client: &'a Client<Rc<WxHost>>, tickets: &'a Tickets) -> Self {
        Self {
            client,
            tickets,
            ticket: tickets.open(),
        }
    }

    /// The number that the core is to answer.
    pub(super) fn ticket(&self) -> Ticket {
        self.ticket
    }
}

impl Future for Waiting<'_> {
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

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(Slot::Waiting(_)) = self.tickets.close(self.ticket) {
            self.client.abort(self.ticket);
        }
    }
}
