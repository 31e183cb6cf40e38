//! What becomes of requests that are carried: for the client, for those who watch, and for the log.

use std::error::Error;
use std::io;
use std::sync::Arc;

use metrics::{Counter, counter};
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::once_a_minute::OnceAMinute;

use super::signed_body::Fault;
use crate::measures::UPSTREAM_REQUESTS;

static AWAY: OnceAMinute = OnceAMinute::new();
static FULL: OnceAMinute = OnceAMinute::new();

/// Counts outcomes. Clones share the counters.
#[derive(Clone)]
pub(super) struct Outcomes(Arc<Counters>);

struct Counters {
    answered: Counter,
    socket: Counter,
    refused: Counter,
    busy: Counter,
    unreachable: Counter,
    late: Counter,
    broken: Counter,
}

/// Why the backend gives no answer, or no whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It takes no connection, closes it before it answers, or its answer is not HTTP.
    Unreachable,
    /// It does not begin to answer in time.
    Late,
    /// It breaks off, or falls silent in the middle.
    Broken,
}

impl Outcomes {
    pub(super) fn new() -> Self {
        let of = |outcome: &'static str| counter!(UPSTREAM_REQUESTS, "outcome" => outcome);
        Self(Arc::new(Counters {
            answered: of("answered"),
            socket: of("socket"),
            refused: of("refused"),
            busy: of("busy"),
            unreachable: of("unreachable"),
            late: of("late"),
            broken: of("broken"),
        }))
    }

    pub(super) fn answered(&self) {
        self.0.answered.increment(1);
    }

    pub(super) fn opened_socket(&self) {
        self.0.socket.increment(1);
    }

    /// Its session does not count, or it cannot be carried.
    pub(super) fn refused(&self) {
        self.0.refused.increment(1);
    }

    /// Its body is at fault.
    pub(super) fn faulty(&self, fault: Fault) -> HttpProblem {
        self.refused();
        let (code, detail) = match fault {
            Fault::Unfinished => (ProblemCode::BadRequest, "the body has not come whole"),
            Fault::Altered => (
                ProblemCode::ProofInvalid,
                "the body is not the one that the signed `Content-Digest` is of",
            ),
        };
        HttpProblem::because(code, detail)
    }

    /// As many as there may be are under way.
    pub(super) fn busy(&self, most: usize) -> HttpProblem {
        self.0.busy.increment(1);
        if let Some(left_out) = FULL.due() {
            tracing::warn!(
                most,
                left_out,
                "--upstream-max-requests: the backend has as many requests and sockets as it may have; others are answered 503"
            );
        }
        HttpProblem::new(ProblemCode::ServerBusy)
    }

    /// Counts a failure, and says what its client is told if it still can be told.
    pub(super) fn failed(&self, failure: Failure, error: &io::Error) -> HttpProblem {
        let (counter, code) = match failure {
            Failure::Unreachable => (&self.0.unreachable, ProblemCode::UpstreamUnavailable),
            Failure::Late => (&self.0.late, ProblemCode::UpstreamTimeout),
            Failure::Broken => (&self.0.broken, ProblemCode::UpstreamUnavailable),
        };
        counter.increment(1);
        let error = error as &dyn Error;
        match AWAY.due() {
            Some(left_out) => tracing::warn!(
                error,
                left_out,
                "--upstream: the backend did not answer, or not wholly; not logged again for a minute"
            ),
            None => tracing::debug!(error, "the backend did not answer, or not wholly"),
        }
        HttpProblem::new(code)
    }
}
