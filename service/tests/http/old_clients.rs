//! Old clients at the server, as their requests look. The clients themselves run in tests/old-clients.

mod all;
mod limits;
mod wafer;
mod wafer2;
mod weapp_session;
mod world;
