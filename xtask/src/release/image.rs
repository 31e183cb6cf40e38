//! The server as an OCI image, in a folder by OCI's image layout: podman, skopeo and others read it.
//!
//! The image has the program, the libraries of this system that it is linked with, and nothing else: no shell, no packages.
//! Its bill of materials is a file in it, and refers to it in the layout.

mod layer;
mod layout;
mod system;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use self::layer::Layer;
use self::layout::Layout;
use self::system::System;
use super::archive::Archive;
use super::bill;
use super::notices;
use super::program::{PROGRAM, Server};
use crate::process::answer;
use crate::progress::step;
use crate::project::Project;

/// The user of distroless images, whom no system has.
const USER: u32 = 65_532;
const DATA: &str = "data";
const DOCUMENTATION: &str = "usr/share/doc/wxsession-server";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

type Labels = BTreeMap<String, String>;

/// Writes the image to a folder in this folder.
///
/// # Errors
/// A library that the program needs is in no package of this system.
pub(crate) fn build(project: &Project, server: &Server, folder: &Path) -> Result<PathBuf> {
    let name = format!("{PROGRAM}-{}-{}.oci", server.version, server.architecture);
    let image = folder.join(name);
    step("the OCI image", || write(project, server, &image))?;
    Ok(image)
}

fn write(project: &Project, server: &Server, image: &Path) -> Result<()> {
    let system = System::under(project, &server.program)?;
    let bill = server.bill.text(&system.packages)?;
    let layout = Layout::create(image)?;
    let seconds = server.moment.unix_seconds;
    let program = program(project, server, &bill)?;
    let layers = [
        (
            "the system's libraries",
            Layer::pack(&system.files()?, &layout, seconds)?,
        ),
        (PROGRAM, Layer::pack(&program, &layout, seconds)?),
    ];

    let labels = labels(project, server);
    let config = configuration(server, &labels, &layers);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": layout.add_json(CONFIG, &config)?,
        "layers": layers.iter().map(|(_, layer)| &layer.descriptor).collect::<Vec<_>>(),
        "annotations": labels,
    });
    let subject = layout.add_json(MANIFEST, &manifest)?;
    let referrer = referrer(&layout, &bill, &subject, &server.moment.timestamp)?;

    let mut named = subject;
    named["platform"] = json!({ "architecture": config["architecture"], "os": config["os"] });
    named["annotations"] = json!({ "org.opencontainers.image.ref.name": server.version });
    layout.finish(&[named, referrer])
}

/// How the image is run, and what it consists of. The layers come with a comment on each.
fn configuration(server: &Server, labels: &Labels, layers: &[(&str, Layer)]) -> Value {
    let created = &server.moment.timestamp;
    json!({
        "created": created,
        "architecture": go_architecture(&server.architecture),
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            // The internal listener's port is not among them: `docker run -P` would show it to everybody.
            "ExposedPorts": { "8080/tcp": {} },
            "Env": [
                "PATH=/usr/bin",
                "WXSESSION_LISTEN=0.0.0.0:8080",
                format!("WXSESSION_DATA=/{DATA}"),
            ],
            "Entrypoint": [format!("/usr/bin/{PROGRAM}")],
            "Volumes": { format!("/{DATA}"): {} },
            "WorkingDir": "/",
            "Labels": labels,
            "StopSignal": "SIGTERM",
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": layers.iter().map(|(_, layer)| &layer.uncompressed).collect::<Vec<_>>(),
        },
        "history": layers.iter().map(|(comment, _)| json!({
            "created": created,
            "created_by": "cargo xtask release",
            "comment": comment,
        })).collect::<Vec<_>>(),
    })
}

/// The program, its documents and the folder for its data.
fn program(project: &Project, server: &Server, bill: &str) -> Result<Archive> {
    let mut files = Archive::default();
    files.copy(&format!("usr/bin/{PROGRAM}"), 0o755, &server.program)?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        files.copy(
            &format!("{DOCUMENTATION}/{name}"),
            0o644,
            &project.path(name),
        )?;
    }
    let documents = [(bill::FILE, bill), (notices::FILE, server.notices.as_str())];
    for (name, text) in documents {
        files.add(&format!("{DOCUMENTATION}/{name}"), 0o644, text);
    }
    files.add_folder(DATA, 0o700, USER);
    Ok(files)
}

/// The bill as an artifact that refers to the image, as registries list it.
fn referrer(layout: &Layout, bill: &str, subject: &Value, created: &str) -> Result<Value> {
    let mut file = layout.add(bill::MEDIA_TYPE, bill.as_bytes())?;
    file["annotations"] = json!({ "org.opencontainers.image.title": bill::FILE });
    let artifact = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": bill::MEDIA_TYPE,
        "config": layout.add_json(EMPTY, &json!({}))?,
        "layers": [file],
        "subject": subject,
        "annotations": { "org.opencontainers.image.created": created },
    });
    let mut descriptor = layout.add_json(MANIFEST, &artifact)?;
    descriptor["artifactType"] = json!(bill::MEDIA_TYPE);
    Ok(descriptor)
}

/// See <https://specs.opencontainers.org/image-spec/annotations/>.
fn labels(project: &Project, server: &Server) -> Labels {
    let commit = answer(project.command("git").args(["rev-parse", "HEAD"]));
    let labels = [
        ("title", Some(PROGRAM.to_owned())),
        (
            "description",
            Some("The session layer for WeChat mini programs".to_owned()),
        ),
        ("version", Some(server.version.clone())),
        ("created", Some(server.moment.timestamp.clone())),
        ("licenses", Some("MIT OR Apache-2.0".to_owned())),
        // A copy of the project without its history has none.
        ("revision", commit),
    ];
    let known = labels
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    known
        .map(|(name, value)| (format!("org.opencontainers.image.{name}"), value))
        .collect()
}

/// The name that OCI has from Go.
fn go_architecture(debian: &str) -> &str {
    match debian {
        "i386" => "386",
        "armhf" => "arm",
        "ppc64el" => "ppc64le",
        other => other,
    }
}
