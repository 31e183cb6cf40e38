//! The program: reads the settings, opens the store and serves.

use std::future::{pending, poll_fn};
use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::level_filters::LevelFilter;
use wxsession_server::Sessions;
use wxsession_server::wechat::Exchange;

use crate::config::{CommandLine, InternalListener, InternalSocket, Options, Task};
use crate::log::Log;
use crate::serve::{Cores, Limits, Routes, TlsListener, serve_on};
use crate::upstream::UpstreamAddress;
use crate::{Measures, Readiness, Service, starting};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How soon a renewed certificate comes into use.
const CERTIFICATE_REREAD: Duration = Duration::from_secs(60);

/// For the internal listener's own requests. By then they are over, but for one that has just come.
const INTERNAL_DRAIN: Duration = Duration::from_secs(1);

/// Runs the program until it is asked to stop. `routes` makes an app's own routes, which are served beside those of the
/// contract. The program `wxsession-server` has none.
///
/// A request is answered in the thread of its connection, which serves others meanwhile. What computes for long, or waits
/// without `await`, belongs into [`spawn_blocking`](tokio::task::spawn_blocking); `block_in_place` would panic there.
#[tokio::main]
pub async fn run(routes: impl FnOnce(&Sessions) -> Router) -> ExitCode {
    let command_line = match CommandLine::read() {
        Ok(command_line) => command_line,
        Err(status) => return status,
    };
    let level = match &command_line.task {
        Task::Serve(options) => options.log(),
        Task::Run(_) => LevelFilter::WARN,
    };
    let log = match Log::start(level) {
        Ok(log) => log,
        Err(error) => {
            eprintln!("error: the log cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = match &command_line.task {
        Task::Serve(options) => {
            for warning in &command_line.warnings {
                tracing::warn!("{warning}");
            }
            serve(options, routes).await
        }
        Task::Run(errand) => errand.run(&command_line.origins).await,
    };
    let (last_line, status) = match done {
        Ok(()) => (None, ExitCode::SUCCESS),
        Err(error) => {
            let error = format!("{error:#}");
            let error = format!("error: {error}{}", command_line.origins.explain(&error));
            (Some(error), ExitCode::FAILURE)
        }
    };
    log.end(last_line);
    status
}

async fn serve(options: &Options, routes: impl FnOnce(&Sessions) -> Router) -> anyhow::Result<()> {
    // Before everything that counts.
    let measures = Measures::install()?;
    let (lifetimes, wechat) = (options.lifetimes()?, options.wechat()?);
    let (policy, proof_target) = (options.proof_policy()?, options.proof_target()?);
    let certificate = options.certificate()?;
    let limits = options.limits();
    let upstream = options.upstream().await?;
    options.warn_of_open_hook()?;
    let authority = options.authority()?;
    let (compatibility, limit) = (options.compatibility()?, options.sign_in_limit());
    let (kept, accounts) = (options.store_in_words(), authority.kind());
    tracing::info!(version = VERSION, appids = ?wechat.appids(), store = kept, accounts, "starts");
    let cores = Arc::new(Cores::start().context("the system has no thread left for connections")?);
    let opening = options.opening(cores.runtimes())?;
    let takes_long = opening.takes_long();
    let mut service = pin!(async {
        let (store, ring) = opening.ended().await?;
        let service = Service::under(authority, wechat, store, ring, lifetimes, policy).await?;
        let service = match compatibility {
            Some(compatibility) => service.compatible_with(compatibility, limit.clone()),
            None => service,
        };
        Ok::<_, anyhow::Error>(match upstream {
            Some(upstream) => service.in_front_of(upstream),
            None => service,
        })
    });
    // What can be known soon is known before anything is listened on.
    let opened = tokio::select! {
        biased;
        service = &mut service => Some(service?),
        () = takes_long => None,
    };
    let listener = options.public().await?;
    let internal = options.internal().await?;
    // Signals are heeded before the line below is out: its reader may ask for a stop at once.
    let (readiness, asked) = (Readiness::default(), stop_signal()?);
    let (unready, delay) = (readiness.clone(), options.stop_delay());
    let stop = async move {
        asked.await;
        unready.end();
        tokio::time::sleep(delay).await;
    };
    let backend = options.upstream_address()?;
    announce(
        &listener,
        certificate.is_some(),
        internal.as_ref(),
        backend.as_ref(),
    )?;
    let (internal, token) = match internal {
        Some(internal) => (Some(internal.socket), internal.token),
        None => (None, None),
    };
    let inside = Routes::from(starting::in_detail());
    let outside = Routes::from(starting::in_short());
    let begin = |service: Service| {
        let internal = service.internal(token).ready_until(readiness.clone());
        let internal = internal.told_by(proof_target);
        inside.replace(internal.measured_by(measures).router());
        let mut public = service.public().ready_until(readiness);
        if let Some(limit) = limit.clone() {
            public = public.limit_sign_ins(limit);
        }
        let routes = routes(service.sessions());
        outside.replace(public.with_routes(routes).routes());
    };
    let late = match opened {
        Some(service) => {
            begin(service);
            None
        }
        None => Some(async {
            tracing::warn!(
                "the store is large, and was not closed properly or has been touched since, so all of it is read first; \
                 until then every request is answered 503"
            );
            begin(service.await?);
            tracing::info!("the store is open");
            Ok(())
        }),
    };
    let internal = internal.map(|socket| Beside::start(socket, &cores, limits, inside.clone()));
    let served = async {
        match certificate {
            None => serve_on(&cores, limits, listener, outside.clone(), stop).await,
            Some(certificate) => {
                let listener = TlsListener::new(listener, certificate, CERTIFICATE_REREAD);
                serve_on(&cores, limits, listener, outside.clone(), stop).await;
            }
        }
    };
    let outcome = tokio::select! {
        () = served => Ok(()),
        error = failure_of(late) => Err(error),
    };
    // It answers until the stop is over, so that balancers can follow it.
    if let Some(internal) = internal {
        internal.stop().await;
    }
    outcome
}

/// Says where the program listens. With port 0 nothing else tells the port.
fn announce(
    listener: &TcpListener,
    by_tls: bool,
    internal: Option<&InternalListener>,
    backend: Option<&UpstreamAddress>,
) -> io::Result<()> {
    let (scheme, address) = (
        if by_tls { "https" } else { "http" },
        listener.local_addr()?,
    );
    writeln!(io::stdout(), "listening on {scheme}://{address}")?;
    if let Some(internal) = internal {
        writeln!(io::stdout(), "internal listener on {}", internal.socket)?;
    }
    if let Some(backend) = backend {
        writeln!(io::stdout(), "carrying other requests to {backend}")?;
    }
    Ok(())
}

/// Resolves if this fails.
async fn failure_of<E>(late: Option<impl Future<Output = Result<(), E>>>) -> E {
    if let Some(late) = late
        && let Err(error) = late.await
    {
        return error;
    }
    pending().await
}

/// The internal listener, serving beside the public one.
struct Beside {
    running: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Beside {
    fn start(socket: InternalSocket, cores: &Arc<Cores>, limits: Limits, routes: Routes) -> Self {
        let cores = Arc::clone(cores);
        let limits = Limits {
            drain: INTERNAL_DRAIN,
            ..limits
        };
        let (running, stopped) = oneshot::channel();
        let stop = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(async move {
            match socket {
                InternalSocket::Tcp(listener) => {
                    serve_on(&cores, limits, listener, routes, stop).await;
                }
                #[cfg(unix)]
                InternalSocket::Unix(listener) => {
                    serve_on(&cores, limits, listener, routes, stop).await;
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

/// Resolves on Ctrl-C and, on Unix, on every signal by which a system, a terminal or an operator ends a process.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        // `nohup` has the process started with this one ignored.
        SignalKind::hangup(),
    ];
    let heeded = kinds.into_iter().filter(|kind| !is_ignored(*kind));
    let signals: io::Result<Vec<_>> = heeded.map(signal).collect();
    let mut signals = signals?;
    Ok(poll_fn(move |context| {
        let is_asked = signals
            .iter_mut()
            .any(|signal| signal.poll_recv(context).is_ready());
        if is_asked {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }))
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Whether whoever started this process has it ignore a signal. Linux alone tells.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = kind.as_raw_value() - 1;
    ignored.is_some_and(|mask| mask >> bit & 1 == 1)
}
