//! The server over real HTTP, with the simulated WeChat behind it.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod account_hooks;
mod account_scenarios;
mod accounts;
mod accounts_guide;
mod accounts_log;
mod apps;
mod bad_input;
mod binary;
mod check;
#[cfg(target_os = "linux")]
mod clock;
#[cfg(unix)]
mod command_line;
mod common;
#[cfg(unix)]
mod deployed;
mod digest_lines;
mod documented;
mod forged_tokens;
#[cfg(target_os = "linux")]
mod full_disk;
mod hook;
mod hook_away;
mod hook_killed;
mod hook_program;
mod hook_time;
mod hook_world;
mod internal;
#[cfg(unix)]
mod internal_listener;
mod killed;
mod library;
mod log;
mod nginx;
mod nginx_fastcgi;
mod nginx_signed;
#[cfg(unix)]
mod observed;
mod old_clients;
mod old_password;
mod openapi;
mod overload;
mod password_change;
mod phone;
mod program;
mod proxy;
mod rate_limit;
#[cfg(unix)]
mod secret_files;
mod sessions;
mod sign_in;
mod signing;
mod slow_clients;
#[cfg(unix)]
mod starting;
mod stop;
#[path = "../../examples/tea/products.rs"]
mod tea;
mod thief;
mod tls;
mod trouble;
mod tutorial;
mod upstream;
mod user_data;
mod user_database;
mod verified;
mod verify_proof;
#[cfg(unix)]
mod watched;
