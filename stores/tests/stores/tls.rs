//! Redis behind TLS.

use std::path::Path;

use wxsession_server::identity::UserKey;
use wxsession_server::store::{Store, StoreError};
use wxsession_stores::{RedisAddress, RedisStore};

use crate::rig::{RedisServer, free_port, until};

const USER: UserKey = UserKey([7; 16]);

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_believed_with_a_certificate_that_somebody_trusted_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let certified = certified_in(folder.path());
    let port = free_port();
    let settings = format!(
        "tls-port {port}\ntls-auth-clients no\n{}",
        settings_in(folder.path())
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

/// Everything is told over TLS, and the primary and the sentinel only believe clients with a certificate.
#[tokio::test(flavor = "multi_thread")]
async fn redis_and_its_sentinels_believe_a_client_by_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let certified = certified_in(folder.path());
    let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let encrypted = |port: u16| {
        let authority = folder.path().join("certificate");
        format!(
            "tls-port {port}\ntls-auth-clients yes\ntls-replication yes\ntls-ca-cert-file {}\n{}",
            authority.display(),
            settings_in(folder.path())
        )
    };
    let port = free_port();
    let _primary = RedisServer::start(&encrypted(port)).await;
    let sentinel = free_port();
    let watching = format!(
        "{}sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n\
         sentinel monitor wxsession localhost {port} 1\n",
        encrypted(sentinel)
    );
    let _sentinel = RedisServer::start_sentinel(&watching).await;
    for url in [
        format!("rediss://localhost:{port}"),
        format!("rediss-sentinel://localhost:{sentinel}/wxsession"),
    ] {
        let address: RedisAddress = url.parse().unwrap();
        let address = address.with_authorities(chain.as_bytes()).unwrap();
        let known = address
            .clone()
            .with_identity(chain.as_bytes(), key.as_bytes());
        let store = RedisStore::start(&known.unwrap());
        until("the store serves", || async {
            store.get(USER).await.is_ok()
        })
        .await;
        let stranger = RedisStore::start(&address);
        until("a client without a certificate is refused", || async {
            matches!(stranger.get(USER).await, Err(StoreError::Failed(_)))
        })
        .await;
        assert!(stranger.get(USER).await.is_err(), "{url}");
    }
}

/// A certificate and its key, written to this folder.
fn certified_in(folder: &Path) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let certified = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    std::fs::write(folder.join("certificate"), certified.cert.pem()).unwrap();
    let key = certified.signing_key.serialize_pem();
    std::fs::write(folder.join("key"), key).unwrap();
    certified
}

/// The lines of a configuration that name them.
fn settings_in(folder: &Path) -> String {
    let (certificate, key) = (folder.join("certificate"), folder.join("key"));
    format!(
        "tls-cert-file {}\ntls-key-file {}\n",
        certificate.display(),
        key.display()
    )
}
