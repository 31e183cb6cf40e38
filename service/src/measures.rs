//! What is counted and timed for operators, and under which names.
//!
//! The counters are those of the crate `metrics`. Each part of the service takes its counters once, when it is made, from
//! the recorder that is installed by then, so that counting needs no look-up by name. The program installs
//! [`Measures`]; another program may install any other recorder, and without a recorder nothing is counted. All values
//! of a label are known beforehand, so that no client can make a new one.

use std::time::Duration;

use anyhow::Context;
use metrics::{Gauge, Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};

pub(crate) const LIMITED: &str = "wxsession_sign_ins_limited_total";
pub(crate) const SIGN_INS: &str = "wxsession_sign_ins_total";
pub(crate) const SIGN_INS_BY_PROOF: &str = "wxsession_sign_ins_by_proof_total";
pub(crate) const VERIFICATIONS: &str = "wxsession_verifications_total";
pub(crate) const VERIFICATIONS_BY_PROOF: &str = "wxsession_verifications_by_proof_total";
pub(crate) const STORE_SECONDS: &str = "wxsession_store_seconds";
pub(crate) const STORE_FAILURES: &str = "wxsession_store_failures_total";
pub(crate) const WECHAT_SECONDS: &str = "wxsession_wechat_seconds";
pub(crate) const BREAKER: &str = "wxsession_wechat_breaker_open";
pub(crate) const ACCOUNTS_SECONDS: &str = "wxsession_accounts_seconds";
pub(crate) const ACCOUNTS_BREAKER: &str = "wxsession_accounts_breaker_open";
pub(crate) const PASSWORD_HASHES: &str = "wxsession_password_hashes_total";
pub(crate) const UPSTREAM_REQUESTS: &str = "wxsession_upstream_requests_total";
pub(crate) const REQUESTS: &str = "wxsession_requests_in_flight";
pub(crate) const CONNECTIONS: &str = "wxsession_connections_open";
pub(crate) const LOG_LINES_DROPPED: &str = "wxsession_log_lines_dropped_total";

/// In seconds, from a read in memory to the deadline of a store, 0.1.
const STORE_BUCKETS: [f64; 12] = [
    0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
];
/// In seconds, up to the deadline of a call of WeChat's API, which is the longest.
const CALL_BUCKETS: [f64; 8] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// The content type of [`Measures::text`].
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How often recorded times are summed up. Until then each takes 8 bytes.
const UPKEEP: Duration = Duration::from_secs(1);

/// The recorder of this process, which reports in Prometheus' text format.
#[derive(Clone, Debug)]
pub struct Measures(PrometheusHandle);

impl Measures {
    /// Installs the recorder. Counters that were made before are lost. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// The process has a recorder already.
    pub fn install() -> anyhow::Result<Self> {
        let prometheus = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(STORE_SECONDS.to_owned()), &STORE_BUCKETS)
            .and_then(|builder| {
                let wechat = Matcher::Full(WECHAT_SECONDS.to_owned());
                builder.set_buckets_for_metric(wechat, &CALL_BUCKETS)
            })
            .and_then(|builder| {
                let accounts = Matcher::Full(ACCOUNTS_SECONDS.to_owned());
                builder.set_buckets_for_metric(accounts, &CALL_BUCKETS)
            })
            .and_then(PrometheusBuilder::install_recorder)
            .context("the recorder of measures cannot be installed")?;
        describe();
        let upkeep = prometheus.clone();
        tokio::spawn(async move {
            let mut ticks = interval(UPKEEP);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                upkeep.run_upkeep();
            }
        });
        Ok(Self(prometheus))
    }

    /// Everything that was counted, in Prometheus' text format, version 0.0.4.
    pub fn text(&self) -> String {
        self.0.render()
    }
}

fn describe() {
    describe_counter!(SIGN_INS, "Requests to sign in, by the code of their answer");
    describe_counter!(
        LIMITED,
        "Sign-ins refused because their client signed in too often"
    );
    describe_counter!(
        SIGN_INS_BY_PROOF,
        "Sessions started, by the algorithm that signs their requests"
    );
    describe_counter!(VERIFICATIONS, "Verifications of sessions, by their result");
    describe_counter!(
        VERIFICATIONS_BY_PROOF,
        "Requests with a live session, by how much of them is signed"
    );
    describe_histogram!(STORE_SECONDS, Unit::Seconds, "Calls of the store");
    describe_counter!(STORE_FAILURES, "Calls of the store that failed");
    describe_histogram!(
        WECHAT_SECONDS,
        Unit::Seconds,
        "Calls of WeChat's API, their retries included, by how they ended"
    );
    describe_gauge!(
        BREAKER,
        "Calls of WeChat's API: 0 all pass, 0.5 one is tried, 1 none passes because too many failed"
    );
    describe_histogram!(
        ACCOUNTS_SECONDS,
        Unit::Seconds,
        "Calls of the accounts hook, by how they ended"
    );
    describe_gauge!(
        ACCOUNTS_BREAKER,
        "Calls of the accounts hook: 0 all pass, 0.5 one is tried, 1 none passes because too many failed"
    );
    describe_counter!(
        PASSWORD_HASHES,
        "Passwords hashed, to set one or to check one"
    );
    describe_counter!(
        UPSTREAM_REQUESTS,
        "Requests for the backend, by what became of them; an answer that breaks off counts twice, as answered and as broken"
    );
    describe_gauge!(REQUESTS, "Requests that are being answered");
    describe_gauge!(CONNECTIONS, "Connections of clients");
    describe_counter!(
        LOG_LINES_DROPPED,
        "Lines of the log that were dropped because nobody read them in time"
    );
}

/// Counts one more in a gauge, until it is dropped.
pub(crate) struct Held(Gauge);

impl Held {
    pub(crate) fn of(gauge: &Gauge) -> Self {
        gauge.increment(1);
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
