//! WeChat's sign-in API on a port, for demonstrations and for servers in other languages.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use wxsession_simulator::{App, Settings, WeChat, serve_on};

/// A stand-in for WeChat's jscode2session, with its real rules. Not for production: anyone who can reach it
/// can sign anyone in.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The mini program that it knows.
    #[arg(long, default_value_t = App::simulated().appid)]
    appid: String,
    /// That mini program's simulated secret; never a real one.
    #[arg(long, default_value_t = App::simulated().secret)]
    secret: String,
    /// Take codes that it never gave out, as often as they are shown, for those of one user: for the developer
    /// tools, which make codes up where the project has no appid.
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
    let wechat = WeChat::with_settings([App::new(appid, secret)], settings);
    let (url, serving) = serve_on(wechat, listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: choose another with --listen"))?;
    println!("listening on {url}");
    serving.await.context("the simulator stopped")
}
