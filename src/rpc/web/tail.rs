//! The page with the end of a process's stdout log.

use super::form::Form;
use super::html::{escape, page as framed, quote};
use crate::actors::SupervisorHandle;
use crate::events::OutputChannel;
use crate::process::{Fault, FaultCode};
use crate::rpc::logs;

/// How many bytes are shown when the query asks for fewer, or for nothing that is a number.
const LEAST: i64 = 1024;

/// The most bytes that are shown.
const MOST: i64 = 1 << 20;

/// The end of the log of the process that the query names.
pub(super) async fn page(handle: &SupervisorHandle, form: &Form) -> String {
    let Some(name) = form.get("processname") else {
        let none = "<main><pre>No process name found</pre></main>";
        return framed("Supervisor tail", none);
    };
    let limit = form.get("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(LEAST).clamp(LEAST, MOST);
    let text = match end_of_log(handle, name, limit).await {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(fault) if fault.code == FaultCode::NoFile => format!("No file for {name}"),
        Err(fault) => format!(
            "ERROR: unexpected rpc fault [{}] {fault}",
            fault.code.number()
        ),
    };
    let body = format!(
        "<main><pre>{}</pre>\n<p><a href=\"tail.html?processname={}&amp;limit={limit}\">Refresh</a></p></main>",
        escape(&text),
        quote(name)
    );
    framed(&format!("Supervisor tail of process {name}"), &body)
}

async fn end_of_log(handle: &SupervisorHandle, name: &str, limit: i64) -> Result<Vec<u8>, Fault> {
    let info = handle.process_info(name)?;
    let path = logs::logfile(&info, OutputChannel::Stdout);
    let path = path.ok_or(Fault::bare(FaultCode::NoFile))?;
    logs::read_file(path, -limit, 0).await
}
