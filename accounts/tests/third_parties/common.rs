//! What the tests of this folder share.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{advance, pause, resume};
use wxsession_accounts::oidc::ThirdParty;
use wxsession_accounts::provider::ProviderSetting;
use wxsession_accounts::web::Web;
use wxsession_provider::{Calls, FakeProvider};
use wxsession_server::wechat::tls_client;

/// Who the server is to the provider.
pub(crate) const CLIENT: &str = "wxsession";

/// How long an answer may take: longer than any does on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The provider, as a server knows it by this setting's name and client.
pub(crate) fn known_as(
    name: &str,
    client: &str,
    secret: Option<&str>,
    provider: &FakeProvider,
) -> ThirdParty {
    let setting = format!("{name}={},{client}", provider.issuer());
    let setting: ProviderSetting = setting.parse().unwrap();
    let web = Web::new(tls_client()).unwrap();
    ThirdParty::new(
        setting.with_secret(secret.map(Into::into)),
        web.with_deadline(DEADLINE),
    )
}

pub(crate) fn third_party(provider: &FakeProvider) -> ThirdParty {
    known_as("school", CLIENT, None, provider)
}

/// Lets the deadline of a call pass that has reached the provider.
pub(crate) async fn outwait(provider: &FakeProvider, before: Calls) {
    while provider.calls() == before {
        yield_now().await;
    }
    pass(DEADLINE).await;
}

/// Lets time pass, for everything but what happens on the network.
pub(crate) async fn pass(time: Duration) {
    pause();
    advance(time).await;
    resume();
}
