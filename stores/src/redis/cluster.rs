//! A cluster: which node has which keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::{Cmd, ErrorKind, ServerErrorKind, Value, from_redis_value};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::address::Host;
use super::dial::Dialer;
use super::health::CallError;
use super::link::{Fixed, Link, Role};

/// How often one command is sent to another node than the one that was asked.
const REDIRECTIONS: usize = 4;
const MAP_DEADLINE: Duration = Duration::from_millis(200);
/// From one request for the map to the next.
const MAP_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Cluster {
    nodes: Arc<Nodes>,
    owners: watch::Receiver<Option<Arc<Owners>>>,
    outdated: Arc<Notify>,
    /// Ends with the cluster.
    _keeper: JoinSet<()>,
}

/// The last slot of each range, and the node that has it.
type Owners = BTreeMap<u16, Arc<Node>>;

struct Node {
    host: Host,
    link: Link,
}

/// Each node that is known.
struct Nodes {
    dialer: Dialer,
    known: Mutex<HashMap<Host, Arc<Node>>>,
}

impl Cluster {
    /// Starts to connect. Takes a Tokio runtime.
    pub(super) fn new(seeds: Vec<Host>, dialer: Dialer) -> Self {
        let (sender, owners) = watch::channel(None);
        let nodes = Arc::new(Nodes {
            dialer,
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

    /// Sends a command to the node that has the slot.
    pub(super) async fn send(
        &self,
        slot: u16,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        let mut node = self.owner(slot, deadline).await?;
        let mut answer = node.link.send(command, deadline).await;
        for _ in 0..REDIRECTIONS {
            let Some((host, asking)) = redirection(&answer, &node.host) else {
                break;
            };
            node = self.nodes.node(host);
            answer = if asking {
                node.link.send_asking(command, deadline).await
            } else {
                self.outdated.notify_one();
                node.link.send(command, deadline).await
            };
        }
        if answer.as_ref().is_err_and(doubts_the_map) {
            self.outdated.notify_one();
        }
        answer
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
            let target = Fixed {
                host: host.clone(),
                role: Role::Any,
            };
            let link = Link::new(target, self.dialer.clone());
            Arc::new(Node { host, link })
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

/// Where the answer sends the command: to whom, and whether with the word that it is about a key on the move.
fn redirection(answer: &Result<Value, CallError>, asked: &Host) -> Option<(Host, bool)> {
    let Err(CallError::Refused(error)) = answer else {
        return None;
    };
    let (address, _) = error.redirect_node()?;
    let host = match address.rsplit_once(':')? {
        // A node that does not know its own address leaves it out.
        ("", port) => Host {
            name: asked.name.clone(),
            port: port.parse().ok()?,
        },
        _ => Host::parse(address)?,
    };
    let asking = error.kind() == ErrorKind::Server(ServerErrorKind::Ask);
    Some((host, asking))
}

fn doubts_the_map(failure: &CallError) -> bool {
    match failure {
        CallError::Late | CallError::Broken(_) => true,
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

/// The last slot of each range and the primary that has it, from the first node that tells. Each turn begins with
/// another one: a node that is cut off from the rest tells what was true before.
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
        match node.link.send(&question, deadline).await {
            Ok(answer) => {
                if let Some(map) = parse_map(answer, &host).filter(|map| !map.is_empty()) {
                    return Some(map);
                }
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                server = %host,
                "a node of the cluster does not tell who has which keys"
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
        // A node that does not know its own address leaves it out.
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or(asked.name.clone());
        let port = from_redis_value(primary.next()?).ok()?;
        Some((end, Host { name, port }))
    };
    ranges.into_iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::super::address::Host;
    use super::super::health::CallError;
    use super::redirection;

    #[test]
    fn a_redirection_without_a_name_stays_with_the_one_who_was_asked() {
        let asked = Host::parse("asked:6379").unwrap();
        for (answer, sent) in [
            ("-MOVED 1 other:6380\r\n", Some(("other:6380", false))),
            ("-ASK 1 10.0.0.1:6380\r\n", Some(("10.0.0.1:6380", true))),
            ("-MOVED 1 ::1:6380\r\n", Some(("::1:6380", false))),
            ("-MOVED 1 :6380\r\n", Some(("asked:6380", false))),
            ("-ASK 1 :6380\r\n", Some(("asked:6380", true))),
            ("-MOVED 1 :\r\n", None),
            ("-MOVED 1\r\n", None),
            ("-ERR 1 :6380\r\n", None),
        ] {
            let error = parse_redis_value(answer.as_bytes()).unwrap();
            let refused = error.extract_error().map_err(CallError::Refused);
            let found = redirection(&refused, &asked);
            let found = found.map(|(host, asking)| (host.to_string(), asking));
            let sent = sent.map(|(host, asking)| (host.to_owned(), asking));
            assert_eq!(found, sent, "{answer}");
        }
    }
}
