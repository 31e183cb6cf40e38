//! Values that cross the boundary as numbers. The package build writes the script's names for them from this file.

use std::num::NonZeroU32;

use crate::errand::Errand;
use crate::error::ErrorCode;
use crate::flow::{Outcome, Want};
use crate::machines::Machines;
use crate::session::{Kept, Session};

/// The one of these codes that has this number.
macro_rules! numbered {
    ($number:expr, $($code:ident),+ $(,)?) => {
        match $number {
            $(number if number == ErrorCode::$code as u32 => Some(ErrorCode::$code),)+
            _ => None,
        }
    };
}

/// The script's number for a text that it keeps. The script writes 0 for none.
pub type Number = NonZeroU32;

/// The number of [`Outcome::Go`].
pub const GO: i32 = -1;
/// The number of [`Outcome::Deliver`].
pub const DELIVER: i32 = -2;

/// The number of an outcome; a failure has the number of its code.
pub fn outcome(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Go => GO,
        Outcome::Deliver => DELIVER,
        Outcome::Fail(failure) => failure.code as i32,
    }
}

/// Every want, in the order of its number.
pub const WANTS: [Want; 6] = [
    Want::Call,
    Want::CallByHand,
    Want::Optional,
    Want::Login,
    Want::NewLogin,
    Want::Attempt,
];

/// The want of this number.
pub fn want(number: u32) -> Want {
    match number {
        0 => Want::Call,
        1 => Want::CallByHand,
        2 => Want::Optional,
        3 => Want::Login,
        4 => Want::NewLogin,
        _ => Want::Attempt,
    }
}

/// Every errand, in the order of its number.
pub const ERRANDS: [&str; 9] = [
    "Keep", "Changed", "End", "Sleep", "AskCode", "Prepare", "Post", "Withdraw", "Settle",
];

/// The number of an errand, and its arguments. The session to keep, the attempt to sign in for, the code to post and the id to
/// present are read from the machines, which know the latest.
#[inline(always)]
pub fn errand(errand: &Errand<Number>, machines: &Machines<Number>) -> (i32, [i32; 3]) {
    let code = |step| number(machines.code(step));
    match *errand {
        Errand::Keep => match machines.kept() {
            Some(Kept::Session(session)) => (0, [session.id().get() as i32, 0, 0]),
            Some(Kept::Ended(code)) => (0, [0, code as i32, 0]),
            None => (0, [0; 3]),
        },
        Errand::Changed(phase) => (1, [phase as i32, 0, 0]),
        Errand::End(id) => (2, [id.get() as i32, 0, 0]),
        Errand::Sleep(step, milliseconds) => (3, [step as i32, milliseconds as i32, 0]),
        Errand::AskCode(step) => (4, [step as i32, machines.attempt().unwrap_or(0) as i32, 0]),
        Errand::Prepare(step) => (5, [step as i32, code(step), 0]),
        Errand::Post(step) => (6, [step as i32, code(step), number(machines.presented())]),
        Errand::Withdraw(step) => (7, [step as i32, 0, 0]),
        Errand::Settle(ticket, settled, _) => {
            let retry_after = match settled {
                Outcome::Fail(failure) => failure.retry_after as i32,
                Outcome::Go | Outcome::Deliver => 0,
            };
            (8, [ticket as i32, outcome(settled), retry_after])
        }
    }
}

/// The session that stands, or 0.
pub fn id(machines: &Machines<Number>) -> u32 {
    number(machines.session().map(Session::id)) as u32
}

fn number(text: Option<&Number>) -> i32 {
    text.map_or(0, |number| number.get() as i32)
}

/// The ending of this number, if it is one. (As for [`problem`], the table of codes stays outside.)
pub fn ending(code: u32) -> Option<ErrorCode> {
    numbered!(code, SignedOut, SessionReplaced, SessionRevoked)
}

/// In place of a status: the exchange did not reach the server, or its answer did not come back.
pub const UNREACHABLE: u32 = 0x1_0000;
/// In place of a status: wx cut the exchange off.
pub const INTERRUPTED: u32 = 0x1_0001;
/// In place of a status: wx waited for the answer as long as it was told to.
pub const TIMED_OUT: u32 = 0x1_0002;

/// The failure of this number that a problem means, if the client treats it specially; all problems of a server that is busy have
/// the number of that failure. (Looking through all codes would make their table part of the module.)
pub fn problem(code: u32) -> Option<ErrorCode> {
    numbered!(
        code,
        SessionReplaced,
        SessionRevoked,
        CodeInvalid,
        SignInNeeded,
        UserBlocked,
        Misconfigured,
        ServerUnavailable,
    )
}

#[cfg(test)]
mod tests {
    use super::{DELIVER, ERRANDS, GO, Number, WANTS, errand, problem, want};
    use crate::errand::Errand;
    use crate::error::ErrorCode;
    use crate::exchange::Deadlines;
    use crate::flow::{Outcome, Phase};
    use crate::machines::Machines;
    use crate::policy;

    #[test]
    fn an_outcome_that_is_no_failure_has_no_codes_number() {
        for code in ErrorCode::ALL {
            assert!(![GO, DELIVER].contains(&(*code as i32)), "{code:?}");
        }
    }

    #[test]
    fn a_wants_number_is_its_place() {
        for (number, expected) in WANTS.into_iter().enumerate() {
            assert_eq!(want(number as u32), expected);
        }
    }

    #[test]
    fn an_errands_number_is_its_place() {
        let deadlines = Deadlines {
            login: 0,
            data: 0,
            exchange: 0,
        };
        let machines = Machines::<Number>::new(deadlines, None);
        let errands = [
            Errand::Keep,
            Errand::Changed(Phase::SignedIn),
            Errand::End(Number::MIN),
            Errand::Sleep(1, 1),
            Errand::AskCode(1),
            Errand::Prepare(1),
            Errand::Post(1),
            Errand::Withdraw(1),
            Errand::Settle(1, Outcome::Go, 1),
        ];
        for (one, name) in errands.iter().zip(ERRANDS) {
            let (place, _) = errand(one, &machines);
            assert_eq!(ERRANDS[place as usize], name);
            assert!(format!("{one:?}").starts_with(name), "{one:?}");
        }
    }

    #[test]
    fn a_problem_has_the_number_of_the_code_with_its_name() {
        for code in ErrorCode::ALL {
            let told_apart = problem(*code as u32);
            assert_eq!(told_apart, policy::problem(code.name()), "{code:?}");
        }
        assert_eq!(problem(u32::MAX), None);
    }
}
