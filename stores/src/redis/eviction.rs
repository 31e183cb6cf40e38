//! Whether Redis drops values when it is full. What is remembered of signed requests would go with them, and so could a
//! request be served twice.

use redis::Value;

/// What Redis does when its memory is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It keeps what it has, and refuses writes. Or its memory has no limit.
    Refuses,
    /// It drops values, by this policy.
    Drops(String),
    /// It does not tell, or tells nothing of it: its user may lack the right to `INFO`.
    Unknown,
}

impl WhenFull {
    /// Reads the answer to `INFO memory`. `CONFIG GET` is forbidden in most places.
    pub(super) fn read(answer: &Value) -> Self {
        let Value::BulkString(bytes) = answer else {
            return Self::Unknown;
        };
        let told = String::from_utf8_lossy(bytes);
        let value = |name| told.lines().find_map(|line| line.strip_prefix(name));
        match (value("maxmemory:"), value("maxmemory_policy:")) {
            (Some("0"), _) | (_, Some("noeviction")) => Self::Refuses,
            (Some(_), Some(policy)) => Self::Drops(policy.to_owned()),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::WhenFull;

    #[test]
    fn values_are_dropped_where_there_is_a_limit_and_a_policy_that_drops() {
        let read = |told: &str| WhenFull::read(&Value::BulkString(told.into()));
        let told = |limit, policy| {
            read(&format!(
                "# Memory\r\nused_memory:9\r\nmaxmemory:{limit}\r\nmaxmemory_human:9\r\nmaxmemory_policy:{policy}\r\n"
            ))
        };
        for policy in ["volatile-ttl", "allkeys-lru"] {
            assert_eq!(told(1, policy), WhenFull::Drops(policy.into()));
            assert_eq!(told(0, policy), WhenFull::Refuses);
        }
        assert_eq!(told(1, "noeviction"), WhenFull::Refuses);
        assert_eq!(read("# Memory\r\nused_memory:9\r\n"), WhenFull::Unknown);
        assert_eq!(WhenFull::read(&Value::Nil), WhenFull::Unknown);
    }
}
