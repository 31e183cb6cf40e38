//! The operating system's limit of open files, which also limits connections.

/// Open files for the store, WeChat, the log and the listeners.
const OTHERS: u64 = 256;

/// Raises the process's limit of open files for this many connections at each listener, and as many to a backend as `more`
/// says. Returns how many connections each listener may have. If the limit cannot be raised far enough, these are fewer: new connections should wait rather than
/// leave the store without a file.
pub(crate) fn make_room(connections: u32, listeners: u32, more: u32) -> usize {
    let others = OTHERS + u64::from(more);
    let wanted = u64::from(connections) * u64::from(listeners) + others;
    let limit = raise(wanted);
    if limit >= wanted {
        return connections as usize;
    }
    let room = limit.saturating_sub(others).max(limit / 2) / u64::from(listeners);
    let room = room.max(1) as usize;
    tracing::warn!(
        "--max-connections: the process may open no more than {limit} files, so that no listener \
         takes more than {room} connections; raise its limit (systemd: LimitNOFILE, Docker: --ulimit nofile) or ask for fewer"
    );
    room
}

#[cfg(unix)]
fn raise(wanted: u64) -> u64 {
    // If the limit cannot be read, assume that it suffices.
    rlimit::increase_nofile_limit(wanted).unwrap_or(wanted)
}

#[cfg(not(unix))]
fn raise(wanted: u64) -> u64 {
    wanted
}
