//! Random bytes and numbers from the operating system.

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness(#[source] getrandom::Error);

/// Random bytes.
///
/// # Errors
/// There are none.
pub fn bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], NoRandomness> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A number from `low` to `high`, both included; `low` where there is no randomness.
pub fn between(low: u32, high: u32) -> u32 {
    low + getrandom::u32().map_or(0, |number| number % (high - low + 1))
}
