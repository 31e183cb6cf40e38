//! The provider on a port, for demonstrations and for servers in other languages.

use std::future::pending;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use wxsession_provider::FakeProvider;

/// A stand-in for a third party that signs users in. Not for production: anybody who reaches it can be anybody.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen } = Arguments::parse();
    let provider = FakeProvider::serve_on(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: choose another with --listen"))?;
    println!("listening on {}", provider.issuer());
    pending().await
}
