//! Takes the client apart and puts it together, for the exploration in `tests/reachable.rs`.

use std::cell::{Cell, RefCell};

use super::Client;
use crate::errand::Errands;
use crate::exchange::Exchange;
use crate::flow::{Flow, Phase};
use crate::machines::Machines;
use crate::policy::Origins;

impl<H> Client<H> {
    /// A client at rest whose host has been told this phase.
    pub(crate) fn in_state(host: H, flow: Flow, exchange: Exchange, phase: Phase) -> Self {
        let machines = Machines {
            flow,
            exchange,
            errands: Errands::new(Some(phase)),
            presents: true,
        };
        Self {
            host,
            login_url: String::new(),
            origins: RefCell::new(Origins::default()),
            machines: RefCell::new(machines),
            is_running: Cell::new(false),
        }
    }

    /// Changes the first machine from outside.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Flow)) {
        change(&mut self.machines.borrow_mut().flow);
    }

    pub(crate) fn into_state(self) -> (H, Flow, Exchange) {
        let Machines { flow, exchange, .. } = self.machines.into_inner();
        (self.host, flow, exchange)
    }
}
