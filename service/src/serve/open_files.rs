//! The operating system's own bound on connections.

/// What the store, WeChat, the log and the listeners take of the open files.
const OTHERS: u64 = 256;

/// Raises the process's limit for open files as far as so many connections at each listener need it. Tells how many each can
/// have, which are fewer where it cannot be raised so far: better that new ones wait than that the store
/// finds no file left.
pub(crate) fn make_room(connections: u32, listeners: u32) -> usize {
    let wanted = u64::from(connections) * u64::from(listeners) + OTHERS;
    let limit = raise(wanted);
    if limit >= wanted {
        return connections as usize;
    }
    let room = limit.saturating_sub(OTHERS).max(limit / 2) / u64::from(listeners);
    let room = room.max(1) as usize;
    tracing::warn!(
        "--max-connections: the process may open no more than {limit} files, so that no listener \
         takes more than {room} connections; raise its limit (systemd: LimitNOFILE, Docker: --ulimit nofile) or ask for fewer"
    );
    room
}

#[cfg(unix)]
fn raise(wanted: u64) -> u64 {
    // Where it cannot be read there is nothing to go by.
    rlimit::increase_nofile_limit(wanted).unwrap_or(wanted)
}

#[cfg(not(unix))]
fn raise(wanted: u64) -> u64 {
    wanted
}
