//! Every order of the steps of several who change the links of the same identities, with crashes and with time passing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use wxsession_server::identity::UserKey;
use wxsession_server::user::Millis;

use super::{Ask, Held, Linked, Linking, Wanted};
use crate::pointer::{CLAIM_STANDS, Claim, Listing, Strength};

const ANN: UserKey = UserKey([0xa; 16]);
const BEN: UserKey = UserKey([0xb; 16]);
const CAT: UserKey = UserKey([0xc; 16]);
const DAN: UserKey = UserKey([0xd; 16]);
const NAME: UserKey = UserKey([1; 16]);
const WECHAT: UserKey = UserKey([2; 16]);
const OTHER_NAME: UserKey = UserKey([3; 16]);

/// How often time passes in a run, each time so much that claims are given up.
const LEAPS: u8 = 2;

/// A guest's value.
type Value = &'static str;

/// Who takes part in a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Actor {
    /// Links identities to an account.
    Linker(UserKey, Linking<Value>),
    /// Founds an account with identities: it exists from the moment when it lists them.
    Founder(UserKey, Linking<Value>),
    /// Takes an identity out of an account: one swap.
    Unlinker(UserKey, UserKey),
    /// Deletes an account: one swap, then the pointers that it listed.
    Deleter(UserKey, Option<Vec<(UserKey, Claim)>>),
    /// Done, with what came of it.
    Gone(Option<Linked>),
}

/// A listed claim: its identity, and whether it is proven.
type Listed = BTreeMap<Claim, (UserKey, Strength)>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    now: Millis,
    leaps: u8,
    values: BTreeMap<UserKey, Held<Value>>,
    accounts: BTreeMap<UserKey, Listed>,
    actors: Vec<Actor>,
    /// The links that were answered with success.
    promised: Vec<(UserKey, UserKey, Claim)>,
    /// The claims that were taken back: by their own account, or by the proof of another.
    taken_back: BTreeSet<Claim>,
}

fn wanted(key: UserKey, claim: u8, strength: Strength) -> Wanted {
    Wanted {
        key,
        claim: Claim([claim; 8]),
        strength,
    }
}

fn linker(account: UserKey, key: UserKey, claim: u8) -> Actor {
    let wanted = vec![wanted(key, claim, Strength::Proven)];
    Actor::Linker(account, Linking::new(account, wanted))
}

fn namer(account: UserKey, key: UserKey, claim: u8) -> Actor {
    let wanted = vec![wanted(key, claim, Strength::Named)];
    Actor::Linker(account, Linking::new(account, wanted))
}

fn founder(account: UserKey, name: UserKey, claim: u8) -> Actor {
    let wanted = vec![
        wanted(name, claim, Strength::Proven),
        wanted(WECHAT, claim + 1, Strength::Proven),
    ];
    Actor::Founder(account, Linking::new(account, wanted))
}

impl World {
    fn new(actors: Vec<Actor>) -> Self {
        let accounts = [ANN, BEN].map(|account| (account, Listed::new()));
        Self {
            now: 1,
            leaps: LEAPS,
            values: BTreeMap::new(),
            accounts: accounts.into(),
            actors,
            promised: Vec::new(),
            taken_back: BTreeSet::new(),
        }
    }

    fn with_guest(mut self) -> Self {
        self.values.insert(WECHAT, Held::Guest("a guest"));
        self
    }

    /// The identity is linked to the account already.
    fn with_link(mut self, account: UserKey, key: UserKey, claim: u8) -> Self {
        let mut first = Self::new(vec![linker(account, key, claim)]);
        first.values = self.values.clone();
        first.accounts = self.accounts.clone();
        while first.step(0).is_some() {}
        self.values = first.values;
        self.accounts = first.accounts;
        self
    }

    fn held(&self, key: UserKey) -> Held<Value> {
        self.values.get(&key).cloned().unwrap_or(Held::Nothing)
    }

    fn listing(&self, account: UserKey, claim: Claim) -> Listing {
        match self
            .accounts
            .get(&account)
            .and_then(|listed| listed.get(&claim))
        {
            None => Listing::Absent,
            Some((_, Strength::Named)) => Listing::Unproven,
            Some((_, Strength::Proven)) => Listing::Proven,
        }
    }

    /// The account that the identity counts for, if any.
    fn counts_for(&self, key: UserKey) -> Option<(UserKey, Claim)> {
        match self.held(key) {
            Held::Pointer(pointer)
                if self.listing(pointer.account, pointer.claim) != Listing::Absent =>
            {
                Some((pointer.account, pointer.claim))
            }
            _ => None,
        }
    }

    fn swap(&mut self, key: UserKey, old: &Held<Value>, new: Held<Value>) -> bool {
        let applies = self.held(key) == *old;
        if applies {
            self.values.insert(key, new);
        }
        applies
    }

    /// Lets an actor take one step. `None`: it has none left.
    fn step(&mut self, place: usize) -> Option<()> {
        let actor = self.actors[place].clone();
        self.actors[place] = match actor {
            Actor::Gone(_) => return None,
            Actor::Linker(account, linking) => self.advance(account, linking, Actor::Linker),
            Actor::Founder(account, linking) => self.advance(account, linking, Actor::Founder),
            Actor::Unlinker(account, key) => {
                if let Some(listed) = self.accounts.get_mut(&account) {
                    let unlinked = listed.extract_if(.., |_, (listed, _)| *listed == key);
                    self.taken_back.extend(unlinked.map(|(claim, _)| claim));
                }
                Actor::Gone(None)
            }
            Actor::Deleter(account, None) => {
                let listed = self.accounts.remove(&account).unwrap_or_default();
                self.taken_back.extend(listed.keys());
                let pointers = listed.iter().map(|(claim, (key, _))| (*key, *claim));
                Actor::Deleter(account, Some(pointers.collect()))
            }
            Actor::Deleter(account, Some(mut pointers)) => match pointers.pop() {
                None => Actor::Gone(None),
                Some((key, claim)) => {
                    if matches!(self.held(key), Held::Pointer(held) if held.claim == claim) {
                        self.values.insert(key, Held::Nothing);
                    }
                    Actor::Deleter(account, Some(pointers))
                }
            },
        };
        Some(())
    }

    fn advance(
        &mut self,
        account: UserKey,
        mut linking: Linking<Value>,
        again: impl Fn(UserKey, Linking<Value>) -> Actor,
    ) -> Actor {
        let founds = matches!(again(account, linking.clone()), Actor::Founder(..));
        match linking.ask() {
            Ask::Read(key) => linking.read(self.held(key), self.now),
            Ask::Judge(_, pointer) => {
                linking.judge(self.listing(pointer.account, pointer.claim), self.now);
            }
            Ask::Swap(key, old, new) => {
                let counted = self.counts_for(key);
                let was_made = self.swap(key, &old, new);
                self.a_takeover_may_break_only_what_nobody_proved(key, counted, &linking);
                linking.swapped(was_made);
            }
            Ask::List => {
                let may = self.accounts.contains_key(&account) != founds;
                if may {
                    let listed = self.accounts.entry(account).or_default();
                    for Wanted {
                        key,
                        claim,
                        strength,
                    } in &linking.wanted
                    {
                        listed.insert(*claim, (*key, *strength));
                    }
                }
                linking.listed(may);
            }
            Ask::Unlist => {
                if founds {
                    self.accounts.remove(&account);
                } else if let Some(listed) = self.accounts.get_mut(&account) {
                    for Wanted { claim, .. } in &linking.wanted {
                        listed.remove(claim);
                    }
                }
                linking.unlisted();
            }
            Ask::Nothing(linked) => {
                self.ended(account, &linking, linked);
                return Actor::Gone(Some(linked));
            }
        }
        again(account, linking)
    }

    fn a_takeover_may_break_only_what_nobody_proved(
        &mut self,
        key: UserKey,
        counted: Option<(UserKey, Claim)>,
        linking: &Linking<Value>,
    ) {
        if let Some((account, claim)) = counted
            && self.counts_for(key) != counted
            && self.listing(account, claim) == Listing::Unproven
        {
            let proves = |wanted: &Wanted| wanted.key == key && wanted.strength == Strength::Proven;
            assert!(linking.wanted.iter().any(proves), "{self:?}");
            self.taken_back.insert(claim);
        }
    }

    /// What must hold when somebody is answered.
    fn ended(&mut self, account: UserKey, linking: &Linking<Value>, linked: Linked) {
        for Wanted { key, claim, .. } in &linking.wanted {
            match linked {
                Linked::Done => self.promised.push((account, *key, *claim)),
                _ => {
                    assert_eq!(self.listing(account, *claim), Listing::Absent, "{self:#?}");
                    let held = self.held(*key);
                    let is_ours = matches!(held, Held::Pointer(held) if held.claim == *claim);
                    assert!(!is_ours, "{self:#?}");
                }
            }
        }
    }

    fn check(&self) {
        for (account, key, claim) in &self.promised {
            if self.taken_back.contains(claim) {
                continue;
            }
            assert_eq!(self.counts_for(*key), Some((*account, *claim)), "{self:#?}");
        }
    }

    /// Once everybody has gone and time has passed, an identity is linked as a whole or free for the next.
    fn check_at_the_end(&self) {
        for key in [NAME, WECHAT, OTHER_NAME] {
            let mut next = self.clone();
            next.now += CLAIM_STANDS + 1;
            next.accounts.insert(DAN, Listed::new());
            next.actors = vec![linker(DAN, key, 99)];
            while next.step(0).is_some() {}
            let expected = match self.counts_for(key) {
                Some((account, claim)) if self.listing(account, claim) == Listing::Proven => {
                    Linked::Taken
                }
                _ => Linked::Done,
            };
            assert_eq!(next.actors[0], Actor::Gone(Some(expected)), "{self:#?}");
        }
    }

    /// The worlds that may follow: somebody takes a step or crashes, or time passes.
    fn successors(&self) -> Vec<Self> {
        let mut successors = Vec::new();
        for place in 0..self.actors.len() {
            let mut next = self.clone();
            if next.step(place).is_some() {
                successors.push(next);
                let mut crashed = self.clone();
                crashed.actors[place] = match crashed.actors[place] {
                    Actor::Linker(..) | Actor::Founder(..) => Actor::Gone(Some(Linked::Contended)),
                    _ => Actor::Gone(None),
                };
                successors.push(crashed);
            }
        }
        if self.leaps > 0 && !successors.is_empty() {
            let mut later = self.clone();
            later.leaps -= 1;
            later.now += CLAIM_STANDS + 1;
            successors.push(later);
        }
        successors
    }
}

/// Visits every world that can follow, and returns how many there are, and in how many different ways they end.
fn explore(first: World) -> (usize, HashSet<Vec<Option<Linked>>>) {
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    let mut ends = HashSet::new();
    while let Some(world) = open.pop() {
        world.check();
        let successors = world.successors();
        if successors.is_empty() {
            world.check_at_the_end();
            let ended = world.actors.iter().map(|actor| match actor {
                Actor::Gone(how) => *how,
                _ => None,
            });
            ends.insert(ended.collect());
        }
        for next in successors {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    (seen.len(), ends)
}

#[test]
fn every_order_with_every_crash() {
    let worlds = [
        (
            "two link",
            World::new(vec![linker(ANN, NAME, 1), linker(BEN, NAME, 2)]),
        ),
        (
            "one account links twice",
            World::new(vec![linker(ANN, NAME, 1), linker(ANN, NAME, 2)]),
        ),
        (
            "one names, one proves",
            World::new(vec![namer(ANN, NAME, 1), linker(BEN, NAME, 2)]),
        ),
        (
            "the owner unlinks",
            World::new(vec![
                linker(BEN, NAME, 2),
                Actor::Unlinker(ANN, NAME),
                linker(ANN, NAME, 3),
            ])
            .with_link(ANN, NAME, 1),
        ),
        (
            "the owner deletes",
            World::new(vec![
                linker(BEN, NAME, 2),
                Actor::Deleter(ANN, None),
                linker(ANN, NAME, 3),
            ])
            .with_link(ANN, NAME, 1),
        ),
        (
            "a linker's account is deleted",
            World::new(vec![
                linker(ANN, NAME, 1),
                linker(BEN, NAME, 2),
                Actor::Deleter(ANN, None),
            ]),
        ),
        (
            "a guest registers twice",
            World::new(vec![founder(CAT, NAME, 1), founder(CAT, OTHER_NAME, 3)]).with_guest(),
        ),
        (
            "a guest registers and is linked",
            World::new(vec![founder(CAT, NAME, 1), linker(BEN, WECHAT, 3)]).with_guest(),
        ),
        (
            "a guest registers under a name that is being taken",
            World::new(vec![founder(CAT, NAME, 1), linker(BEN, NAME, 3)]).with_guest(),
        ),
    ];
    for (what, world) in worlds {
        let (worlds, ends) = explore(world);
        println!("{what}: {worlds} worlds, {} ends", ends.len());
        assert!(worlds > 100, "{what}: {worlds}");
    }
}

#[test]
fn of_two_who_link_one_succeeds_whatever_the_order() {
    let mut world = World::new(vec![linker(ANN, NAME, 1), linker(BEN, NAME, 2)]);
    world.leaps = 0;
    let (_, ends) = explore(world);
    let both = |how: &Vec<Option<Linked>>| how.iter().all(|how| *how == Some(Linked::Done));
    assert!(!ends.iter().any(both));
    // Nobody crashed: the one who has not succeeded was told that the identity is taken.
    assert!(ends.contains(&vec![Some(Linked::Done), Some(Linked::Taken)]));
    assert!(ends.contains(&vec![Some(Linked::Taken), Some(Linked::Done)]));
    assert!(!ends.contains(&vec![Some(Linked::Taken), Some(Linked::Taken)]));
}

#[test]
fn who_fails_puts_the_guest_back() {
    let mut world = World::new(vec![founder(ANN, NAME, 1)]).with_guest();
    // The account exists already, so it cannot be founded.
    while world.step(0).is_some() {}
    assert_eq!(world.actors[0], Actor::Gone(Some(Linked::Refused)));
    assert_eq!(world.held(WECHAT), Held::Guest("a guest"));
    assert_eq!(world.held(NAME), Held::Nothing);
}
