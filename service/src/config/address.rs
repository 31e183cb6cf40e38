//! Addresses to listen on.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

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

/// Listens on the address of this setting.
pub(crate) async fn listener_on(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        let told = untaken(setting, address, &error);
        anyhow::Error::new(error).context(told)
    })
}

/// Says why an address of this setting cannot be listened on, and what to do.
fn untaken(setting: &str, address: SocketAddr, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there; stop it, or give another port",
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; give one that it has, or 0.0.0.0 for all of them"
        }
        io::ErrorKind::PermissionDenied => {
            "the system does not let this user have the port; give one above 1023"
        }
        _ => "give another one",
    };
    format!("{setting}: {address} cannot be listened on: {remedy}")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{address, untaken};

    #[test]
    fn an_address_that_cannot_be_had_names_its_setting_and_a_remedy() {
        let here = address("127.0.0.1:80").unwrap();
        for (kind, remedy) in [
            (io::ErrorKind::AddrInUse, "another port"),
            (io::ErrorKind::AddrNotAvailable, "0.0.0.0"),
            (io::ErrorKind::PermissionDenied, "above 1023"),
            (io::ErrorKind::OutOfMemory, "another"),
        ] {
            let told = untaken("--listen", here, &kind.into());
            assert!(told.starts_with("--listen: 127.0.0.1:80 cannot"), "{told}");
            assert!(told.contains(remedy), "{told}");
        }
    }

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
