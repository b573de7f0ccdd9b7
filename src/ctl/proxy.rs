//! supervisord's methods under their own names. Each may fail with any [`Error`].

use super::Error;
use super::client::Client;
use super::reply::{Changes, Checked, Configured, Drift, FullInfo, Info, Outcome, Pending, Reply};
use crate::process::FaultCode;
use crate::xmlrpc::Value;
use serde_json::Value as Json;

/// The `supervisor` namespace of a server.
#[derive(Clone, Copy)]
pub(super) struct Supervisor<'a>(pub(super) &'a Client);

/// A log of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Stdout,
    Stderr,
}

impl Channel {
    /// Its name in URLs and on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

impl Supervisor<'_> {
    pub(super) fn api_version(self) -> Result<String, Error> {
        self.ask("getVersion", &[])
    }

    pub(super) fn supervisor_version(self) -> Result<String, Error> {
        self.ask("getSupervisorVersion", &[])
    }

    pub(super) fn pid(self) -> Result<i64, Error> {
        self.ask("getPID", &[])
    }

    pub(super) fn process_info(self, name: &str) -> Result<Info, Error> {
        self.ask("getProcessInfo", &[text(name)])
    }

    pub(super) fn all_process_info(self) -> Result<Vec<Info>, Error> {
        self.ask("getAllProcessInfo", &[])
    }

    pub(super) fn full_process_info(self) -> Result<Vec<FullInfo>, Error> {
        self.ask("getAllProcessInfo", &[])
    }

    pub(super) fn full_config_info(self) -> Result<Json, Error> {
        self.ask("getAllConfigInfo", &[])
    }

    pub(super) fn all_config_info(self) -> Result<Vec<Configured>, Error> {
        self.ask("getAllConfigInfo", &[])
    }

    pub(super) fn stop_process_group(self, name: &str) -> Result<Vec<Outcome>, Error> {
        self.ask("stopProcessGroup", &[text(name)])
    }

    /// The last `bytes` of a process's log; 0 is all of it.
    pub(super) fn read_process_log(
        self,
        name: &str,
        channel: Channel,
        bytes: i64,
    ) -> Result<String, Error> {
        let method = match channel {
            Channel::Stdout => "readProcessStdoutLog",
            Channel::Stderr => "readProcessStderrLog",
        };
        self.ask(method, &[text(name), last(bytes), Value::Int(0)])
    }

    /// The last `bytes` of supervisord's own log; 0 is all of it.
    pub(super) fn read_log(self, bytes: i64) -> Result<String, Error> {
        self.ask("readLog", &[last(bytes), Value::Int(0)])
    }

    pub(super) fn clear_process_logs(self, name: &str) -> Result<(), Error> {
        self.order("clearProcessLogs", &[text(name)])
    }

    pub(super) fn clear_all_process_logs(self) -> Result<Vec<Outcome>, Error> {
        self.ask("clearAllProcessLogs", &[])
    }

    pub(super) fn send_process_stdin(self, name: &str, chars: &str) -> Result<(), Error> {
        self.order("sendProcessStdin", &[text(name), text(chars)])
    }

    pub(super) fn reload_config(self) -> Result<Changes, Error> {
        self.ask("reloadConfig", &[])
    }

    pub(super) fn add_process_group(self, name: &str) -> Result<(), Error> {
        self.order("addProcessGroup", &[text(name)])
    }

    /// Not a method of Supervisor's own.
    pub(super) fn update_process_group(self, name: &str) -> Result<(), Error> {
        let answer = self.0.call("config.updateProcessGroup", &[text(name)]);
        answer.map(|_| ())
    }

    /// Looks the file over. Not a method of Supervisor's own.
    pub(super) fn check_config(self) -> Result<Checked, Error> {
        let answer = self.0.call("config.check", &[])?;
        self.read("check", &answer)
    }

    /// Which processes the files have otherwise. Not a method of Supervisor's own, which can't
    /// tell.
    pub(super) fn drift(self) -> Result<Option<Vec<Drift>>, Error> {
        match self.0.call("config.getDrift", &[]) {
            Err(error) if error.is_fault(FaultCode::UnknownMethod) => Ok(None),
            answer => self.read("getDrift", &answer?).map(Some),
        }
    }

    /// What only a reload takes on. Not a method of Supervisor's own, which takes on nothing and
    /// says nothing of it.
    pub(super) fn pending(self) -> Result<Vec<Pending>, Error> {
        match self.0.call("config.getPending", &[]) {
            Err(error) if error.is_fault(FaultCode::UnknownMethod) => Ok(Vec::new()),
            answer => self.read("getPending", &answer?),
        }
    }

    pub(super) fn remove_process_group(self, name: &str) -> Result<(), Error> {
        self.order("removeProcessGroup", &[text(name)])
    }

    pub(super) fn restart(self) -> Result<(), Error> {
        self.order("restart", &[])
    }

    pub(super) fn shutdown(self) -> Result<(), Error> {
        self.order("shutdown", &[])
    }

    /// A call whose answer says something.
    fn ask<T: Reply>(self, method: &str, params: &[Value]) -> Result<T, Error> {
        let answer = self.0.call(&format!("supervisor.{method}"), params)?;
        self.read(method, &answer)
    }

    /// Reads the answer to a call of the method.
    pub(super) fn read<T: Reply>(self, method: &str, answer: &Value) -> Result<T, Error> {
        T::read(answer).map_err(|what| self.0.malformed(format_args!("{method}: {what}")))
    }

    /// A call whose answer says no more than that it worked.
    fn order(self, method: &str, params: &[Value]) -> Result<(), Error> {
        let answer = self.0.call(&format!("supervisor.{method}"), params);
        answer.map(|_| ())
    }
}

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

/// The offset of the last `bytes` of a log.
const fn last(bytes: i64) -> Value {
    Value::Int(bytes.wrapping_neg())
}
