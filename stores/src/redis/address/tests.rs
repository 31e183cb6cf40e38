use super::{Host, RedisAddress, Servers};

fn host(name: &str, port: u16) -> Host {
    let name = name.to_owned();
    Host { name, port }
}

fn parse(text: &str) -> RedisAddress {
    text.parse().unwrap()
}

#[test]
fn one_server_has_its_port_and_database_unless_it_says_otherwise() {
    let plain = parse("redis://cache.internal");
    assert!(matches!(plain.servers, Servers::One(found) if found == host("cache.internal", 6379)));
    assert!(!plain.encrypted);
    assert_eq!(plain.login.db(), 0);
    let full = parse("rediss://ann:p%40ss@[::1]:7000/3");
    assert!(matches!(full.servers, Servers::One(found) if found == host("::1", 7000)));
    assert!(full.encrypted);
    assert_eq!(full.login.username(), Some("ann"));
    assert_eq!(full.login.password(), Some("p@ss"));
    assert_eq!(full.login.db(), 3);
}

#[test]
fn sentinels_have_the_name_of_the_primary_and_a_password_of_their_own() {
    let address = parse("redis-sentinel://:hush@one,two:7000/mymaster/2?sentinel-password=mum");
    assert_eq!(address.login.password(), Some("hush"));
    assert_eq!(address.login.db(), 2);
    let Servers::Sentinels(sentinels) = address.servers else {
        panic!("other servers");
    };
    assert_eq!(sentinels.hosts, [host("one", 26_379), host("two", 7000)]);
    assert_eq!(sentinels.name, "mymaster");
    assert_eq!(sentinels.login.password(), Some("mum"));
}

#[test]
fn sentinels_may_know_their_client_by_name() {
    let address = parse("redis-sentinel://one/mymaster?sentinel-user=ann&sentinel-password=p%26s");
    let Servers::Sentinels(sentinels) = address.servers else {
        panic!("other servers");
    };
    assert_eq!(sentinels.login.username(), Some("ann"));
    assert_eq!(sentinels.login.password(), Some("p&s"));
    assert_eq!(address.login.username(), None);
}

#[test]
fn certificates_without_tls_and_keys_of_others_are_refused() {
    let made = || rcgen::generate_simple_self_signed(["client".into()]).unwrap();
    let (ours, others) = (made(), made());
    let (chain, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
    let another = others.signing_key.serialize_pem();
    let identify = |url: &str, chain: &str, key: &str| {
        let address = parse(url).with_identity(chain.as_bytes(), key.as_bytes());
        address.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(identify("rediss://host", &chain, &key), Ok(()));
    for (url, chain, key, remedy) in [
        ("redis://host", &*chain, &*key, "rediss"),
        ("redis-cluster://host", &chain, &key, "rediss"),
        ("rediss://host", &key, &key, "no certificate"),
        ("rediss://host", "", &key, "no certificate"),
        ("rediss://host", &chain, &chain, "no private key"),
        ("rediss://host", &chain, &another, "does not belong"),
    ] {
        let error = identify(url, chain, key).unwrap_err();
        assert!(error.contains(remedy), "{error}");
    }
    let plain = parse("redis://host").with_authorities(chain.as_bytes());
    assert!(plain.unwrap_err().to_string().contains("rediss"));
}

#[test]
fn a_cluster_is_some_of_its_nodes() {
    let address = parse("rediss-cluster://10.0.0.1,10.0.0.2:7000");
    assert!(address.encrypted);
    let expected = [host("10.0.0.1", 6379), host("10.0.0.2", 7000)];
    assert!(matches!(address.servers, Servers::Cluster(hosts) if hosts == expected));
}

#[test]
fn neither_what_is_wrong_with_it_nor_its_debug_form_shows_a_password() {
    for text in [
        "hush",
        "http://:hush@host",
        "redis-twins://:hush@host",
        "redis://hush@host",
        "redis://:hush@",
        "redis://:hush@one,two",
        "redis://:hush@host:port",
        "redis://:hush@host/hush",
        "redis://:hush@host/1/hush",
        "redis://:hush@host?sentinel-password=hush",
        "redis://:hush@host?password=hush",
        "redis://:hush@host?sentinel-user=hush&sentinel-password=hush",
        "redis-sentinel://host/name?sentinel-user=hush",
        "redis://host#hush",
        "redis-sentinel://:hush@host",
        "redis-sentinel://:hush@host/name/hush",
        "redis-cluster://:hush@host/0",
    ] {
        let error = text.parse::<RedisAddress>().unwrap_err().to_string();
        assert!(!error.contains("hush"), "{text}: {error}");
    }
    for text in [
        "redis://hush:hush@host",
        "redis-sentinel://:hush@host/name?sentinel-user=hush&sentinel-password=hush",
    ] {
        let shown = format!("{:?}", parse(text));
        assert!(!shown.contains("hush"), "{shown}");
    }
}
