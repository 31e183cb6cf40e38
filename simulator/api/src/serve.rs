//! Serving the simulated WeChat on a port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connection::{Connections, ResetSwitch};
use crate::fake::FakeWeChat;
use crate::http::router;

/// Serves on a free loopback port. Returns the base URL and the running task.
pub async fn serve(wechat: FakeWeChat) -> io::Result<(String, JoinHandle<()>)> {
    serve_on(wechat, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
}

/// Serves on this address. Returns the base URL, with the port that was bound, and the running task.
pub async fn serve_on(
    wechat: FakeWeChat,
    address: SocketAddr,
) -> io::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = router(wechat).into_make_service_with_connect_info::<ResetSwitch>();
    let serving = tokio::spawn(async move {
        // `axum::serve` retries failed accepts itself and never returns.
        let _ = axum::serve(Connections::of(listener), app).await;
    });
    Ok((url, serving))
}
