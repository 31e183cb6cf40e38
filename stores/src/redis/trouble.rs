//! What is logged of a link: each line once a minute at most, because a connection may break and come back all the time.

use std::{fmt, mem};

use redis::RedisError;
use wxsession_server::once_a_minute::OnceAMinute;

use super::address::Host;

/// What is logged of a link.
pub(super) struct Trouble {
    is_told: bool,
    abandoned: OnceAMinute,
    unusable: OnceAMinute,
    /// A connection is told first of all, and where trouble was told before.
    is_over_news: bool,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            is_told: true,
            abandoned: OnceAMinute::new(),
            unusable: OnceAMinute::new(),
            is_over_news: true,
        }
    }
}

impl Trouble {
    /// Nothing is logged.
    pub(super) fn untold() -> Self {
        Self {
            is_told: false,
            ..Self::default()
        }
    }

    /// There is a connection.
    pub(super) fn is_over(&mut self, server: &Host) {
        if mem::take(&mut self.is_over_news) && self.is_told {
            tracing::info!(%server, "connected to Redis");
        }
    }

    /// A connection is abandoned.
    pub(super) fn abandons(&mut self, server: &Host, reason: &str) {
        if self.is_told
            && let Some(left_out) = self.abandoned.due()
        {
            self.is_over_news = true;
            tracing::warn!(%server, reason, left_out, "a connection to Redis is abandoned");
        }
    }

    /// None can be made.
    pub(super) fn has(&mut self, server: &impl fmt::Display, error: &RedisError) {
        if self.is_told
            && let Some(left_out) = self.unusable.due()
        {
            self.is_over_news = true;
            let error = error as &dyn std::error::Error;
            tracing::error!(error, %server, left_out, "Redis cannot be used; retrying");
        }
    }
}
