//! Whether a client's password is the server's.

use super::turns::{Place, Turns};
use crate::config;
use actix_web::rt::task::spawn_blocking;
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use sha1::{Digest as _, Sha1};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use subtle::{Choice, ConstantTimeEq as _};

/// One argon2 hash is verified at a time, whoever asks: it takes memory and a processor.
pub(super) static TURNS: Turns = Turns::new();

/// A digest of a password.
type Digest = [u8; 20];

/// Too many guess.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowded;

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
            Some(config::Password::Argon2(hash)) => Self::Argon2(Argon2Password(hash.clone())),
            None => Self::Sha(None),
        }
    }

    /// Whether this is the password, as a client from this place gave it.
    pub(super) async fn is(&self, given: &str, place: Place) -> Result<bool, Crowded> {
        match self {
            Self::Sha(digest) => {
                let known = digest.unwrap_or_default();
                let given: Digest = Sha1::digest(given).into();
                let is_there = Choice::from(u8::from(digest.is_some()));
                Ok((given.ct_eq(&known) & is_there).into())
            }
            Self::Argon2(password) => password.is(given, place).await,
        }
    }
}

/// An argon2 hash. Verifying it is meant to be slow, so it is done elsewhere, and only until it
/// fits once: from then on its clients are known by a digest with a key of this process.
pub(super) struct Argon2Password(Box<PasswordHash>);

impl Argon2Password {
    async fn is(&self, given: &str, place: Place) -> Result<bool, Crowded> {
        let (hash, digest) = (self.0.to_string(), digest(given));
        let is_known = || Some(known().get(&hash)?.ct_eq(&digest).into());
        if let Some(fits) = is_known() {
            return Ok(fits);
        }
        let _turn = TURNS.take(place).await.ok_or(Crowded)?;
        // Somebody may have been faster.
        if let Some(fits) = is_known() {
            return Ok(fits);
        }
        let fits = verify(self.0.clone(), given.to_owned()).await;
        if fits {
            known().insert(hash, digest);
        }
        Ok(fits)
    }
}

/// The digests of the passwords that have fitted, by their hashes. They outlive a reload.
fn known() -> MutexGuard<'static, HashMap<String, Digest>> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Digest>>> = LazyLock::new(Mutex::default);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn digest(given: &str) -> Digest {
    static KEY: LazyLock<[u64; 2]> =
        LazyLock::new(|| [(); 2].map(|()| RandomState::new().hash_one(())));
    let [one, two] = KEY.map(u64::to_ne_bytes);
    let keyed = Sha1::new().chain_update(one).chain_update(two);
    keyed.chain_update(given).finalize().into()
}

async fn verify(hash: Box<PasswordHash>, given: String) -> bool {
    let fits = move || Argon2::default().verify_password(given.as_bytes(), &*hash);
    matches!(spawn_blocking(fits).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn is(password: &Password, given: &str) -> bool {
        let is = password.is(given, None);
        actix_web::rt::Runtime::new().unwrap().block_on(is).unwrap()
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

    #[test]
    fn who_has_fitted_once_waits_for_nobody_even_after_a_reload() {
        let hash = "{ARGON2}$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$\
             4mqQiyq0VpIzuZmp+8eSF3YJ7Av58TkEJ4LIdOVsAc4";
        assert!(is(&password(hash), "secret"));
        let runtime = actix_web::rt::Runtime::new().unwrap();
        let _turn = runtime.block_on(TURNS.take(None)).unwrap();
        let again = password(hash);
        assert_eq!(again.is("secret", None).now_or_never(), Some(Ok(true)));
        assert_eq!(again.is("wrong", None).now_or_never(), Some(Ok(false)));
    }
}
