//! A code that was sent: every rule about it, as pure functions of one value.
//!
//! The value belongs to one identifier *and* one WeChat user, the one whose phone asked for the code. So nobody can use up
//! the tries of somebody else's code, or replace it, and a code that is read over a shoulder is of no use elsewhere.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use wxsession_server::user::Millis;

/// How long a code lives.
pub(super) const LIFE: Millis = 5 * 60 * 1000;
/// How long nobody is sent another one.
pub(super) const RESEND: Millis = 60 * 1000;
/// How many codes may be tried, the right one included. With 10^6 codes, a guess succeeds once in 200,000 codes.
pub(super) const TRIES: u8 = 5;
/// How long a WeChat user who has proven an identifier is known to own it.
pub(super) const KNOWN: Millis = 30 * 24 * 3600 * 1000;

/// The first byte of a stored record. No user's value, pointer or tally begins with it.
const VERSION: u8 = 0x82;

/// What is kept of the codes of one identifier on one WeChat user's phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    code: Option<Code>,
    /// When the next code may be sent.
    next: Millis,
    /// Until when the WeChat user counts as the identifier's owner.
    known: Millis,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Code {
    hash: [u8; 32],
    /// How many codes were tried.
    tries: u8,
    until: Millis,
    /// Whether the right one was. It stays right for the rest of its life: a phone that lost the answer can ask again.
    won: bool,
}

/// Whether a code that somebody typed is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is.
    Right,
    /// It is not.
    Wrong,
    /// None was sent, or it has expired, or was tried too often.
    Over,
}

impl Record {
    /// How long to wait before another code may be sent; 0 if one may be.
    pub(super) fn wait(&self, now: Millis) -> Millis {
        self.next.saturating_sub(now)
    }

    /// How long the code still lives.
    pub(super) fn life(&self, now: Millis) -> Millis {
        self.code
            .as_ref()
            .map_or(0, |code| code.until.saturating_sub(now))
    }

    /// Whether the WeChat user has proven the identifier lately.
    pub(super) fn is_known(&self, now: Millis) -> bool {
        now < self.known
    }

    /// Replaces the code by another one.
    pub(super) fn send(&mut self, hash: [u8; 32], now: Millis) {
        self.code = Some(Code {
            hash,
            tries: 0,
            until: now + LIFE,
            won: false,
        });
        self.next = now + RESEND;
    }

    /// Tries a code. The record has to be swapped before anybody learns the verdict.
    pub(super) fn redeem(&mut self, hash: &[u8; 32], now: Millis) -> Verdict {
        let live = |code: &&mut Code| now < code.until && code.tries < TRIES;
        let Some(code) = self.code.as_mut().filter(live) else {
            return Verdict::Over;
        };
        if !bool::from(code.hash.ct_eq(hash)) {
            code.tries += 1;
            return Verdict::Wrong;
        }
        // The first time costs a try as well, so that no code is tried more often than that.
        code.tries += u8::from(!code.won);
        code.won = true;
        self.known = now + KNOWN;
        Verdict::Right
    }

    /// How long the record is worth keeping.
    pub(super) fn ttl(&self, now: Millis) -> Millis {
        let code = self.code.as_ref().map_or(0, |code| code.until);
        code.max(self.next).max(self.known).saturating_sub(now)
    }

    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let record = postcard::to_stdvec(self).ok()?;
        Some([&[VERSION], record.as_slice()].concat())
    }

    pub(super) fn decode(value: &[u8]) -> Option<Self> {
        let record = value.strip_prefix(&[VERSION])?;
        let (record, rest) = postcard::take_from_bytes(record).ok()?;
        rest.is_empty().then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Over, Right, Wrong};
    use super::{KNOWN, LIFE, RESEND, Record, TRIES};

    const RIGHT: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn sent() -> Record {
        let mut record = Record::default();
        record.send(RIGHT, 1000);
        record
    }

    #[test]
    fn a_code_is_right_for_the_rest_of_its_life_and_no_longer() {
        let mut record = sent();
        for now in (1000..1000 + LIFE).step_by(20_000) {
            assert_eq!(record.redeem(&RIGHT, now), Right, "{now}");
        }
        assert_eq!(record.redeem(&RIGHT, 1000 + LIFE), Over);
    }

    #[test]
    fn five_codes_may_be_tried_in_all_whenever_the_right_one_is_among_them() {
        for right in 0..TRIES {
            let mut record = sent();
            for attempt in 0..TRIES {
                let (hash, verdict) = if attempt == right {
                    (RIGHT, Right)
                } else {
                    (OTHER, Wrong)
                };
                assert_eq!(record.redeem(&hash, 1000), verdict);
            }
            assert_eq!(record.redeem(&OTHER, 1000), Over);
            assert_eq!(record.redeem(&RIGHT, 1000), Over);
        }
    }

    #[test]
    fn another_code_begins_anew_and_ends_the_one_before() {
        let mut record = sent();
        for _ in 0..TRIES {
            record.redeem(&OTHER, 1000);
        }
        record.send(OTHER, 70_000);
        assert_eq!(record.redeem(&RIGHT, 70_000), Wrong);
        assert_eq!(record.redeem(&OTHER, 70_000), Right);
    }

    #[test]
    fn nobody_is_sent_two_codes_within_a_minute() {
        let record = sent();
        assert_eq!(record.wait(1000), RESEND);
        assert_eq!(record.wait(1000 + RESEND - 1), 1);
        assert_eq!(record.wait(1000 + RESEND), 0);
        assert_eq!(Record::default().wait(0), 0);
    }

    #[test]
    fn a_right_code_makes_the_phone_known_for_thirty_days() {
        let mut record = sent();
        assert!(!record.is_known(1000));
        record.redeem(&OTHER, 1000);
        assert!(!record.is_known(1000));
        record.redeem(&RIGHT, 1000);
        assert!(record.is_known(1000 + KNOWN - 1) && !record.is_known(1000 + KNOWN));
        assert_eq!(record.ttl(1000), KNOWN);
        assert_eq!(sent().ttl(1000), LIFE);
    }

    #[test]
    fn a_record_comes_back_as_it_was_and_nothing_else_is_one() {
        let value = sent().encode().unwrap();
        assert_eq!(Record::decode(&value), Some(sent()));
        assert_eq!(Record::decode(&value[..value.len() - 1]), None);
        assert_eq!(Record::decode(&[&*value, &[0]].concat()), None);
        assert_eq!(Record::decode(&value[1..]), None);
    }
}
