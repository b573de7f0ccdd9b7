//! supervisord itself as JSON.

use crate::actors::SupervisorHandle;
use crate::config::{Config, HttpServer};
use crate::os::clock;
use crate::rpc::listeners::Client;
use crate::rpc::supervisor::API_VERSION;
use serde::Serialize;
use std::sync::Arc;

/// What is known of supervisord.
#[derive(Serialize)]
pub(super) struct Supervisor {
    identifier: Arc<str>,
    version: &'static str,
    api_version: &'static str,
    pid: u32,
    start: i64,
    now: i64,
    statecode: i32,
    statename: &'static str,
    config_file: String,
    logfile: Option<String>,
    user: User,
    warnings: Vec<Warning>,
}

/// Who is asking.
#[derive(Serialize)]
struct User {
    name: Option<Arc<str>>,
    role: &'static str,
}

/// Something to see to.
#[derive(Serialize)]
pub(in crate::rpc) struct Warning {
    code: &'static str,
    /// A sentence.
    pub(in crate::rpc) text: String,
}

impl Supervisor {
    pub(super) fn new(handle: &SupervisorHandle, client: &Client) -> Self {
        let (config, mood) = (handle.running_config(), handle.mood());
        Self {
            identifier: handle.identifier(),
            version: crate::VERSION,
            api_version: API_VERSION,
            pid: std::process::id(),
            start: handle.started().unix_seconds(),
            now: clock::now().unix_seconds(),
            statecode: mood.code(),
            statename: mood.name(),
            config_file: config.file.display().to_string(),
            logfile: handle.main_log().map(|path| path.display().to_string()),
            user: User {
                name: client.name.clone(),
                role: client.role.name(),
            },
            warnings: warnings(config).collect(),
        }
    }
}

/// What whoever runs it should know.
pub(in crate::rpc) fn warnings(config: &Config) -> impl Iterator<Item = Warning> {
    config.servers.iter().filter_map(warning)
}

fn warning(server: &HttpServer) -> Option<Warning> {
    server.is_exposed().then(|| Warning {
        code: "open_server",
        text: format!(
            "Server '{}' at {} lets anybody who reaches it from another machine run commands here",
            server.section, server.address
        ),
    })
}
