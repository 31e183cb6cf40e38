//! The device flow, in all the ways in which it can go.

use wxsession_accounts::device::{DeviceAsk, DeviceError, DeviceFlows, Progress};
use wxsession_accounts::oidc::ThirdParty;
use wxsession_provider::{Decision, FakeProvider, Fault};
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;

use crate::common::{CLIENT, known_as, outwait, third_party};

const PHONE: UserKey = UserKey([7; 16]);
/// Some time of the store's clock.
const START: u64 = 1_700_000_000_000;

fn flows() -> DeviceFlows {
    DeviceFlows::new(&KeyRing::generate().unwrap())
}

fn waiting(progress: Progress) -> (String, DeviceAsk) {
    match progress {
        Progress::Waiting { state, ask } => (state, ask),
        Progress::Known(_) => panic!("the user has not agreed"),
    }
}

async fn begin(flows: &DeviceFlows, school: &ThirdParty) -> (String, DeviceAsk) {
    waiting(flows.begin(school, PHONE, START).await.unwrap())
}

#[tokio::test]
async fn a_user_who_agrees_elsewhere_is_known() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, ask) = begin(&flows, &school).await;
    assert_eq!((ask.interval, ask.expires_in), (5, 900));
    assert!(
        ask.verification_uri_complete
            .unwrap()
            .ends_with(&ask.user_code)
    );
    let now = START + 5000;
    let (state, again) = waiting(flows.go_on(&school, PHONE, &state, now).await.unwrap());
    assert_eq!(again.user_code, ask.user_code);
    assert_eq!(again.expires_in, 895);
    assert!(provider.decide(&ask.user_code, Decision::Agree("li.na".into())));
    let known = flows
        .go_on(&school, PHONE, &state, now + 5000)
        .await
        .unwrap();
    let Progress::Known(subject) = known else {
        panic!("{known:?}")
    };
    assert_eq!(
        (&*subject.id, &*subject.issuer),
        ("li.na", provider.issuer())
    );
    // The code has brought its tokens.
    let used = flows.go_on(&school, PHONE, &state, now + 10_000).await;
    assert!(matches!(used, Err(DeviceError::Over)), "{used:?}");
}

#[tokio::test]
async fn an_impatient_client_does_not_reach_the_provider() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (mut state, ask) = begin(&flows, &school).await;
    provider.decide(&ask.user_code, Decision::Agree("li.na".into()));
    for early in [0, 1, 4999] {
        (state, _) = waiting(
            flows
                .go_on(&school, PHONE, &state, START + early)
                .await
                .unwrap(),
        );
    }
    assert_eq!(provider.calls().polls, 0);
    let known = flows.go_on(&school, PHONE, &state, START + 5000).await;
    assert!(matches!(known, Ok(Progress::Known(_))), "{known:?}");
}

#[tokio::test]
async fn a_provider_that_says_slow_down_is_asked_less_often() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, _) = begin(&flows, &school).await;
    provider.slow_down(2);
    let (state, ask) = waiting(
        flows
            .go_on(&school, PHONE, &state, START + 5000)
            .await
            .unwrap(),
    );
    assert_eq!(ask.interval, 10);
    let early = START + 14_999;
    let (state, _) = waiting(flows.go_on(&school, PHONE, &state, early).await.unwrap());
    assert_eq!(provider.calls().polls, 1);
    let (_, ask) = waiting(
        flows
            .go_on(&school, PHONE, &state, early + 1)
            .await
            .unwrap(),
    );
    assert_eq!((ask.interval, provider.calls().polls), (15, 2));
}

#[tokio::test]
async fn a_refusal_and_an_expiry_have_errors_of_their_own() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, ask) = begin(&flows, &school).await;
    provider.decide(&ask.user_code, Decision::Refuse);
    let denied = flows.go_on(&school, PHONE, &state, START + 5000).await;
    assert!(matches!(denied, Err(DeviceError::Denied)), "{denied:?}");
    let (state, ask) = begin(&flows, &school).await;
    provider.decide(&ask.user_code, Decision::LetExpire);
    let over = flows.go_on(&school, PHONE, &state, START + 5000).await;
    assert!(matches!(over, Err(DeviceError::Over)), "{over:?}");
    // Past its own deadline a flow is over without the provider's word.
    let (state, _) = begin(&flows, &school).await;
    let polls = provider.calls().polls;
    let over = flows.go_on(&school, PHONE, &state, START + 900_000).await;
    assert!(matches!(over, Err(DeviceError::Over)), "{over:?}");
    assert_eq!(provider.calls().polls, polls);
}

#[tokio::test]
async fn a_state_is_of_no_use_to_another_phone_provider_or_server() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, ask) = begin(&flows, &school).await;
    provider.decide(&ask.user_code, Decision::Agree("li.na".into()));
    let now = START + 5000;
    let stranger = flows.go_on(&school, UserKey([8; 16]), &state, now).await;
    assert!(matches!(stranger, Err(DeviceError::Over)));
    let another = known_as("club", CLIENT, None, &provider);
    assert!(matches!(
        flows.go_on(&another, PHONE, &state, now).await,
        Err(DeviceError::Over)
    ));
    let elsewhere = self::flows().go_on(&school, PHONE, &state, now).await;
    assert!(matches!(elsewhere, Err(DeviceError::Over)));
    for forged in ["", "AAAA", &"A".repeat(10_000), &state[1..]] {
        let forged = flows.go_on(&school, PHONE, forged, now).await;
        assert!(matches!(forged, Err(DeviceError::Over)));
    }
    assert_eq!(provider.calls().polls, 0);
}

#[tokio::test]
async fn a_provider_in_trouble_is_unavailable_and_the_flow_goes_on_afterwards() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, ask) = begin(&flows, &school).await;
    provider.decide(&ask.user_code, Decision::Agree("li.na".into()));
    for fault in [
        Fault::Html,
        Fault::Unavailable,
        Fault::Redirect,
        Fault::Endless,
    ] {
        provider.faults([fault]);
        let away = flows.go_on(&school, PHONE, &state, START + 5000).await;
        assert!(
            matches!(away, Err(DeviceError::Unavailable)),
            "{fault:?}: {away:?}"
        );
        provider.faults([fault]);
        let away = flows.begin(&school, PHONE, START).await;
        assert!(
            matches!(away, Err(DeviceError::Unavailable)),
            "{fault:?}: {away:?}"
        );
    }
    let known = flows.go_on(&school, PHONE, &state, START + 5000).await;
    assert!(matches!(known, Ok(Progress::Known(_))), "{known:?}");
}

#[tokio::test]
async fn a_provider_that_never_answers_is_unavailable_after_the_deadline() {
    let provider = FakeProvider::serve().await.unwrap();
    let (school, flows) = (third_party(&provider), flows());
    let (state, _) = begin(&flows, &school).await;
    provider.faults([Fault::Never]);
    let (late, before) = (
        flows.go_on(&school, PHONE, &state, START + 5000),
        provider.calls(),
    );
    let (late, ()) = tokio::join!(late, outwait(&provider, before));
    assert!(matches!(late, Err(DeviceError::Unavailable)), "{late:?}");
}

#[tokio::test]
async fn a_confidential_client_presents_its_secret() {
    let provider = FakeProvider::serve().await.unwrap();
    let flows = flows();
    for (secret, known) in [(Some("hush hush"), true), (None, false)] {
        let school = known_as("school", "confidential", secret, &provider);
        let (state, ask) = begin(&flows, &school).await;
        provider.decide(&ask.user_code, Decision::Agree("li.na".into()));
        let progress = flows.go_on(&school, PHONE, &state, START + 5000).await;
        assert_eq!(
            matches!(progress, Ok(Progress::Known(_))),
            known,
            "{progress:?}"
        );
    }
}
