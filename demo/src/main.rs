//! `cargo xtask demo`: the packed package, a simulated WeChat and the real server, counted, and a page to watch them.

mod page;

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{fs, thread};

use anyhow::{Context, Result};
use clap::Parser;
use xtask::backend::{self, APPID, Backend, IN_MEMORY};
use xtask::package::{self, Package};
use xtask::progress::heading;
use xtask::project::Project;
use xtask::services::Services;
use xtask::{exit_code, miniprogram, setup};

/// Seconds without use after which the server ends a session: short, so that a scene can wait for it.
const IDLE_TIMEOUT: &str = "3";

/// The folder of what the servers keep.
const DATA: &str = "demo-data";

/// Plays scenes with the packed package against the real server and a simulated WeChat, and counts what each took.
#[derive(Parser)]
#[command(bin_name = "cargo xtask demo")]
struct Arguments {
    /// Afterwards serve a page that shows the package at work, until Ctrl-C. Server and simulator stay up as well.
    #[arg(long, group = "page")]
    serve: bool,
    /// Serve the page without playing the scenes.
    #[arg(long, group = "page")]
    only_page: bool,
    /// Record the scenes, and write the page to this folder as files that replay them without a server.
    #[arg(long = "static", group = "page", value_name = "FOLDER")]
    static_page: Option<PathBuf>,
    /// Where those files will be, for links that show the page's picture.
    #[arg(long, value_name = "URL", requires = "static_page")]
    address: Option<String>,
    /// Where to serve the page, by default a free port of this machine alone. To show the page on a phone in the same
    /// network: this machine's address there, and a port.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "page")]
    listen: Option<SocketAddr>,
    /// Use the package, the servers and the page that were built last.
    #[arg(long)]
    no_build: bool,
}

fn main() -> ExitCode {
    exit_code(run(&Arguments::parse()))
}

/// Exits with a failure if any count is not the least possible.
fn run(arguments: &Arguments) -> Result<ExitCode> {
    // Before minutes of building and of scenes.
    page::check_address(arguments.listen)?;
    let project = Project::locate();
    if !arguments.no_build {
        build(&project)?;
    }
    let package = package::built(&project)?;
    let services = Services::default();
    services.stop_on_signals()?;
    if arguments.only_page {
        let page = page::serve(&project, &package, &services, arguments.listen)?;
        println!("listening on {page}");
        wait_for_ever();
    }

    if let Some(folder) = &arguments.static_page {
        let address = arguments.address.as_deref();
        page::record(&project, &package, &services, folder, address)?;
        println!("  written to {}", folder.display());
        return Ok(ExitCode::SUCCESS);
    }

    heading("Demonstration");
    let backend = backend(&project, &services)?;
    println!(
        "  WeChat's API: {}\n  our server:   {}\n",
        backend.wechat, backend.api
    );
    let accounts = Accounts::start(&project, &services, &backend)?;
    let played = script(&project, &package, &backend, &accounts)?
        .status()
        .context("starting node")?;
    if !played.success() {
        return Ok(ExitCode::FAILURE);
    }
    if arguments.serve {
        heading("The page");
        let backend = backend.with_usual_sessions(&project, &services)?;
        let page = page::serve(&project, &package, &services, arguments.listen)?;
        invite(&page, &backend);
        wait_for_ever();
    }
    Ok(ExitCode::SUCCESS)
}

fn build(project: &Project) -> Result<()> {
    setup::provide(project, &[setup::FOR_PACKAGE, &[page::NEEDED]].concat())?;
    package::build(project)?;
    backend::build(project)?;
    page::build(project)
}

/// Starts the server of the scenes about sessions with an empty data folder.
fn backend(project: &Project, services: &Services) -> Result<Backend> {
    let data = project.target(DATA);
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("emptying {}", data.display()))?;
    }
    let arguments = ["--idle-timeout", IDLE_TIMEOUT, "--data"];
    let data = data.join("sessions");
    let data = [data.as_os_str()];
    let arguments = arguments.map(OsStr::new).into_iter().chain(data);
    Backend::start(project, services, arguments)
}

/// The servers of the scenes about accounts, whose sessions must not expire meanwhile.
struct Accounts {
    built_in: String,
    hooked: String,
    /// Where the script has the user database that `hooked` asks.
    hook_port: String,
}

impl Accounts {
    fn start(project: &Project, services: &Services, backend: &Backend) -> Result<Self> {
        let data = project.target(DATA).join("accounts");
        let keep = ["--accounts", "built-in", "--data"].map(OsStr::new);
        let keep = keep.into_iter().chain([data.as_os_str()]);
        // Free by the time the script listens, unless somebody else is given it meanwhile.
        let hook = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let url = format!("http://{hook}");
        let ask = IN_MEMORY.into_iter().chain(["--accounts-hook", &url]);
        Ok(Self {
            built_in: backend.another(project, services, "accounts-server", keep)?,
            hooked: backend.another(project, services, "hooked-server", ask)?,
            hook_port: hook.port().to_string(),
        })
    }
}

/// The script that plays the scenes, with a mini program of its own.
fn script(
    project: &Project,
    package: &Package,
    backend: &Backend,
    accounts: &Accounts,
) -> Result<Command> {
    let program = miniprogram::install(project, &package.tarball, "demo")?;
    let mut script = project.command("node");
    script.arg("demo/demo.js");
    script.arg("--package").arg(program);
    script.args(["--api", &backend.api, "--wechat", &backend.wechat]);
    script.args([
        "--accounts",
        &accounts.built_in,
        "--hooked",
        &accounts.hooked,
    ]);
    script.args(["--hook-port", &accounts.hook_port]);
    script.args(["--idle-timeout", IDLE_TIMEOUT]);
    Ok(script)
}

fn invite(page: &str, backend: &Backend) {
    let Backend { api, wechat } = backend;
    println!(
        "\n  Open {page}\n\n\
         Everything runs until Ctrl-C. To sign in and send a request by hand:\n\n\
         code=$(curl -s {wechat}/simulator/login -H 'content-type: application/json' \\\n  \
           -d '{{\"appid\":\"{APPID}\",\"user\":\"me\"}}' | cut -d'\"' -f4)\n\
         id=$(curl -s \"{api}/wx/onlogin?code=$code\" | cut -d'\"' -f4)\n\
         curl -i {api}/wx/products/list -H \"sessionid: $id\""
    );
}

/// Until a signal ends the process and its services.
fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_noticed_before_anything_is_built_or_played() -> Result<()> {
        let taken = TcpListener::bind("127.0.0.1:0")?;
        let listen = Some(taken.local_addr()?);
        let arguments = Arguments {
            serve: true,
            only_page: false,
            static_page: None,
            address: None,
            listen,
            no_build: false,
        };
        let refused = run(&arguments).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|message| message.contains("choose another with --listen")));
        Ok(())
    }
}
