//! The program: reads the settings, opens the store and serves.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::level_filters::LevelFilter;
use wxsession_server::Sessions;
use wxsession_server::wechat::Exchange;

use crate::config::{CommandLine, InternalSocket, Options, Task};
use crate::serve::{Limits, TlsListener, serve_within};
use crate::{Measures, Readiness, Service};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How soon a renewed certificate comes into use.
const CERTIFICATE_REREAD: Duration = Duration::from_secs(60);

/// For the internal listener's own requests. By then they are over, but for one that has just come.
const INTERNAL_DRAIN: Duration = Duration::from_secs(1);

/// Runs the program until it is asked to stop. `routes` makes an app's own routes, which are served beside those of the
/// contract. The program `wxsession-server` has none.
#[tokio::main]
pub async fn run(routes: impl FnOnce(&Sessions) -> Router) -> ExitCode {
    let command_line = match CommandLine::read() {
        Ok(command_line) => command_line,
        Err(status) => return status,
    };
    let done = match &command_line.task {
        Task::Serve(options) => {
            log(options.log());
            for warning in &command_line.warnings {
                tracing::warn!("{warning}");
            }
            serve(options, routes).await
        }
        Task::Run(errand) => {
            log(LevelFilter::WARN);
            errand.run(&command_line.origins).await
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error = format!("{error:#}");
            eprintln!("error: {error}{}", command_line.origins.explain(&error));
            ExitCode::FAILURE
        }
    }
}

fn log(level: LevelFilter) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
        // It would report them with `eprintln!`, which panics once stderr has no reader.
        .log_internal_errors(false)
        .init();
}

async fn serve(options: &Options, routes: impl FnOnce(&Sessions) -> Router) -> anyhow::Result<()> {
    // Before everything that counts.
    let measures = Measures::install()?;
    let (lifetimes, wechat) = (options.lifetimes()?, options.wechat()?);
    let store = options.store_in_words();
    tracing::info!(version = VERSION, appids = ?wechat.appids(), store, "starts");
    let certificate = options.certificate()?;
    let limits = options.limits();
    let authority = options.authority()?;
    let (store, ring) = options.open_store()?;
    let service = Service::under(authority, wechat, store, ring, lifetimes).await?;
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("--listen: {} cannot be listened on", options.listen))?;
    let internal = options.internal().await?;
    // Signals are heeded before the line below is out: its reader may ask for a stop at once.
    let (readiness, asked) = (Readiness::default(), stop_signal()?);
    let (unready, delay) = (readiness.clone(), options.stop_delay());
    let stop = async move {
        asked.await;
        unready.end();
        tokio::time::sleep(delay).await;
    };
    // With port 0 this line is the only place that tells the port.
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
        let routes = service
            .internal(listener.token)
            .ready_until(readiness.clone())
            .measured_by(measures);
        let limits = Limits {
            drain: INTERNAL_DRAIN,
            ..limits
        };
        Beside::start(listener.socket, limits, routes.router())
    });
    let mut public = service.public().ready_until(readiness);
    if let Some(limit) = options.sign_in_limit() {
        public = public.limit_sign_ins(limit);
    }
    let router = public.with_routes(routes(service.sessions())).router();
    match certificate {
        None => serve_within(limits, listener, router, stop).await,
        Some(certificate) => {
            let listener = TlsListener::new(listener, certificate, CERTIFICATE_REREAD);
            serve_within(limits, listener, router, stop).await;
        }
    }
    // It answers until the stop is over, so that balancers can follow it.
    if let Some(internal) = internal {
        internal.stop().await;
    }
    Ok(())
}

/// The internal listener, serving beside the public one.
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
        // A panic has been logged already.
        let _ = self.served.await;
    }
}

/// Resolves on Ctrl-C and, on Unix, SIGTERM.
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
