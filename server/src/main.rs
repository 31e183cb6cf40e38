//! Reads the settings, opens the store and serves.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wxsession_server::config::{InternalSocket, Options};
use wxsession_server::serve::{Limits, TlsListener, serve_within};
use wxsession_server::{App, Internal, Measures, Readiness, Sessions};

/// How soon a renewed certificate is in use.
const CERTIFICATE_REREAD: Duration = Duration::from_secs(60);

/// For the internal listener's own requests, which are over by then but for one that just came.
const INTERNAL_DRAIN: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(options) => options,
        Err(error) => return failed(&error),
    };
    if let Some(errand) = options.errand() {
        return match errand.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error.into()),
        };
    }
    tracing_subscriber::fmt()
        .with_max_level(options.log())
        .with_writer(io::stderr)
        .with_ansi(false)
        // They would be told with `eprintln!`, which panics where stderr has no reader any more.
        .log_internal_errors(false)
        .init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

async fn run(options: Options) -> anyhow::Result<()> {
    // Before everything that counts.
    let measures = Measures::install()?;
    let wechat = options.wechat()?;
    let certificate = options.certificate()?;
    let limits = options.limits();
    let (store, ring) = options.open_store()?;
    let sessions = Sessions::new(store, &ring, options.lifetimes(), wechat.appids());
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("--listen: {} cannot be listened on", options.listen))?;
    let internal = options.internal().await?;
    // Heeded from before the line is out, for whoever reads it may ask for a stop at once.
    let (readiness, asked) = (Readiness::default(), stop_signal()?);
    let (unready, delay) = (readiness.clone(), options.stop_delay());
    let stop = async move {
        asked.await;
        unready.end();
        tokio::time::sleep(delay).await;
    };
    // Whoever started the server with port 0 reads here where it is.
    writeln!(
        io::stdout(),
        "listening on {}://{}",
        certificate.as_ref().map_or("http", |_| "https"),
        listener.local_addr()?
    )?;
    if let Some(internal) = &internal {
        writeln!(io::stdout(), "internal listener on {}", internal.socket)?;
    }
    let internal = internal.map(|listener| {
        let routes = Internal::new(sessions.clone(), wechat.clone(), listener.token)
            .ready_until(readiness.clone())
            .measured_by(measures);
        let limits = Limits {
            drain: INTERNAL_DRAIN,
            ..limits
        };
        Beside::start(listener.socket, limits, routes.router())
    });
    let mut app = App::new(sessions, wechat).ready_until(readiness);
    if let Some(limit) = options.sign_in_limit() {
        app = app.limit_sign_ins(limit);
    }
    let router = app.router();
    match certificate {
        None => serve_within(limits, listener, router, stop).await,
        Some(certificate) => {
            let listener = TlsListener::new(listener, certificate, CERTIFICATE_REREAD);
            serve_within(limits, listener, router, stop).await;
        }
    }
    // It tells how the stop goes on until that is over.
    if let Some(internal) = internal {
        internal.stop().await;
    }
    Ok(())
}

/// The internal listener while it serves, beside the other one.
struct Beside {
    running: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Beside {
    fn start(socket: InternalSocket, limits: Limits, router: Router) -> Self {
        let (running, stopped) = oneshot::channel();
        let stop = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(async move {
            match socket {
                InternalSocket::Tcp(listener) => serve_within(limits, listener, router, stop).await,
                #[cfg(unix)]
                InternalSocket::Unix(listener) => {
                    serve_within(limits, listener, router, stop).await
                }
            }
        });
        Self { running, served }
    }

    async fn stop(self) {
        drop(self.running);
        // What it panicked with has been told.
        let _ = self.served.await;
    }
}

/// Comes true with ctrl-c, or SIGTERM where there is such a thing.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        let terminated = terminate.recv();
        #[cfg(not(unix))]
        let terminated = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = terminated => {}
            _ = signal::ctrl_c() => {}
        }
    })
}
