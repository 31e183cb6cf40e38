//! WeChat users whose code was exchanged, and whose sign-in then failed on our side.
//!
//! The code is spent, and WeChat would refuse it when the client sends it again. So who it stands for is kept for a
//! moment, in memory alone, and the same code leads there once more. What a sign-in decided is final: only one that
//! store or accounts could not decide is kept.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::wechat::{Account, LoginCode};

/// Longer than a client tries with one code, which is 20 seconds.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// How many are kept. Beyond that the oldest is forgotten, and its client needs another code.
const PLACES: usize = 1024;

#[derive(Default)]
pub(super) struct Unlanded(Mutex<VecDeque<Kept>>);

struct Kept {
    until: Instant,
    code: LoginCode,
    account: Account,
}

impl Unlanded {
    /// Keeps whom this code stands for.
    pub(super) fn keep(&self, code: &LoginCode, account: Account) {
        let mut kept = self.fresh();
        if kept.len() >= PLACES {
            kept.pop_front();
        }
        kept.push_back(Kept {
            until: Instant::now() + KEPT_FOR,
            code: code.clone(),
            account,
        });
    }

    /// Takes whom a code of this mini program stands for, if that is kept.
    pub(super) fn take(&self, appid: &str, code: &LoginCode) -> Option<Account> {
        let mut kept = self.fresh();
        let is_it = |kept: &Kept| kept.account.identity.appid == appid && kept.code == *code;
        let index = kept.iter().position(is_it)?;
        kept.remove(index).map(|kept| kept.account)
    }

    /// Those whose time is not over. The oldest is first.
    fn fresh(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while kept.front().is_some_and(|kept| kept.until <= now) {
            kept.pop_front();
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::{KEPT_FOR, PLACES, Unlanded};
    use crate::identity::Identity;
    use crate::session_key::sample;
    use crate::wechat::{Account, LoginCode};

    fn account(openid: &str) -> Account {
        let identity = Identity {
            appid: "wx1".into(),
            openid: openid.into(),
            unionid: None,
        };
        let session_key = sample(1);
        Account {
            identity,
            session_key,
        }
    }

    fn code(code: &str) -> LoginCode {
        LoginCode::parse(code).unwrap()
    }

    fn taken(unlanded: &Unlanded, appid: &str, name: &str) -> Option<String> {
        let account = unlanded.take(appid, &code(name));
        account.map(|account| account.identity.openid)
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_leads_to_its_own_user_once_and_for_half_a_minute() {
        let unlanded = Unlanded::default();
        unlanded.keep(&code("a"), account("ann"));
        unlanded.keep(&code("b"), account("bob"));
        unlanded.keep(&code("c"), account("cem"));
        assert_eq!(taken(&unlanded, "wx2", "a"), None);
        assert_eq!(taken(&unlanded, "wx1", "b"), Some("bob".into()));
        assert_eq!(taken(&unlanded, "wx1", "b"), None);
        advance(KEPT_FOR - Duration::from_millis(1)).await;
        assert_eq!(taken(&unlanded, "wx1", "a"), Some("ann".into()));
        advance(Duration::from_millis(1)).await;
        assert_eq!(taken(&unlanded, "wx1", "c"), None);
        assert!(unlanded.0.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_fills_no_memory() {
        let unlanded = Unlanded::default();
        for number in 0..=PLACES {
            unlanded.keep(&code(&number.to_string()), account("ann"));
        }
        assert_eq!(unlanded.0.lock().unwrap().len(), PLACES);
        assert_eq!(taken(&unlanded, "wx1", "0"), None);
        assert_eq!(taken(&unlanded, "wx1", "1"), Some("ann".into()));
    }
}
