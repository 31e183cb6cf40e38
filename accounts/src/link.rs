//! How identities become an account's: a machine that says what to ask of the store next, and learns the answer.
//!
//! | step | what is swapped | a crash after it leaves |
//! |---|---|---|
//! | claim | each identity's pointer, from absent or given up, to ours, unconfirmed | a pointer that nobody lists |
//! | list | the account, which lists every claim | a link that counts; before that there is none |
//! | confirm | each pointer, to confirmed | the same |
//!
//! Only then is the link answered with success. Whoever loses a pointer on the way takes their claims out of the account
//! again and puts back what the pointers were.
//!
//! *What an attacker can try:* to link an identity that is being linked by its owner, from many servers at once, while
//! servers stop at the worst moment. The tests visit every order of the steps of two who link, of one who unlinks and of
//! one who deletes, with a crash of anybody at any step and with time passing at any step
//! (`every_order_with_every_crash`). In each, an identity counts for one account at most, a success is never taken
//! back, and who fails leaves nothing behind.

use wxsession_server::identity::UserKey;
use wxsession_server::user::Millis;

use crate::pointer::{Claim, Listing, Pointer, Strength};

/// How often a claim is tried again while others change the value.
const ATTEMPTS: u8 = 8;

/// An identity to be linked, under a claim of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The identity's key.
    pub key: UserKey,
    /// The claim; random.
    pub claim: Claim,
    /// Whether the identity is proven.
    pub strength: Strength,
}

/// What stands under an identity's key. `V` is the stored value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Held<V> {
    /// Nothing.
    Nothing,
    /// A WeChat user who has no account, under their own key.
    Guest(V),
    /// A pointer.
    Pointer(Pointer),
}

/// What to ask of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask<V> {
    /// Read what stands under this key; then [`Linking::read`].
    Read(UserKey),
    /// Read whether the account of this pointer, which stands under this key, lists it; then [`Linking::judge`].
    Judge(UserKey, Pointer),
    /// Swap what stands under this key from the one to the other; then [`Linking::swapped`].
    Swap(UserKey, Held<V>, Held<V>),
    /// Change the account: list all claims, or refuse; then [`Linking::listed`].
    List,
    /// Change the account: list none of the claims; then [`Linking::unlisted`].
    Unlist,
    /// Nothing: the link is made, or has failed for good.
    Nothing(Linked),
}

/// How a link ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Linked {
    /// All identities count for the account.
    Done,
    /// One of them counts for this account already. Nothing has changed.
    Already,
    /// One of them counts for another account, or is being linked to one. Nothing has changed.
    Taken,
    /// The account has refused the claims. Nothing has changed.
    Refused,
    /// Others changed the values again and again. Nothing has changed.
    Contended,
}

/// The link of some identities to one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Linking<V> {
    account: UserKey,
    wanted: Vec<Wanted>,
    /// The identities that are claimed, in the order of `wanted`.
    claimed: Vec<Claimed<V>>,
    attempts: u8,
    step: Step<V>,
}

/// What stood under a claimed key, and what stands there now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Claimed<V> {
    before: Held<V>,
    ours: Pointer,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step<V> {
    Read,
    Judge(Pointer),
    Claim(Claimed<V>),
    List,
    Confirm(usize),
    Unlist,
    /// Puts back what stood under the claimed keys, the last first.
    Restore(Linked),
    Over(Linked),
}

impl<V: Clone> Linking<V> {
    /// Begins to link `wanted`, one identity or more, to the account. The likelier one of them is to be taken, the
    /// earlier it should come, since those before it are claimed in vain.
    pub fn new(account: UserKey, wanted: Vec<Wanted>) -> Self {
        Self {
            account,
            wanted,
            claimed: Vec::new(),
            attempts: ATTEMPTS,
            step: Step::Read,
        }
    }

    /// What to ask of the store now.
    pub fn ask(&self) -> Ask<V> {
        match &self.step {
            Step::Read => Ask::Read(self.next().key),
            Step::Judge(pointer) => Ask::Judge(self.next().key, *pointer),
            Step::Claim(Claimed { before, ours }) => {
                Ask::Swap(self.next().key, before.clone(), Held::Pointer(*ours))
            }
            Step::List => Ask::List,
            Step::Confirm(place) => {
                let ours = self.claimed[*place].ours;
                let confirmed = Held::Pointer(ours.confirmed());
                Ask::Swap(self.wanted[*place].key, Held::Pointer(ours), confirmed)
            }
            Step::Unlist => Ask::Unlist,
            Step::Restore(_) => {
                let last = self.claimed.len() - 1;
                let Claimed { before, ours } = &self.claimed[last];
                Ask::Swap(
                    self.wanted[last].key,
                    Held::Pointer(*ours),
                    put_back(before),
                )
            }
            Step::Over(how) => Ask::Nothing(*how),
        }
    }

    /// Learns what stands under the key of the next identity.
    pub fn read(&mut self, held: Held<V>, now: Millis) {
        self.step = match held {
            Held::Pointer(pointer) => Step::Judge(pointer),
            free => self.claim(free, now),
        };
    }

    /// Learns whether the account of the pointer lists it. A claim of this very account that it does not list is an
    /// earlier attempt, which need not be waited for.
    pub fn judge(&mut self, listing: Listing, now: Millis) {
        let Step::Judge(pointer) = self.step else {
            return;
        };
        let is_ours = pointer.account == self.account;
        self.step = match listing {
            Listing::Absent if is_ours => self.claim(Held::Pointer(pointer), now),
            _ if is_ours => self.restore(Linked::Already),
            _ if pointer.may_be_taken(listing, self.next().strength, now) => {
                self.claim(Held::Pointer(pointer), now)
            }
            _ => self.restore(Linked::Taken),
        };
    }

    /// Learns whether the swap was made.
    pub fn swapped(&mut self, was_made: bool) {
        let step = std::mem::replace(&mut self.step, Step::Read);
        self.step = match step {
            Step::Claim(claimed) if was_made => {
                self.claimed.push(claimed);
                let is_last = self.claimed.len() == self.wanted.len();
                if is_last { Step::List } else { Step::Read }
            }
            Step::Claim(_) => {
                self.attempts -= 1;
                if self.attempts == 0 {
                    self.restore(Linked::Contended)
                } else {
                    Step::Read
                }
            }
            Step::Confirm(place) if was_made => {
                self.claimed[place].ours.confirmed = true;
                let is_last = place + 1 == self.claimed.len();
                if is_last {
                    Step::Over(Linked::Done)
                } else {
                    Step::Confirm(place + 1)
                }
            }
            // Linking took too long, and somebody has taken the identity over.
            Step::Confirm(_) => Step::Unlist,
            Step::Restore(why) => {
                self.claimed.pop();
                self.restore(why)
            }
            other => other,
        };
    }

    /// Learns whether the account lists the claims now.
    pub fn listed(&mut self, does: bool) {
        self.step = if does {
            Step::Confirm(0)
        } else {
            self.restore(Linked::Refused)
        };
    }

    /// Learns that the account lists none of the claims any longer.
    pub fn unlisted(&mut self) {
        self.step = self.restore(Linked::Taken);
    }

    fn next(&self) -> Wanted {
        self.wanted[self.claimed.len()]
    }

    fn claim(&self, before: Held<V>, now: Millis) -> Step<V> {
        let ours = Pointer {
            account: self.account,
            claim: self.next().claim,
            confirmed: false,
            since: now,
        };
        Step::Claim(Claimed { before, ours })
    }

    fn restore(&self, why: Linked) -> Step<V> {
        if self.claimed.is_empty() {
            Step::Over(why)
        } else {
            Step::Restore(why)
        }
    }
}

/// What is put back: a guest, or nothing. A pointer that was taken over never comes back, or an account could come to
/// agree with it again after somebody has seen that it does not.
fn put_back<V: Clone>(before: &Held<V>) -> Held<V> {
    match before {
        Held::Guest(_) => before.clone(),
        Held::Nothing | Held::Pointer(_) => Held::Nothing,
    }
}

#[cfg(test)]
mod tests;
