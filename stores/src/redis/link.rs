//! A lasting connection to one server, remade when it breaks or the server hangs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::address::Host;
use super::dial::{Dialer, Driver};
use super::health::{CallError, Health};
use super::trouble::Trouble;

/// For making a connection and logging in. A healthy server takes far less.
const CONNECT_DEADLINE: Duration = Duration::from_millis(500);
/// From one attempt to connect to the next.
const ATTEMPT_EVERY: Duration = Duration::from_millis(50);

/// Finds the server that a link leads to.
pub(super) trait Target: fmt::Display + Send + Sync + 'static {
    /// Finds the server, and tells what it must be.
    fn find(&self) -> impl Future<Output = RedisResult<(Host, Role)>> + Send;

    /// Resolves when that server is no longer the one to lead to.
    fn moved_from(&self, host: &Host) -> impl Future<Output = ()> + Send;
}

/// What a server must be for a link to lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A primary: a replica would answer reads, with what was true a while ago.
    Primary,
    /// Either a primary or a replica.
    Any,
}

/// A server by its address.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    pub(super) host: Host,
    pub(super) role: Role,
}

impl Target for Fixed {
    async fn find(&self) -> RedisResult<(Host, Role)> {
        Ok((self.host.clone(), self.role))
    }

    async fn moved_from(&self, _: &Host) {
        std::future::pending().await
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(formatter)
    }
}

/// A lasting connection.
#[derive(Debug)]
pub(super) struct Link {
    state: watch::Receiver<State>,
    health: Arc<Health>,
    /// Dropped with the link, which stops it.
    _keeper: JoinSet<()>,
}

#[derive(Clone, Debug)]
enum State {
    /// The first connection, or the next one, is being made and worth waiting for.
    Connecting,
    Up(Connection),
    /// The last attempt failed.
    Down(RedisError),
}

#[derive(Clone, Debug)]
struct Connection {
    /// The number of the connection, counted from 1.
    number: u32,
    multiplexed: MultiplexedConnection,
}

impl Link {
    /// Starts to connect, and never stops trying. Must be called in a Tokio runtime.
    pub(super) fn new(target: impl Target, dialer: Dialer) -> Self {
        Self::start(target, dialer, Trouble::default())
    }

    /// The same beside another link to the same server, which tells of all trouble.
    pub(super) fn silent(target: impl Target, dialer: Dialer) -> Self {
        Self::start(target, dialer, Trouble::untold())
    }

    fn start(target: impl Target, dialer: Dialer, trouble: Trouble) -> Self {
        let (sender, state) = watch::channel(State::Connecting);
        let health = Arc::new(Health::default());
        let mut keeper = JoinSet::new();
        let keeping = keep(target, dialer, sender, Arc::clone(&health), trouble);
        keeper.spawn(keeping);
        Self {
            state,
            health,
            _keeper: keeper,
        }
    }

    /// Whether the last attempt at a connection failed.
    pub(super) fn is_down(&self) -> bool {
        matches!(&*self.state.borrow(), State::Down(_))
    }

    /// Sends a command and waits for the answer until the deadline.
    pub(super) async fn send(&self, command: &Cmd, deadline: Instant) -> Result<Value, CallError> {
        let mut connection = self.connection(deadline).await?;
        let answer = connection.multiplexed.send_packed_command(command);
        let answer = timeout_at(deadline, answer).await;
        let answer = answer.map(|answer| answer.and_then(Value::extract_error));
        self.health.judge(connection.number, answer)
    }

    /// Sends commands in one piece and waits for all answers until the deadline.
    pub(super) async fn send_together(
        &self,
        commands: &Pipeline,
        deadline: Instant,
    ) -> Result<Vec<Result<Value, CallError>>, CallError> {
        let Connection {
            number,
            mut multiplexed,
        } = self.connection(deadline).await?;
        let answers = multiplexed.send_packed_commands(commands, 0, commands.len());
        let answers = timeout_at(deadline, answers).await;
        let answers = self.health.judge(number, answers)?;
        let judged = |answer: Value| self.health.judge(number, Ok(answer.extract_error()));
        Ok(answers.into_iter().map(judged).collect())
    }

    async fn connection(&self, deadline: Instant) -> Result<Connection, CallError> {
        if let State::Up(connection) = &*self.state.borrow()
            && self.health.is_trusted(connection.number)
        {
            return Ok(connection.clone());
        }
        // Boxed, so that calls with a connection at hand do not carry the state for waiting.
        Box::pin(self.next_connection(deadline)).await
    }

    async fn next_connection(&self, deadline: Instant) -> Result<Connection, CallError> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| match state {
            State::Connecting => false,
            State::Up(connection) => self.health.is_trusted(connection.number),
            State::Down(_) => true,
        });
        match timeout_at(deadline, settled).await {
            Ok(Ok(state)) => match &*state {
                State::Up(connection) => Ok(connection.clone()),
                State::Down(error) => Err(CallError::Refused(error.clone())),
                State::Connecting => Err(CallError::Late),
            },
            // The keeper ends only with the runtime.
            Ok(Err(_)) | Err(_) => Err(CallError::Late),
        }
    }
}

/// Connects, waits until the connection has to be abandoned, and connects again.
async fn keep(
    target: impl Target,
    dialer: Dialer,
    state: watch::Sender<State>,
    health: Arc<Health>,
    mut trouble: Trouble,
) {
    let mut number = 0;
    loop {
        let next_attempt = Instant::now() + ATTEMPT_EVERY;
        let attempt = timeout(CONNECT_DEADLINE, connect(&target, &dialer));
        match attempt.await.unwrap_or_else(|_| Err(too_slow())) {
            Ok((multiplexed, host, mut driver)) => {
                number += 1;
                trouble.is_over(&host);
                state.send_replace(State::Up(Connection {
                    number,
                    multiplexed,
                }));
                let reason = tokio::select! {
                    _ = driver.join_next() => "it broke",
                    () = health.given_up(number) => "it no longer works",
                    () = target.moved_from(&host) => "another server is the primary now",
                };
                trouble.abandons(&host, reason);
                health.give_up(number);
                state.send_replace(State::Connecting);
            }
            Err(error) => {
                trouble.has(&target, &error);
                state.send_replace(State::Down(error));
            }
        }
        sleep_until(next_attempt).await;
    }
}

async fn connect(
    target: &impl Target,
    dialer: &Dialer,
) -> RedisResult<(MultiplexedConnection, Host, Driver)> {
    let (host, role) = target.find().await?;
    let (mut multiplexed, driver) = dialer.connect(&host).await?;
    if role == Role::Primary {
        check_role(&mut multiplexed).await?;
    }
    Ok((multiplexed, host, driver))
}

async fn check_role(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let answer = connection.send_packed_command(&redis::cmd("ROLE")).await?;
    match answer.extract_error() {
        Ok(Value::Array(parts)) if parts.first() == Some(&Value::BulkString(b"slave".into())) => {
            let replica = "the server is a replica; name the primary, or have sentinels name it";
            Err((ErrorKind::Client, replica).into())
        }
        // A managed service that hides its role is trusted to be a primary.
        _ => Ok(()),
    }
}

fn too_slow() -> RedisError {
    (ErrorKind::Io, "the server takes too long to connect to").into()
}
