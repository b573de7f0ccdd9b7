//! TLS for servers: certificates from files, read anew when that is asked for.

use crate::config::TlsFiles;
use crate::os::errno::io_error_words;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Why a server can't speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("can't read {path}: {}", io_error_words(.error), path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file holds nothing of use.
    #[error("{path} holds no {what} in PEM", path = .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The certificate and the key don't go together, or are of no kind that we know.
    #[error("can't use {path}: {error}", path = .path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        #[source]
        error: rustls::Error,
    },
}

/// What a server speaks TLS with.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    config: Mutex<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the certificate and the key.
    ///
    /// # Errors
    /// When they can't be read or are of no use.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            files: files.clone(),
            config: Mutex::new(read(files)?),
        })
    }

    /// Reads them anew, for connections that are made from now on.
    ///
    /// # Errors
    /// The same; what was read before stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.files)?;
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// What accepts a connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(config.clone())
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = pem(&files.cert, "certificate", |bytes| {
        CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>()
    })?;
    if chain.is_empty() {
        return Err(empty(&files.cert, "certificate"));
    }
    let key = pem(&files.key, "private key", PrivateKeyDer::from_pem_slice)?;
    let unusable = |error| TlsError::Unusable {
        path: files.cert.clone(),
        error,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn pem<T>(
    path: &Path,
    what: &'static str,
    parse: impl FnOnce(&[u8]) -> Result<T, pem::Error>,
) -> Result<T, TlsError> {
    let bytes = std::fs::read(path).map_err(|error| TlsError::Read {
        path: path.to_owned(),
        error,
    })?;
    parse(&bytes).map_err(|_| empty(path, what))
}

fn empty(path: &Path, what: &'static str) -> TlsError {
    let path = path.to_owned();
    TlsError::Empty { path, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(cert: &str, key: &str) -> TlsFiles {
        let path = |name: &str| {
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/tls")
                .join(name)
        };
        TlsFiles {
            cert: path(cert),
            key: path(key),
        }
    }

    #[test]
    fn a_certificate_goes_with_its_key_alone() {
        assert!(Tls::load(&files("one.crt", "one.key")).is_ok());
        let error = |cert, key| Tls::load(&files(cert, key)).unwrap_err().to_string();
        assert!(error("one.crt", "two.key").starts_with("can't use "));
        assert!(error("one.key", "one.key").ends_with("one.key holds no certificate in PEM"));
        assert!(error("one.crt", "one.crt").ends_with("one.crt holds no private key in PEM"));
        assert!(error("none.crt", "one.key").starts_with("can't read "));
    }
}
