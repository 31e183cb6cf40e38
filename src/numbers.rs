//! Values that cross the boundary as numbers. The package build writes the shim's names for them from this file.

use crate::flow::{Outcome, Want};

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
pub const WANTS: [Want; 3] = [Want::Call, Want::Login, Want::NewLogin];

/// The want of this number.
pub fn want(number: u8) -> Want {
    match number {
        0 => Want::Call,
        1 => Want::Login,
        _ => Want::NewLogin,
    }
}

#[cfg(test)]
mod tests {
    use super::{DELIVER, GO, WANTS, want};
    use crate::error::ErrorCode;

    #[test]
    fn an_outcome_that_is_no_failure_has_no_codes_number() {
        for code in ErrorCode::ALL {
            assert!(![GO, DELIVER].contains(&(*code as i32)), "{code:?}");
        }
    }

    #[test]
    fn a_wants_number_is_its_place() {
        for (number, expected) in WANTS.into_iter().enumerate() {
            assert_eq!(want(number as u8), expected);
        }
    }
}
