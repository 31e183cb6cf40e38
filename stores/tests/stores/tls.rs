//! Redis behind TLS.

use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_stores::{RedisAddress, RedisStore};

use crate::rig::{RedisServer, free_port, until};

const USER: UserKey = UserKey([7; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_believed_with_a_certificate_that_somebody_trusted_vouches_for() {
    let certified = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("certificate"), folder.path().join("key"));
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let port = free_port();
    let settings = format!(
        "tls-port {port}\ntls-auth-clients no\ntls-cert-file {}\ntls-key-file {}\n",
        certificate.display(),
        key.display(),
    );
    let _redis = RedisServer::start(&settings).await;
    let address = |name: &str| {
        let url = format!("rediss://{name}:{port}");
        url.parse::<RedisAddress>().unwrap()
    };
    let trusting = |address: RedisAddress| {
        let pem = certified.cert.pem();
        RedisStore::start(&address.with_authorities(pem.as_bytes()).unwrap())
    };

    let store = trusting(address("localhost"));
    until("the store serves", || async {
        store.get(USER).await.is_ok()
    })
    .await;
    assert!(store.swap(USER, None, Some(vec![1]), 60_000).await.unwrap());
    assert_eq!(store.get(USER).await.unwrap(), Some(vec![1]));

    let unknown = RedisStore::start(&address("localhost"));
    let misnamed = trusting(address("127.0.0.1"));
    for store in [unknown, misnamed] {
        until("the certificate is refused", || async {
            matches!(store.get(USER).await, Err(StoreError::Failed(_)))
        })
        .await;
        let error = format!("{:?}", store.get(USER).await.unwrap_err());
        assert!(error.contains("certificate"), "{error}");
    }
}
