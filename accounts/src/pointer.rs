//! What stands in the store under an identity: which account it belongs to, if that account agrees.
//!
//! An identity and its account are two values, and no store swaps two values at once. So an identity *counts* only if
//! both agree: the pointer names an account and a claim, and the account lists that claim for this identity. Claims are
//! random and never used twice, so an account that has stopped listing a claim never lists it again, and a pointer with
//! such a claim is stale for ever.
//!
//! *What an attacker can try:* to write the store, and copy somebody's pointer to their own key: there it is stale, because
//! the account, which is sealed, lists the claim for the other identity (`a_pointer_at_another_place_leads_nowhere`).

use serde::{Deserialize, Serialize};
use wxsession_server::identity::UserKey;
use wxsession_server::user::{Millis, POINTER};

/// How long a pointer whose account does not list it is left to the one who is linking. A link takes three swaps of a
/// store that answers within 100 ms each, or its server has gone.
pub const CLAIM_STANDS: Millis = 60_000;

pub use wxsession_server::store::FOR_EVER;

/// Names one link of one identity. Random, so that no two links have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Claim(pub [u8; 8]);

/// The value under an identity's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pointer {
    /// The key of the account's value.
    pub account: UserKey,
    /// What the account lists if it agrees.
    pub claim: Claim,
    /// Whether the account has listed the claim at some time.
    pub confirmed: bool,
    /// When the claim was made, by the store's clock.
    pub since: Millis,
}

/// What the account that a pointer names says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listing {
    /// It does not list the claim, or there is no such account.
    Absent,
    /// It lists the claim for an identity that nobody has proven, such as an address that came with a password.
    Unproven,
    /// It lists the claim.
    Proven,
}

/// Whether a newcomer has proven that the identity is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strength {
    /// They have only named it.
    Named,
    /// A code, a signature or WeChat says so.
    Proven,
}

impl Pointer {
    /// Whether another account may take the identity over, by a swap of this very pointer.
    ///
    /// A pointer that its account lists stands, unless nobody has proven the identity and the newcomer has. A pointer
    /// that is not listed was given up if it is confirmed, and is being linked if it is not, for as long as linking takes.
    pub fn may_be_taken(&self, listing: Listing, newcomer: Strength, now: Millis) -> bool {
        match listing {
            Listing::Absent => self.is_given_up(now),
            Listing::Unproven => newcomer == Strength::Proven,
            Listing::Proven => false,
        }
    }

    /// Whether nobody is linking by this pointer, given that its account does not list it.
    pub fn is_given_up(&self, now: Millis) -> bool {
        self.confirmed || now.saturating_sub(self.since) > CLAIM_STANDS
    }

    /// The pointer once its account has listed it.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self {
            confirmed: true,
            ..self
        }
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(34);
        bytes.push(POINTER);
        bytes.extend(self.account.0);
        bytes.extend(self.claim.0);
        bytes.push(u8::from(self.confirmed));
        bytes.extend(self.since.to_be_bytes());
        bytes
    }

    /// The pointer in a stored value, or `None` if the value is something else.
    pub fn decode(value: &[u8]) -> Option<Self> {
        let (version, rest) = value.split_first()?;
        let (account, rest) = rest.split_first_chunk()?;
        let (claim, rest) = rest.split_first_chunk()?;
        let (confirmed, since) = rest.split_first()?;
        let is_one = *version == POINTER && *confirmed <= 1;
        is_one.then_some(Self {
            account: UserKey(*account),
            claim: Claim(*claim),
            confirmed: *confirmed == 1,
            since: Millis::from_be_bytes(since.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wxsession_server::identity::UserKey;

    use super::{CLAIM_STANDS, Claim, Listing, Pointer, Strength};

    const POINTER: Pointer = Pointer {
        account: UserKey([7; 16]),
        claim: Claim([1; 8]),
        confirmed: false,
        since: 1000,
    };

    #[test]
    fn a_pointer_is_taken_over_only_when_its_account_has_given_it_up() {
        use Listing::{Absent, Proven, Unproven};
        let fresh = 1000 + CLAIM_STANDS;
        let old = fresh + 1;
        for (confirmed, now, listing, newcomer, may) in [
            (false, fresh, Absent, Strength::Proven, false),
            (false, old, Absent, Strength::Named, true),
            (true, fresh, Absent, Strength::Named, true),
            (false, old, Unproven, Strength::Named, false),
            (true, old, Unproven, Strength::Named, false),
            (true, fresh, Unproven, Strength::Proven, true),
            (false, old, Proven, Strength::Proven, false),
            (true, old, Proven, Strength::Proven, false),
        ] {
            let pointer = Pointer {
                confirmed,
                ..POINTER
            };
            assert_eq!(
                pointer.may_be_taken(listing, newcomer, now),
                may,
                "{confirmed} {now} {listing:?} {newcomer:?}"
            );
        }
    }

    #[test]
    fn a_pointer_comes_back_as_it_was_and_nothing_else_is_one() {
        for pointer in [POINTER, POINTER.confirmed()] {
            let value = pointer.encode();
            assert_eq!(Pointer::decode(&value), Some(pointer));
            assert_eq!(Pointer::decode(&value[..value.len() - 1]), None);
            assert_eq!(Pointer::decode(&[&*value, &[0]].concat()), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_pointer_or_none(value in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(pointer) = Pointer::decode(&value) {
                prop_assert_eq!(pointer.encode(), value);
            }
        }
    }
}
