//! The app's backend behind the server: `--upstream`.

mod bodies;
mod chat;
mod forwarding;
mod identity;
mod log;
mod old_clients;
mod others_backends;
mod paths;
mod program;
mod script;
mod signed;
mod socket_limits;
mod sockets;
mod tls;
mod trouble;
mod uploads;
mod world;
