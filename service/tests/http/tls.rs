//! HTTPS, with certificates that the test makes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wxsession_service::serve::{Certificate, Limits, TlsListener, serve_within};

use crate::common::simulator;
use crate::program::{Running, SECRET, program, refusal, secret_file};

const ASK: &[u8] = b"GET /large HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
const LARGE: usize = 32 << 20;
const AT_LAST: Duration = Duration::from_secs(20);

/// The files of a server, and clients that trust them.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Self { folder };
        files.renew();
        files
    }

    fn renew(&self) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
        secret_file(&self.key(), &signing_key.serialize_pem());
        std::fs::write(self.chain(), cert.pem()).unwrap();
    }

    pub(crate) fn chain(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.chain()).unwrap()
    }

    /// A client that trusts the current certificate and also speaks newer protocols.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        let provider = rustls::crypto::ring::default_provider();
        let mut config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }

    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::from(address.ip());
        TlsConnector::from(Arc::new(self.client()))
            .connect(name, stream)
            .await
    }

    /// Serves with these files until `stop` resolves.
    async fn serve(
        &self,
        limits: Limits,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let certificate = Certificate::open(&self.chain(), &self.key()).unwrap();
        let listener = TlsListener::new(listener, certificate, Duration::from_millis(10));
        let router = Router::new().route("/large", get(async || vec![7_u8; LARGE]));
        (
            address,
            tokio::spawn(serve_within(limits, listener, router, stop)),
        )
    }
}

#[tokio::test]
async fn users_sign_in_over_https() {
    let files = Files::new();
    let (wechat, api) = simulator().await;
    let data = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("WXSESSION_TLS_CERT", files.chain())
        .env("WXSESSION_TLS_KEY", files.key());
    let mut running = Running::launch(command, data.path(), &wechat, &api);
    assert!(running.server.url.starts_with("https://"));
    running.server.http = reqwest::Client::builder()
        .tls_backend_preconfigured(files.client())
        .no_proxy()
        .build()
        .unwrap();
    let session = running.server.signed_in("ann").await;
    assert_eq!(running.server.standing(&session).await.0, 200);
}

#[tokio::test]
async fn a_client_with_newer_protocols_is_told_which_one_is_served() {
    let files = Files::new();
    let (address, _) = files.serve(Limits::default(), std::future::pending()).await;
    let stream = files.connect(address).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn a_renewed_certificate_is_presented_without_a_restart_and_a_bad_one_never() {
    let files = Files::new();
    let (address, _) = files.serve(Limits::default(), std::future::pending()).await;
    let first = files.certificate();
    for bad in ["", "not a key", &key_of_another()] {
        std::fs::write(files.key(), bad).unwrap();
        sleep(Duration::from_millis(50)).await;
        let stream = files.connect(address).await.unwrap();
        assert_eq!(
            stream.get_ref().1.peer_certificates().unwrap(),
            std::slice::from_ref(&first)
        );
    }
    files.renew();
    let renewed = timeout(AT_LAST, async {
        // A client that trusts only the new certificate connects once the server has loaded it.
        while files.connect(address).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    renewed.await.unwrap();
}

#[tokio::test]
async fn whoever_does_not_shake_hands_is_given_up() {
    let files = Files::new();
    let limits = Limits {
        arrival: Duration::from_millis(200),
        ..Limits::default()
    };
    let (address, _) = files.serve(limits, std::future::pending()).await;
    for bytes in [&b""[..], b"\x16\x03\x01\x00\xa5", ASK] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let _ = timeout(AT_LAST, stream.read_to_end(&mut rest))
            .await
            .unwrap();
        assert!(!rest.starts_with(b"HTTP"));
    }
}

#[tokio::test]
async fn a_stop_waits_for_those_who_take_their_answer_and_for_nobody_else() {
    let files = Files::new();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let (address, serving) = files.serve(Limits::default(), stopped).await;
    let mut busy = files.connect(address).await.unwrap();
    busy.write_all(ASK).await.unwrap();
    let mut answer = vec![0];
    busy.read_exact(&mut answer).await.unwrap();
    let _idle = files.connect(address).await.unwrap();
    let _silent = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    busy.read_to_end(&mut answer).await.unwrap();
    assert!(answer.len() > LARGE);
    timeout(Duration::from_secs(5), serving)
        .await
        .unwrap()
        .unwrap();
}

#[test]
fn a_file_that_cannot_be_used_stops_the_start_and_names_itself() {
    let files = Files::new();
    let (chain, key) = (files.chain(), files.key());
    let another = files.folder.path().join("another.pem");
    secret_file(&another, &key_of_another());
    let nowhere = Path::new("/nowhere/at/all.pem");
    for (given_chain, given_key, flag, named) in [
        (nowhere, &*key, "--tls-cert", nowhere),
        (&*chain, nowhere, "--tls-key", nowhere),
        (&*key, &*key, "--tls-cert", &*key),
        (&*chain, &*chain, "--tls-key", &*chain),
        (&*chain, &*another, "--tls-key", &*another),
    ] {
        let mut command = start();
        command
            .arg("--tls-cert")
            .arg(given_chain)
            .arg("--tls-key")
            .arg(given_key);
        let text = refusal(&mut command);
        assert!(
            text.contains(flag) && text.contains(named.to_str().unwrap()),
            "{text}"
        );
        assert!(!text.contains("PRIVATE KEY"), "{text}");
    }
    let text = refusal(start().arg("--tls-cert").arg(&chain));
    assert!(text.contains("--tls-key"), "{text}");
    let text = refusal(start().env("WXSESSION_TLS_KEY", &key));
    assert!(text.contains("--tls-cert"), "{text}");
}

fn start() -> std::process::Command {
    let mut command = program();
    command
        .args([
            "--appid",
            "wx0123456789abcdef",
            "--store",
            "memory",
            "--listen",
            "192.0.2.1:1",
        ])
        .env("WXSESSION_SECRET", SECRET);
    command
}

fn key_of_another() -> String {
    let another = generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
    another.signing_key.serialize_pem()
}
