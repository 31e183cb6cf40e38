//! WeChat's sign-in API on a port, for demonstrations and for servers in other languages.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use wxsession_simulator::{App, FakeWeChat, Settings, serve_on};

/// A stand-in for WeChat's jscode2session that follows its real rules. Not for production: anyone who can reach it can
/// sign anyone in.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 picks a free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The appid of the one mini program that the simulator knows.
    #[arg(long, default_value_t = App::simulated().appid)]
    appid: String,
    /// The simulated secret of that mini program; never use a real one.
    #[arg(long, default_value_t = App::simulated().secret)]
    secret: String,
    /// Accept codes that were never issued, any number of times, and sign in one fixed user. For the developer tools,
    /// which make codes up when the project has no appid.
    #[arg(long)]
    any_code: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments {
        listen,
        appid,
        secret,
        any_code,
    } = Arguments::parse();
    let settings = Settings {
        any_code,
        ..Settings::default()
    };
    let wechat = FakeWeChat::with_settings([App::new(appid, secret)], settings);
    let (url, serving) = serve_on(wechat, listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: choose another with --listen"))?;
    println!("listening on {url}");
    serving.await.context("the simulator stopped")
}
