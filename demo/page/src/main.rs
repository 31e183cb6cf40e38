//! The page of `cargo xtask demo --serve`: a simulated phone in a browser and the real server behind it. Server, store and
//! WeChat report what happens to them.
//!
//! - [`world`]: one visitor's servers, stores and WeChat, so that visitors do not disturb each other;
//! - [`users`]: the user database of an app that keeps its accounts itself;
//! - [`orders`]: what a thief would like to send;
//! - [`trace`]: the events; [`edge`], [`observed`] and [`wechat`] emit them;
//! - [`controls`]: what a visitor can make go wrong;
//! - [`site`]: the page's files, and what a browser lets them do.

mod controls;
mod edge;
mod observed;
mod orders;
mod site;
#[path = "../../../service/examples/tea/products.rs"]
mod tea;
mod trace;
mod users;
mod wechat;
mod world;
mod worlds;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

use crate::site::Folders;
use crate::worlds::Worlds;

/// Serves the page. Not for production: any visitor can sign in as anyone, on a server of the visitor's own.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The folder of the page.
    #[arg(long)]
    site: PathBuf,
    /// The folder of the simulated wx.
    #[arg(long)]
    simulator: PathBuf,
    /// The folder of the mini program, with the package in it.
    #[arg(long)]
    program: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments {
        listen,
        site,
        simulator,
        program,
    } = Arguments::parse();
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: choose another with --listen"))?;
    let address = listener.local_addr()?;
    let folders = Folders {
        site,
        simulator,
        program,
    };
    let router = worlds::router(Worlds::default()).merge(site::router(&folders));
    println!("listening on http://{address}");
    axum::serve(listener, router)
        .await
        .context("the page's server stopped")
}
