//! Whether a client's password is the server's.

use crate::config;
use actix_web::rt::task::spawn_blocking;
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use sha1::{Digest as _, Sha1};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::OnceLock;
use subtle::{Choice, ConstantTimeEq as _};
use tokio::sync::Semaphore;

/// One argon2 hash is verified at a time, whoever asks: it takes memory and a processor.
static TURN: Semaphore = Semaphore::const_new(1);

/// A digest of a password.
type Digest = [u8; 20];

/// What a server keeps of its password. Only digests are compared, in a time that tells nothing.
pub(super) enum Password {
    /// SHA-1, of a plain password or of `{SHA}`; `None` can't be met.
    Sha(Option<Digest>),
    /// `{ARGON2}`.
    Argon2(Argon2Password),
}

impl Password {
    /// Of what the configuration says; what it does not say can't be met.
    pub(super) fn of(password: Option<&config::Password>) -> Self {
        match password {
            Some(config::Password::Plain(text)) => Self::Sha(Some(Sha1::digest(text).into())),
            Some(config::Password::Sha(digest)) => Self::Sha(*digest),
            Some(config::Password::Argon2(hash)) => Self::Argon2(Argon2Password::new(hash.clone())),
            None => Self::Sha(None),
        }
    }

    /// Whether this is the password.
    pub(super) async fn is(&self, given: &str) -> Choice {
        match self {
            Self::Sha(digest) => {
                let known = digest.unwrap_or_default();
                let given: Digest = Sha1::digest(given).into();
                given.ct_eq(&known) & Choice::from(u8::from(digest.is_some()))
            }
            Self::Argon2(password) => password.is(given).await,
        }
    }
}

/// An argon2 hash. Verifying it is meant to be slow, so it is done elsewhere, and only until it
/// fits once: from then on its clients are known by a digest with a key of this run.
pub(super) struct Argon2Password {
    hash: Box<PasswordHash>,
    key: [u64; 2],
    known: OnceLock<Digest>,
}

impl Argon2Password {
    fn new(hash: Box<PasswordHash>) -> Self {
        Self {
            hash,
            key: [(); 2].map(|()| RandomState::new().hash_one(())),
            known: OnceLock::new(),
        }
    }

    async fn is(&self, given: &str) -> Choice {
        let digest = self.digest(given);
        if let Some(known) = self.known.get() {
            return known.ct_eq(&digest);
        }
        let Ok(_turn) = TURN.acquire().await else {
            return Choice::from(0);
        };
        // Somebody may have been faster.
        if let Some(known) = self.known.get() {
            return known.ct_eq(&digest);
        }
        let fits = verify(self.hash.clone(), given.to_owned()).await;
        if fits {
            let _ = self.known.set(digest);
        }
        Choice::from(u8::from(fits))
    }

    fn digest(&self, given: &str) -> Digest {
        let [one, two] = self.key.map(u64::to_ne_bytes);
        let keyed = Sha1::new().chain_update(one).chain_update(two);
        keyed.chain_update(given).finalize().into()
    }
}

async fn verify(hash: Box<PasswordHash>, given: String) -> bool {
    let fits = move || Argon2::default().verify_password(given.as_bytes(), &*hash);
    matches!(spawn_blocking(fits).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(password: &Password, given: &str) -> bool {
        let is = password.is(given);
        actix_web::rt::Runtime::new().unwrap().block_on(is).into()
    }

    fn password(text: &str) -> Password {
        Password::of(Some(&config::Password::parse(text).unwrap()))
    }

    #[test]
    fn a_plain_password_is_itself() {
        let password = password("pa:ss");
        assert!(is(&password, "pa:ss"));
        assert!(!is(&password, "pa:s") && !is(&password, ""));
    }

    #[test]
    fn a_sha_password_is_known_by_its_digest() {
        let hex = "b0399d2029f64d445bd131ffaa399a42d2f8e7dc";
        let known = password(&format!("{{SHA}}{hex}"));
        assert!(is(&known, "qwertyuiop"));
        assert!(!is(&known, "bar") && !is(&known, hex));
        let unfit = password(&format!("{{SHA}}{}", hex.to_uppercase()));
        assert!(!is(&unfit, "qwertyuiop"));
    }

    #[test]
    fn an_argon2_password_fits_again_and_again() {
        let known = password(
            "{ARGON2}$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$\
             4mqQiyq0VpIzuZmp+8eSF3YJ7Av58TkEJ4LIdOVsAc4",
        );
        for _ in 0..2 {
            assert!(!is(&known, "wrong"));
            assert!(is(&known, "secret"));
            assert!(!is(&known, ""));
        }
    }
}
