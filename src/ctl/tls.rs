//! TLS: which servers to trust, and talking to them.

use super::Error;
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use crate::os::errno::io_error_words;
use jiff::Timestamp;
use socket2::Socket;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, ClientConnection, InvalidMessage, RootCertStore,
};

/// Whose certificates are trusted: those of a file, or else the system's. They are read for the
/// first server that shows one.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    cacert: Option<PathBuf>,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

/// A socket behind TLS. It does not block.
pub(super) struct Session {
    tls: ClientConnection,
    socket: Socket,
}

impl Trust {
    /// Trusts the certificates of this file, in PEM.
    pub(super) fn new(cacert: Option<PathBuf>) -> Self {
        Self {
            cacert,
            config: Arc::default(),
        }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let roots = match &self.cacert {
            Some(path) => of_file(path)?,
            None => of_system(),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Trust(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(self.config.get_or_init(|| Arc::new(config)).clone())
    }
}

/// The system's, as far as they can be read: where there are none, no server is trusted.
fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn of_file(path: &Path) -> Result<RootCertStore, Error> {
    let fail = |what: &str| Error::Trust(format!("{}: {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| fail(&io_error_words(&error)))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|_| fail("no certificate in PEM"))?;
        let added = roots.add(certificate);
        added.map_err(|error| fail(&error.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(fail("no certificate in PEM")),
        false => Ok(roots),
    }
}

impl Session {
    /// Makes sure that the server at the other end of the socket is the one that the URL names.
    pub(super) fn open(
        url: &ServerUrl,
        host: &str,
        socket: Socket,
        trust: &Trust,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| Error::BadHost(url.as_str().to_owned()))?;
        let tls = ClientConnection::new(trust.config()?, name);
        let tls = tls.map_err(|error| Error::Trust(error.to_string()))?;
        let mut session = Self { tls, socket };
        while session.tls.is_handshaking() {
            match session.tls.complete_io(&mut session.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    session.wait(interrupt)?;
                }
                Err(error) => return Err(failed(url.as_str(), error)),
            }
        }
        Ok(session)
    }

    fn wait(&self, interrupt: &Interrupt) -> Result<(), Error> {
        match self.tls.wants_write() {
            true => interrupt.wait_writable(self.socket.as_fd()),
            false => interrupt.wait(&[self.socket.as_fd()]).map(drop),
        }
    }

    /// Whether something that was written has yet to go out.
    pub(super) fn holds_back(&self) -> bool {
        self.tls.wants_write()
    }
}

impl Read for Session {
    /// What one look at the socket brings fits into a buffer of 64 KiB: who reads into one leaves
    /// nothing behind that no `poll` would tell of.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // It hung up without a word. Whether that is too early, HTTP knows.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            self.tls.read_tls(&mut self.socket)?;
            let taken = self.tls.process_new_packets();
            taken.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

impl Write for Session {
    /// Takes bytes once those before are on their way.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        self.tls.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

impl AsFd for Session {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn failed(url: &str, error: io::Error) -> Error {
    let inner = error.get_ref().and_then(|it| it.downcast_ref());
    let what = match (inner, error.kind()) {
        (Some(error), _) => words(error),
        (None, io::ErrorKind::UnexpectedEof) => NO_TLS.to_owned(),
        (None, _) => return Error::from_io(url, error),
    };
    let url = url.to_owned();
    Error::Tls { url, what }
}

const NO_TLS: &str = "the server speaks no TLS; try http://";

/// What is wrong, and what to do about it.
fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_words(error),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => NO_TLS.to_owned(),
        other => other.to_string(),
    }
}

fn certificate_words(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "its certificate is not trusted; --cacert FILE names \
                                            one that is to be: its own, or its issuer's"
            .to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            let seconds = i64::try_from(not_after.as_secs()).unwrap_or(i64::MAX);
            let end = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
            format!("its certificate has expired, at {end}")
        }
        CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet, by the clock of this machine".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().map(|it| bare(it)).collect();
            format!("its certificate is for another name: {}", names.join(", "))
        }
        CertificateError::Other(other) if other.0.to_string() == "CaUsedAsEndEntity" => {
            "its certificate is one for issuers (CA:TRUE), which no server may use".to_owned()
        }
        other => format!("its certificate can't be trusted: {other:?}"),
    }
}

/// A name out of `DnsName("name")`, as rustls tells it.
fn bare(presented: &str) -> &str {
    let inner = presented.split_once('(').map_or(presented, |(_, it)| it);
    inner.trim_matches([')', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cacert(name: &str) -> Result<usize, String> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
        let roots = of_file(&directory.join(name));
        roots.map(|roots| roots.len()).map_err(|it| it.to_string())
    }

    #[test]
    fn a_file_that_holds_no_certificates_is_told() {
        assert_eq!(cacert("one.crt"), Ok(1));
        for (name, want) in [("one.key", "no certificate in PEM"), ("none", "(ENOENT)")] {
            let told = cacert(name).unwrap_err();
            assert!(told.contains(name) && told.ends_with(want), "{told}");
        }
    }
}
