//! A cluster: which node owns which keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::{Cmd, ErrorKind, Pipeline, ServerErrorKind, Value, from_redis_value};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::address::Host;
use super::dial::Dialer;
use super::health::CallError;
use super::link::{Fixed, Role};
use super::server::{Kind, Server};

/// How many redirections one command follows.
const REDIRECTIONS: usize = 4;
const MAP_DEADLINE: Duration = Duration::from_millis(200);
/// From one request for the slot map to the next.
const MAP_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Cluster {
    nodes: Arc<Nodes>,
    owners: watch::Receiver<Option<Arc<Owners>>>,
    outdated: Arc<Notify>,
    /// Dropped with the cluster, which stops it.
    _keeper: JoinSet<()>,
}

/// The last slot of each range, and the node that owns it.
type Owners = BTreeMap<u16, Arc<Node>>;

struct Node {
    host: Host,
    server: Server,
}

/// All known nodes.
struct Nodes {
    dialer: Dialer,
    /// How many replicas must have a write.
    replicas: u8,
    known: Mutex<HashMap<Host, Arc<Node>>>,
}

impl Cluster {
    /// Starts to connect. Must be called in a Tokio runtime.
    pub(super) fn new(seeds: Vec<Host>, dialer: Dialer, replicas: u8) -> Self {
        let (sender, owners) = watch::channel(None);
        let nodes = Arc::new(Nodes {
            dialer,
            replicas,
            known: Mutex::default(),
        });
        let outdated = Arc::new(Notify::new());
        let mut keeper = JoinSet::new();
        keeper.spawn(keep_map(
            seeds,
            Arc::clone(&nodes),
            sender,
            Arc::clone(&outdated),
        ));
        Self {
            nodes,
            owners,
            outdated,
            _keeper: keeper,
        }
    }

    /// Sends a command to the node that owns the slot.
    pub(super) async fn send(
        &self,
        slot: u16,
        kind: Kind,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        let mut node = self.owner(slot, deadline).await?;
        let mut answer = node.server.send(kind, command, deadline).await;
        for _ in 0..REDIRECTIONS {
            let Some((host, redirection)) = redirection(&answer, &node.host) else {
                break;
            };
            node = self.nodes.node(host);
            answer = match redirection {
                Redirection::Ask => node.server.send_asking(kind, command, deadline).await,
                Redirection::Moved => {
                    self.outdated.notify_one();
                    node.server.send(kind, command, deadline).await
                }
            };
        }
        if answer.as_ref().is_err_and(doubts_the_map) {
            self.outdated.notify_one();
        }
        answer
    }

    /// Sends commands on keys of one slot to the node that owns it, in one piece. Answers that redirect are left to the caller.
    pub(super) async fn send_together(
        &self,
        slot: u16,
        commands: &Pipeline,
        deadline: Instant,
    ) -> Result<Vec<Result<Value, CallError>>, CallError> {
        let node = self.owner(slot, deadline).await?;
        let answers = node.server.send_together(commands, deadline).await;
        if answers.as_ref().is_err_and(doubts_the_map) {
            self.outdated.notify_one();
        }
        answers
    }

    async fn owner(&self, slot: u16, deadline: Instant) -> Result<Arc<Node>, CallError> {
        let known = self.owners.borrow().clone();
        let owners = match known {
            Some(owners) => owners,
            None => self.first_map(deadline).await?,
        };
        let owner = owners
            .range(slot..)
            .next()
            .map(|(_, node)| Arc::clone(node));
        owner.ok_or_else(|| {
            self.outdated.notify_one();
            CallError::Refused((ErrorKind::Client, "no node has the key's slot").into())
        })
    }

    async fn first_map(&self, deadline: Instant) -> Result<Arc<Owners>, CallError> {
        let mut owners = self.owners.clone();
        let known = timeout_at(deadline, owners.wait_for(Option::is_some)).await;
        let known = known.ok().and_then(Result::ok);
        known
            .and_then(|owners| owners.clone())
            .ok_or(CallError::Late)
    }
}

impl Nodes {
    fn node(&self, host: Host) -> Arc<Node> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let node = known.entry(host);
        Arc::clone(node.or_insert_with_key(|host| {
            let host = host.clone();
            let target = || Fixed {
                host: host.clone(),
                role: Role::Any,
            };
            let server = Server::new(target, &self.dialer, self.replicas);
            Arc::new(Node { host, server })
        }))
    }

    fn hosts(&self) -> Vec<Host> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys().cloned().collect()
    }

    fn keep_only(&self, hosts: &[Host]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|host, _| hosts.contains(host));
    }
}

/// How a node sends a command elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Redirection {
    /// The slot has another owner.
    Moved,
    /// The key is being moved: the command must be preceded by `ASKING`.
    Ask,
}

/// Where the answer sends the command, if anywhere.
fn redirection(answer: &Result<Value, CallError>, asked: &Host) -> Option<(Host, Redirection)> {
    let Err(CallError::Refused(error)) = answer else {
        return None;
    };
    let (address, _) = error.redirect_node()?;
    let host = match address.rsplit_once(':')? {
        // Nobody has told the node its name. The next map may know its address.
        (name, port) if is_unknown(name) => Host {
            name: asked.name.clone(),
            port: port.parse().ok()?,
        },
        _ => Host::parse(address)?,
    };
    let redirection = match error.kind() {
        ErrorKind::Server(ServerErrorKind::Ask) => Redirection::Ask,
        _ => Redirection::Moved,
    };
    Some((host, redirection))
}

fn doubts_the_map(failure: &CallError) -> bool {
    match failure {
        CallError::Late | CallError::Broken(_) => true,
        CallError::Unreplicated { .. } => false,
        CallError::Refused(error) => !matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::NoScript | ServerErrorKind::ResponseError)
        ),
    }
}

async fn keep_map(
    seeds: Vec<Host>,
    nodes: Arc<Nodes>,
    owners: watch::Sender<Option<Arc<Owners>>>,
    outdated: Arc<Notify>,
) {
    for seed in &seeds {
        nodes.node(seed.clone());
    }
    for turn in 0.. {
        let next = Instant::now() + MAP_EVERY;
        if let Some(map) = ask_for_map(&nodes, turn).await {
            let mut hosts: Vec<Host> = map.values().cloned().collect();
            let map = map.into_iter().map(|(end, host)| (end, nodes.node(host)));
            owners.send_replace(Some(Arc::new(map.collect())));
            hosts.extend_from_slice(&seeds);
            nodes.keep_only(&hosts);
            outdated.notified().await;
        }
        sleep_until(next).await;
    }
}

/// The last slot of each range and the primary that owns it, from the first node that answers. Each turn begins with
/// another node, because a node that is cut off from the rest returns a stale map.
async fn ask_for_map(nodes: &Nodes, turn: usize) -> Option<BTreeMap<u16, Host>> {
    let question = {
        let mut command = redis::cmd("CLUSTER");
        command.arg("SLOTS");
        command
    };
    let mut hosts = nodes.hosts();
    let first = turn % hosts.len().max(1);
    hosts.rotate_left(first);
    for host in hosts {
        let deadline = Instant::now() + MAP_DEADLINE;
        let node = nodes.node(host.clone());
        match node.server.send(Kind::Read, &question, deadline).await {
            Ok(answer) => {
                if let Some(map) = parse_map(answer, &host).filter(|map| !map.is_empty()) {
                    return Some(map);
                }
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                server = %host,
                "a node of the cluster does not return the slot map"
            ),
        }
    }
    None
}

fn parse_map(answer: Value, asked: &Host) -> Option<BTreeMap<u16, Host>> {
    let ranges: Vec<Vec<Value>> = from_redis_value(answer).ok()?;
    let range = |range: Vec<Value>| {
        let mut parts = range.into_iter().skip(1);
        let end: u16 = from_redis_value(parts.next()?).ok()?;
        let mut primary = from_redis_value::<Vec<Value>>(parts.next()?)
            .ok()?
            .into_iter();
        let name: Option<String> = from_redis_value(primary.next()?).ok()?;
        let name = name.filter(|name| !is_unknown(name));
        let port = from_redis_value(primary.next()?).ok()?;
        // After the node's id come its other names, since Redis 7.
        let other_names = primary.nth(1);
        let name = name.or_else(|| address_among(other_names?));
        let name = name.unwrap_or_else(|| asked.name.clone());
        Some((end, Host { name, port }))
    };
    ranges.into_iter().map(range).collect()
}

/// Whether a node's name tells nothing: it is empty if the node does not know its own address, and `?` if it should be
/// a hostname and none is set (`cluster-preferred-endpoint-type hostname` without `cluster-announce-hostname`).
fn is_unknown(name: &str) -> bool {
    matches!(name, "" | "?")
}

/// The address among the other names of a node, which come in pairs of kind and name.
fn address_among(names: Value) -> Option<String> {
    let names: HashMap<String, String> = from_redis_value(names).ok()?;
    names.get("ip").filter(|ip| !is_unknown(ip)).cloned()
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::super::address::Host;
    use super::super::health::CallError;
    use super::Redirection::{Ask, Moved};
    use super::{parse_map, redirection};

    #[test]
    fn a_redirection_without_a_name_stays_with_the_one_who_was_asked() {
        let asked = Host::parse("asked:6379").unwrap();
        for (answer, sent) in [
            ("-MOVED 1 other:6380\r\n", Some(("other:6380", Moved))),
            ("-ASK 1 10.0.0.1:6380\r\n", Some(("10.0.0.1:6380", Ask))),
            ("-MOVED 1 ::1:6380\r\n", Some(("::1:6380", Moved))),
            ("-MOVED 1 :6380\r\n", Some(("asked:6380", Moved))),
            ("-ASK 1 :6380\r\n", Some(("asked:6380", Ask))),
            ("-MOVED 1 ?:6380\r\n", Some(("asked:6380", Moved))),
            ("-MOVED 1 :\r\n", None),
            ("-MOVED 1\r\n", None),
            ("-ERR 1 :6380\r\n", None),
        ] {
            let error = parse_redis_value(answer.as_bytes()).unwrap();
            let refused = error.extract_error().map_err(CallError::Refused);
            let found = redirection(&refused, &asked);
            let found = found.map(|(host, redirection)| (host.to_string(), redirection));
            let sent = sent.map(|(host, redirection)| (host.to_owned(), redirection));
            assert_eq!(found, sent, "{answer}");
        }
    }

    #[test]
    fn a_node_of_the_map_without_a_name_is_found_by_its_address_or_where_the_map_came_from() {
        let asked = Host::parse("asked:6379").unwrap();
        let by_address = "*2\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n";
        for (name, other_names, found) in [
            ("$9\r\nredis.one\r\n", by_address, "redis.one:6380"),
            ("$1\r\n?\r\n", by_address, "127.0.0.1:6380"),
            ("$1\r\n?\r\n", "*0\r\n", "asked:6380"),
            ("$0\r\n\r\n", by_address, "127.0.0.1:6380"),
            ("$-1\r\n", "*0\r\n", "asked:6380"),
            ("$-1\r\n", "", "asked:6380"),
        ] {
            let parts = if other_names.is_empty() { 3 } else { 4 };
            let node = format!("*{parts}\r\n{name}:6380\r\n$2\r\nid\r\n{other_names}");
            let map = format!("*1\r\n*3\r\n:0\r\n:16383\r\n{node}");
            let answer = parse_redis_value(map.as_bytes()).unwrap();
            let map = parse_map(answer, &asked).unwrap();
            let hosts: Vec<_> = map.values().map(Host::to_string).collect();
            assert_eq!(hosts, [found], "{name:?} {other_names:?}");
        }
    }
}
