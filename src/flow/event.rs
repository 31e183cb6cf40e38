//! What goes into the machine and what comes out.

use crate::error::Failure;

/// A call that waits for an answer of this machine.
pub type Ticket = u32;

/// The number of a session; the first has 1.
pub type Generation = u32;

/// What a ticket wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// A session for a call.
    Call,
    /// To be signed in.
    Login,
    /// A new session even if there is a live one.
    NewLogin,
}

/// How often a refused call has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// The first refusal: a session that is renewed may help.
    Once,
    /// The second refusal, after which the call is not sent again.
    Twice,
}

impl Sent {
    /// For a call that has been sent this often.
    pub fn times(sends: u32) -> Self {
        if sends > 1 { Self::Twice } else { Self::Once }
    }
}

/// What becomes of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A session is there: send the call with it; a login is done.
    Go,
    /// The refusal reaches the caller as it came.
    Deliver,
    /// The call fails.
    Fail(Failure),
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Obtain a session, presenting [`Flow::presented`](super::Flow::presented).
    SignIn,
    /// Forget the sign-in under way; a session it still brings is ended.
    Abandon,
    /// Answer a ticket.
    Settle(Ticket, Outcome),
    /// Bring storage in line with what stands: save the session, or remove the one that is there.
    Keep,
    /// End the session of this id at the server.
    End(String),
}

/// The state that an app sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Phase {
    /// No session.
    SignedOut,
    /// A sign-in is running.
    SigningIn,
    /// A session is there.
    SignedIn,
    /// Ended elsewhere; only `login()` signs in again.
    Ended,
}

impl Phase {
    /// Every phase, in the order of its number.
    pub const ALL: [Self; 4] = [
        Self::SignedOut,
        Self::SigningIn,
        Self::SignedIn,
        Self::Ended,
    ];

    /// The name that an app compares with.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::SigningIn => "signing-in",
            Self::SignedIn => "signed-in",
            Self::Ended => "ended",
        }
    }
}
