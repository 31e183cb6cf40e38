//! Lengths of time, and points in it.

use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Sub};

/// A time in milliseconds: a length, or a point since 1970. Never negative and never NaN.
///
/// JavaScript's only number is a float, and so is this. The module as a script would need two integers for one of 64 bits, and
/// a few lines for each sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Milliseconds(f64);

impl Milliseconds {
    /// No time.
    pub const ZERO: Self = Self(0.0);

    /// So many milliseconds.
    pub const fn new(number: u32) -> Self {
        Self(number as f64)
    }

    /// A number of milliseconds from outside. Anything but a positive number becomes zero.
    #[inline(never)]
    pub const fn of(number: f64) -> Self {
        Self(if number > 0.0 { number } else { 0.0 })
    }

    /// The number.
    pub const fn number(self) -> f64 {
        self.0
    }

    /// The whole number below, or the highest there is.
    #[inline(never)]
    pub fn whole(self) -> u32 {
        self.0 as u32
    }

    /// Whether this is no time.
    pub fn is_zero(self) -> bool {
        self.0 == 0.0
    }

    /// The longer of the two.
    pub fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// The shorter of the two.
    pub fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    /// The time from `earlier` until this, or `None` if the clock has jumped back meanwhile.
    pub fn since(self, earlier: Self) -> Option<Self> {
        (self >= earlier).then_some(Self(self.0 - earlier.0))
    }
}

impl Eq for Milliseconds {}

impl Hash for Milliseconds {
    fn hash<State: Hasher>(&self, state: &mut State) {
        self.0.to_bits().hash(state);
    }
}

impl From<u32> for Milliseconds {
    fn from(number: u32) -> Self {
        Self::new(number)
    }
}

impl Add for Milliseconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Add<u32> for Milliseconds {
    type Output = Self;

    fn add(self, number: u32) -> Self {
        self + Self::new(number)
    }
}

/// The difference, or zero.
impl Sub for Milliseconds {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::of(self.0 - other.0)
    }
}

impl Sub<u32> for Milliseconds {
    type Output = Self;

    fn sub(self, number: u32) -> Self {
        self - Self::new(number)
    }
}

impl AddAssign<u32> for Milliseconds {
    fn add_assign(&mut self, number: u32) {
        *self = *self + number;
    }
}

#[cfg(test)]
mod tests {
    use super::Milliseconds;

    #[test]
    fn what_is_no_positive_number_is_no_time() {
        for number in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
            assert!(Milliseconds::of(number).is_zero(), "{number}");
        }
        assert_eq!(Milliseconds::of(1.5).number(), 1.5);
        assert_eq!(
            Milliseconds::of(f64::INFINITY).whole(),
            u32::MAX,
            "the highest"
        );
    }

    #[test]
    fn a_clock_that_has_jumped_back_tells_no_age() {
        let now = Milliseconds::new(1_000);
        assert_eq!(now.since(now), Some(Milliseconds::ZERO));
        assert_eq!((now + 2).since(now), Some(Milliseconds::new(2)));
        assert_eq!((now - 1).since(now), None);
        assert_eq!(
            (now - 1) - now,
            Milliseconds::ZERO,
            "a difference is a time"
        );
    }

    #[test]
    fn of_two_the_longer_and_the_shorter_are_told_apart() {
        let (one, two) = (Milliseconds::new(1), Milliseconds::new(2));
        assert_eq!([one.max(two), two.max(one)], [two, two]);
        assert_eq!([one.min(two), two.min(one)], [one, one]);
    }
}
