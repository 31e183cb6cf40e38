//! What is kept of an account beside its sessions, and every rule about it, as pure functions of one value.
//!
//! It lies in the same value as the account's sessions, so that a change of both is one swap: no session of an old
//! password can start once the new one stands.
//!
//! *What an attacker can try:*
//! - to sign in with a password while it is being changed: the hash that a guess was verified against is compared with
//!   the very value that the session is swapped into ([`Account::has_password`]);
//! - to leave an account without a way in, or an owner without theirs: the last way in stays
//!   (`the_last_way_in_cannot_be_unlinked`).

use std::fmt;

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use wxsession_server::identity::UserKey;
use wxsession_server::random::NoRandomness;
use wxsession_server::user::Millis;

use crate::hashing::PasswordRecord;
use crate::identifier::Kind;
use crate::keys::Keys;
use crate::pointer::{Claim, Listing, Strength};

/// How many identities an account can have: far more than anybody has, few enough for one small value.
pub const WAYS: usize = 16;
/// How many WeChat users an account remembers, whose guesses are counted apart from those of strangers.
const KNOWN_PHONES: usize = 8;
/// The first byte inside the seal.
const VERSION: u8 = 1;

/// An identity as its account lists it: a way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What it is.
    pub kind: Kind,
    /// The key of its pointer.
    key: [u8; 16],
    /// What its pointer must name.
    pub claim: Claim,
    /// Whether anybody has proven that it is theirs.
    proven: bool,
    /// What its owner is shown of it.
    pub shown: String,
    /// When it was linked.
    pub since: Millis,
}

/// An account, but for its sessions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user, as backends know them.
    user: String,
    ways: Vec<Way>,
    password: Option<PasswordRecord>,
    /// The WeChat users who have signed in, the last first.
    known: Vec<[u8; 16]>,
}

/// The account has as many identities as it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account has 16 identities at most; unlink one first")]
pub struct Full;

/// Why an identity stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlinkError {
    /// The account has no such identity.
    #[error("the account has no such identity")]
    Unknown,
    /// Without it nobody could sign in.
    #[error(
        "nobody could sign in to the account without this identity; link another or set a password first"
    )]
    Last,
}

impl Way {
    /// A way in that is being linked.
    pub fn new(
        kind: Kind,
        key: UserKey,
        claim: Claim,
        strength: Strength,
        shown: String,
        since: Millis,
    ) -> Self {
        Self {
            kind,
            key: key.0,
            claim,
            proven: strength == Strength::Proven,
            shown,
            since,
        }
    }

    /// The key of its pointer.
    pub fn key(&self) -> UserKey {
        UserKey(self.key)
    }

    /// Whether anybody has proven that it is theirs.
    pub fn strength(&self) -> Strength {
        if self.proven {
            Strength::Proven
        } else {
            Strength::Named
        }
    }

    /// Whether somebody can sign in by it: a name is of use with a password alone, and so is what nobody has proven.
    fn opens(&self, has_password: bool) -> bool {
        has_password && self.kind.takes_password() || self.proven && self.kind != Kind::Name
    }
}

impl Kind {
    /// Whether it can be typed beside a password.
    fn takes_password(self) -> bool {
        matches!(self, Self::Name | Self::Phone | Self::Email)
    }
}

impl Account {
    /// An account with these ways in, which is being founded.
    pub fn new(user: String, ways: Vec<Way>, password: Option<PasswordRecord>) -> Self {
        Self {
            user,
            ways,
            password,
            known: Vec::new(),
        }
    }

    /// The user, as backends know them.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What the account says of a claim under this identity's key.
    pub fn listing(&self, identity: UserKey, claim: Claim) -> Listing {
        let listed = |way: &&Way| way.claim == claim && way.key() == identity;
        match self.ways.iter().find(listed) {
            None => Listing::Absent,
            Some(way) if way.proven => Listing::Proven,
            Some(_) => Listing::Unproven,
        }
    }

    /// The ways in, in the order of their links.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// The way in of this claim.
    pub fn way(&self, claim: Claim) -> Option<&Way> {
        self.ways.iter().find(|way| way.claim == claim)
    }

    /// Whether it can have no more ways in.
    pub fn is_full(&self) -> bool {
        self.ways.len() >= WAYS
    }

    /// Lists one more way in.
    ///
    /// # Errors
    /// There are too many.
    pub fn list(&mut self, way: Way) -> Result<(), Full> {
        if self.is_full() {
            return Err(Full);
        }
        self.ways.push(way);
        Ok(())
    }

    /// Lists these claims no longer.
    pub fn unlist(&mut self, claims: &[Claim]) {
        self.ways.retain(|way| !claims.contains(&way.claim));
    }

    /// Notes that an identity is proven, which was only named when it was linked.
    pub fn prove(&mut self, claim: Claim) {
        if let Some(way) = self.ways.iter_mut().find(|way| way.claim == claim) {
            way.proven = true;
        }
    }

    /// Removes a way in, unless nobody could sign in without it.
    ///
    /// # Errors
    /// It is unknown, or the last.
    pub fn unlink(&mut self, claim: Claim) -> Result<Way, UnlinkError> {
        let place = self.ways.iter().position(|way| way.claim == claim);
        let place = place.ok_or(UnlinkError::Unknown)?;
        let mut others = self.ways.iter().filter(|way| way.claim != claim);
        if !others.any(|way| way.opens(self.password.is_some())) {
            return Err(UnlinkError::Last);
        }
        Ok(self.ways.remove(place))
    }

    /// The hash that a guess is verified against.
    pub fn password(&self) -> Option<&PasswordRecord> {
        self.password.as_ref()
    }

    /// Whether the password is still the one of this hash.
    pub fn has_password(&self, record: &PasswordRecord) -> bool {
        self.password.as_ref() == Some(record)
    }

    /// Sets the password, on the phone of this WeChat user. All others are strangers from then on: whoever knew the old
    /// password may have used them.
    pub fn set_password(&mut self, record: PasswordRecord, on: UserKey) {
        self.password = Some(record);
        self.known.retain(|phone| *phone == on.0);
    }

    /// Whether a WeChat user has signed in to the account before.
    pub fn knows(&self, phone: UserKey) -> bool {
        self.known.contains(&phone.0)
    }

    /// Remembers a WeChat user who has just signed in. Returns whether that is new.
    pub fn meet(&mut self, phone: UserKey) -> bool {
        if self.known.first() == Some(&phone.0) {
            return false;
        }
        self.known.retain(|known| *known != phone.0);
        self.known.insert(0, phone.0);
        self.known.truncate(KNOWN_PHONES);
        true
    }

    /// The stored form: sealed, so that a dump of the store has no hash to guess at and no WeChat user to recognise.
    ///
    /// # Errors
    /// There is no randomness for the seal.
    pub fn encode(&self, keys: &Keys, account: UserKey) -> Result<Vec<u8>, NoRandomness> {
        // Writing to a growing vector cannot fail, and an empty content would not be readable.
        let content = postcard::to_extend(self, vec![VERSION]).unwrap_or_default();
        keys.seal(account, &Zeroizing::new(content))
    }

    /// The account in a stored form, or `None` if it is damaged, another's, or of another version.
    pub fn decode(keys: &Keys, account: UserKey, sealed: &[u8]) -> Option<Self> {
        let content = keys.unseal(account, sealed)?;
        let (version, fields) = content.split_first()?;
        let (decoded, rest) = postcard::take_from_bytes(fields).ok()?;
        (*version == VERSION && rest.is_empty()).then_some(decoded)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Account(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::identity::UserKey;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::store::MemoryStore;

    use super::{Account, Full, UnlinkError, WAYS, Way};
    use crate::hashing::{Hasher, PasswordRecord};
    use crate::identifier::Kind;
    use crate::keys::Keys;
    use crate::password::Password;
    use crate::pointer::{Claim, Listing, Strength};

    const ANN: UserKey = UserKey([0xa; 16]);

    fn way(kind: Kind, claim: u8, strength: Strength) -> Way {
        let key = UserKey([claim; 16]);
        Way::new(kind, key, Claim([claim; 8]), strength, "l***a".into(), 1000)
    }

    async fn password() -> PasswordRecord {
        Hasher::new()
            .hash(&Password::new("ktqwmvze"))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_last_way_in_cannot_be_unlinked() {
        use Kind::{Email, Name, Oidc, Phone, WeChat};
        use Strength::{Named, Proven};
        let password = password().await;
        // The way that is unlinked, the one that stays, whether there is a password, and whether it may go.
        for (goes, stays, with_password, may) in [
            (WeChat, Some((Name, Named)), true, true),
            (WeChat, Some((Name, Named)), false, false),
            (WeChat, Some((Phone, Proven)), false, true),
            (WeChat, Some((Phone, Named)), false, false),
            (WeChat, Some((Email, Named)), true, true),
            (Name, Some((WeChat, Proven)), true, true),
            (Name, Some((Oidc, Proven)), false, true),
            (WeChat, None, true, false),
            (Name, None, true, false),
        ] {
            let mut ways = vec![way(goes, 1, Proven)];
            ways.extend(stays.map(|(kind, strength)| way(kind, 2, strength)));
            let mut account =
                Account::new("ann".into(), ways, with_password.then(|| password.clone()));
            let unlinked = account.unlink(Claim([1; 8]));
            assert_eq!(unlinked.is_ok(), may, "{goes:?} {stays:?} {with_password}");
            assert_eq!(
                account.listing(UserKey([1; 16]), Claim([1; 8])) == Listing::Absent,
                may
            );
        }
        let mut account = Account::new("ann".into(), vec![way(WeChat, 1, Proven)], None);
        assert_eq!(account.unlink(Claim([9; 8])), Err(UnlinkError::Unknown));
    }

    #[test]
    fn an_account_lists_sixteen_ways_at_most() {
        let mut account = Account::new("ann".into(), Vec::new(), None);
        for claim in 0..WAYS as u8 {
            account
                .list(way(Kind::Oidc, claim, Strength::Proven))
                .unwrap();
        }
        assert_eq!(
            account.list(way(Kind::Oidc, 99, Strength::Proven)),
            Err(Full)
        );
    }

    #[test]
    fn a_named_identity_becomes_proven() {
        let mut account = Account::new(
            "ann".into(),
            vec![way(Kind::Phone, 1, Strength::Named)],
            None,
        );
        assert_eq!(
            account.listing(UserKey([1; 16]), Claim([1; 8])),
            Listing::Unproven
        );
        account.prove(Claim([1; 8]));
        assert_eq!(
            account.listing(UserKey([1; 16]), Claim([1; 8])),
            Listing::Proven
        );
    }

    #[test]
    fn the_last_eight_phones_are_known() {
        let mut account = Account::new("ann".into(), Vec::new(), None);
        for phone in 0..9 {
            assert!(account.meet(UserKey([phone; 16])));
        }
        assert!(account.meet(UserKey([1; 16])));
        assert!(!account.meet(UserKey([1; 16])));
        let known: Vec<u8> = (0..9)
            .filter(|phone| account.knows(UserKey([*phone; 16])))
            .collect();
        assert_eq!(known, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[tokio::test]
    async fn a_new_password_makes_strangers_of_all_other_phones() {
        let (ours, others) = (UserKey([1; 16]), UserKey([2; 16]));
        let mut account = Account::new("ann".into(), Vec::new(), None);
        for phone in [ours, others] {
            account.meet(phone);
        }
        account.set_password(password().await, ours);
        assert!(account.knows(ours) && !account.knows(others));
    }

    #[tokio::test]
    async fn an_account_comes_back_as_it_was_to_its_own_key() {
        let store = MemoryStore::new();
        let keys = Keys::open(&store, &KeyRing::generate().unwrap())
            .await
            .unwrap();
        let ways = (0..WAYS as u8).map(|claim| way(Kind::Name, claim, Strength::Named));
        let mut account = Account::new("ann".into(), ways.collect(), Some(password().await));
        account.meet(UserKey([1; 16]));
        let sealed = account.encode(&keys, ANN).unwrap();
        assert!(sealed.len() < 1000, "{}", sealed.len());
        assert_eq!(Account::decode(&keys, ANN, &sealed), Some(account));
        assert_eq!(Account::decode(&keys, UserKey([0xb; 16]), &sealed), None);
    }
}
