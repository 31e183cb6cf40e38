//! Old clients at the server, as their requests look. The clients themselves run in tests/old-clients.

mod all;
mod limits;
mod two_servers;
mod wafer;
mod wafer2;
mod weapp_session;
pub(crate) mod world;
