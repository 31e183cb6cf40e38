//! What goes into the machine, and what comes out.

use crate::error::Failure;

/// The number of a call, or of a login, that waits for the machine's decision.
pub type Ticket = u32;

/// The number of a session, counted from 1.
pub type Generation = u32;

/// What a ticket wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
// The module compares a word without masking it first.
#[repr(u32)]
pub enum Want {
    /// A session for a call.
    Call,
    /// A session for a call of an app that signs in by hand, so that only a login signs a new user in.
    CallByHand,
    /// A session for a call that goes without if this fails.
    Optional,
    /// To be signed in.
    Login,
    /// A new session even if there is a live one.
    NewLogin,
    /// A new session for the user whom credentials name.
    Attempt,
}

impl Want {
    /// Whether the app waits for the sign-in itself.
    pub fn is_login(self) -> bool {
        self >= Self::Login
    }

    /// Whether the session that stands will not do.
    pub fn is_new(self) -> bool {
        self >= Self::NewLogin
    }
}

/// How often a refused call has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// This is the first refusal: a renewed session may help.
    Once,
    /// This is the second refusal: the call is not sent again.
    Twice,
}

impl Sent {
    /// Converts the number of times that a call has been sent.
    pub fn times(sends: u32) -> Self {
        if sends > 1 { Self::Twice } else { Self::Once }
    }
}

/// The machine's decision about a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There is a session: the call is sent with it, or the login is done.
    Go,
    /// Nothing can be done, and the refusal reaches the caller unchanged. A caller without one asks again: what it waited for is
    /// over, and was not for it.
    Deliver,
    /// The call fails; an optional one goes without a session.
    Fail(Failure),
}

/// The state that an app sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Phase {
    /// No session.
    SignedOut,
    /// A sign-in is running.
    SigningIn,
    /// There is a session.
    SignedIn,
    /// The session was ended elsewhere; only `login()` signs in again.
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
