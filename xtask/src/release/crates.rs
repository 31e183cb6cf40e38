//! The crates in a program, and which of them needs which.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use anyhow::{Context, Result};

use crate::process::succeed;
use crate::project::Project;

/// A crate of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// As its manifest has it.
    pub(super) license: String,
    /// Whether only macros need it, so that it runs in the compiler and is not in the program.
    pub(super) is_macro: bool,
    /// The SHA-256 of the packed crate. The project's own have none.
    pub(super) checksum: Option<String>,
}

/// A program's crates.
pub(super) struct Graph {
    pub(super) root: Crate,
    pub(super) crates: Vec<Crate>,
    /// Pairs of positions in `crates`: the first needs the second.
    needs: BTreeSet<(usize, usize)>,
}

impl Graph {
    /// The crates that this crate of the workspace is made of, on this kind of machine.
    pub(super) fn of(project: &Project, root: &str) -> Result<Self> {
        let lock = fs::read_to_string(project.path("Cargo.lock"))?;
        let sums = checksums(&lock);
        let tree = |edges| {
            let mut tree = project.command("cargo");
            tree.args(["tree", "--locked", "--quiet", "--package", root]);
            tree.args([
                "--edges",
                edges,
                "--prefix",
                "depth",
                "--format",
                "\t{p}\t{l}\t",
            ]);
            succeed(project, "release-crates", &mut tree)
        };
        let in_program = Tree::read(&tree("normal,no-proc-macro")?)?;
        let with_macros = Tree::read(&tree("normal")?)?;
        let crates = with_macros
            .licenses
            .iter()
            .map(|((name, version), license)| {
                let key = (name.clone(), version.clone());
                Crate {
                    name: name.clone(),
                    version: version.clone(),
                    license: license.clone(),
                    is_macro: !in_program.licenses.contains_key(&key),
                    checksum: sums.get(&key).cloned(),
                }
            });
        let crates: Vec<_> = crates.collect();
        let positions: HashMap<_, _> = with_macros.licenses.keys().zip(0..).collect();
        let needs = with_macros.needs.iter();
        Ok(Self {
            root: crates
                .iter()
                .find(|one| one.name == root)
                .cloned()
                .with_context(|| format!("cargo tree does not name {root}"))?,
            needs: needs
                .map(|(one, other)| (positions[one], positions[other]))
                .collect(),
            crates,
        })
    }

    /// The crates of others in the program, the macros that the compiler runs not among them.
    pub(super) fn of_others(&self) -> impl Iterator<Item = &Crate> {
        let crates = self.crates.iter();
        crates.filter(|one| !one.is_macro && one.checksum.is_some())
    }

    /// The crates that this one needs.
    pub(super) fn needed_by(&self, one: &Crate) -> impl Iterator<Item = &Crate> {
        let position = self.crates.iter().position(|other| other == one);
        let needs = self.needs.iter();
        needs
            .filter(move |(needing, _)| Some(*needing) == position)
            .map(|(_, needed)| &self.crates[*needed])
    }
}

/// A name and a version.
type Key = (String, String);

/// What `cargo tree --prefix depth` prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tree {
    licenses: BTreeMap<Key, String>,
    needs: BTreeSet<(Key, Key)>,
}

impl Tree {
    /// Lines like `2<tab>serde v1.0.229 (proc-macro)<tab>MIT OR Apache-2.0<tab> (*)`. A crate that comes again has its own
    /// needs only where it comes first.
    fn read(printed: &str) -> Result<Self> {
        let mut tree = Self::default();
        // The crates on the way from the root to the current line.
        let mut above: Vec<Key> = Vec::new();
        for line in printed.lines() {
            let unread = || format!("cargo tree prints an unknown line: {line}");
            let mut fields = line.split('\t');
            let depth: usize = fields
                .next()
                .and_then(|depth| depth.parse().ok())
                .with_context(unread)?;
            let (name, rest) = fields
                .next()
                .and_then(|krate| krate.split_once(" v"))
                .with_context(unread)?;
            let version = rest.split(' ').next().unwrap_or(rest);
            let license = fields.next().with_context(unread)?;
            let key = (name.to_owned(), version.to_owned());
            above.truncate(depth);
            if let Some(needing) = above.last() {
                tree.needs.insert((needing.clone(), key.clone()));
            }
            tree.licenses.insert(key.clone(), license.to_owned());
            above.push(key);
        }
        Ok(tree)
    }
}

/// The sums that `Cargo.lock` has of crates from a registry.
fn checksums(lock: &str) -> HashMap<Key, String> {
    let value = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_matches([' ', '=', '"']).to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|package| {
            let key = (value(package, "name = ")?, value(package, "version = ")?);
            Some((key, value(package, "checksum = ")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, version: &str) -> Key {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn a_tree_says_which_crate_needs_which() {
        let tree = Tree::read(
            "0\tserver v0.1.0 (/home/me/my project/server)\tMIT\t\n1\tserde v1.0.2\tMIT OR Apache-2.0\t\n\
             2\tserde_derive v1.0.2 (proc-macro)\tMIT\t\n1\tlog v0.4.0\t\t\n2\tserde v1.0.2\tMIT OR Apache-2.0\t (*)\n",
        )
        .unwrap();
        let (server, serde, log) = (
            key("server", "0.1.0"),
            key("serde", "1.0.2"),
            key("log", "0.4.0"),
        );
        assert_eq!(tree.licenses[&serde], "MIT OR Apache-2.0");
        assert_eq!(tree.licenses[&log], "");
        let needs = [
            (log.clone(), serde.clone()),
            (serde.clone(), key("serde_derive", "1.0.2")),
            (server.clone(), log),
            (server, serde),
        ];
        assert_eq!(tree.needs, BTreeSet::from(needs));
    }

    #[test]
    fn a_line_that_is_none_of_a_tree_is_an_error() {
        assert!(Tree::read("warning: something").is_err());
    }

    #[test]
    fn the_sum_of_a_crate_is_that_of_its_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"syn\"\nversion = \"2.0.1\"\nsource = \"r\"\nchecksum = \"aa\"\n\n\
                    [[package]]\nname = \"syn\"\nversion = \"3.0.1\"\nsource = \"r\"\nchecksum = \"bb\"\n";
        let sums = checksums(lock);
        assert_eq!(sums.len(), 2);
        assert_eq!(sums[&key("syn", "3.0.1")], "bb");
    }
}
