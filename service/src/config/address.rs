//! Addresses to listen on.

use std::net::{IpAddr, SocketAddr};

/// Parses an address with a port. The error says what is missing, and how to write it.
pub(super) fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| {
        let is_port = |text: &str| text.parse::<u16>().is_ok();
        let is_address = |text: &str| {
            let text = text
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(']'))
                .unwrap_or(text);
            text.parse::<IpAddr>().is_ok()
        };
        match value.rsplit_once(':') {
            _ if is_address(value) => {
                let shown = if value.contains(':') && !value.starts_with('[') {
                    format!("[{value}]")
                } else {
                    value.to_owned()
                };
                format!("a port is missing; give {shown}:8080")
            }
            None if is_port(value) => before(value),
            Some(("" | "*", port)) if is_port(port) => before(port),
            Some((_, port)) if is_port(port) => {
                format!("give an IP address instead of a name, as in 127.0.0.1:{port}")
            }
            _ => "give an IP address and a port, as in 127.0.0.1:8080".to_owned(),
        }
    })
}

fn before(port: &str) -> String {
    format!(
        "an IP address is missing before the port; give 127.0.0.1:{port} for this machine alone, or 0.0.0.0:{port} for \
         every machine that can reach this one"
    )
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn what_is_missing_is_named_with_an_address_that_can_be_taken() {
        for (value, given) in [
            ("8080", "127.0.0.1:8080"),
            (":8080", "0.0.0.0:8080"),
            ("*:8080", "0.0.0.0:8080"),
            ("localhost:9000", "127.0.0.1:9000"),
            ("api.example.com:443", "127.0.0.1:443"),
            ("0.0.0.0", "0.0.0.0:8080"),
            ("::1", "[::1]:8080"),
            ("[::1]", "[::1]:8080"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("127.0.0.1:80800", "127.0.0.1:8080"),
            ("127.0.0.1:", "127.0.0.1:8080"),
            ("", "127.0.0.1:8080"),
        ] {
            let error = address(value).unwrap_err();
            let is_given = error.split([' ', ',']).any(|word| word == given);
            assert!(is_given, "{value}: {error}");
            assert!(address(given).is_ok(), "{given}");
        }
    }
}
