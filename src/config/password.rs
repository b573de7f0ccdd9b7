//! What a server's `password` says.

use super::error::Problem;
use argon2::{Params, PasswordHash};
use std::fmt;

/// The most memory that the hash of a password may need to be verified, in KiB.
const MOST_MEMORY: u32 = 1 << 20;

/// What a client's password is held against.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The password itself.
    Plain(String),
    /// `{SHA}`: its SHA-1; `None` where no lower-case hex digest follows, which nothing ever fits.
    Sha(Option<[u8; 20]>),
    /// `{ARGON2}`: its argon2 hash, with a salt and an output, as a PHC string has it.
    Argon2(Box<PasswordHash>),
}

impl Password {
    /// Reads the option.
    ///
    /// # Errors
    /// When no argon2 hash that can be verified follows `{ARGON2}`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(hash) = text.strip_prefix("{ARGON2}") {
            return Ok(Self::Argon2(Box::new(argon2(hash)?)));
        }
        Ok(match text.strip_prefix("{SHA}") {
            Some(hex) => Self::Sha(unhex(hex)),
            None => Self::Plain(text.to_owned()),
        })
    }
}

/// Its kind; what it is stays untold.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Sha(_) => "Sha",
            Self::Argon2(_) => "Argon2",
        })
    }
}

fn argon2(text: &str) -> Result<PasswordHash, Problem> {
    let hash = PasswordHash::new(text.trim()).or(Err(Problem::Argon2))?;
    let is_argon2 = argon2::Algorithm::new(hash.algorithm.as_str()).is_ok();
    let is_version = hash
        .version
        .is_none_or(|it| argon2::Version::try_from(it).is_ok());
    let is_salted = hash
        .salt
        .is_some_and(|salt| salt.len() >= argon2::MIN_SALT_LEN);
    let params = Params::try_from(&hash).or(Err(Problem::Argon2))?;
    if params.m_cost() > MOST_MEMORY {
        return Err(Problem::Argon2Memory);
    }
    if is_argon2 && is_version && is_salted && hash.hash.is_some() {
        return Ok(hash);
    }
    Err(Problem::Argon2)
}

/// Forty lower-case hex digits to bytes. Upper-case ones never fit in Supervisor.
fn unhex(text: &str) -> Option<[u8; 20]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect();
    bytes?.try_into().ok()
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$\
                        4mqQiyq0VpIzuZmp+8eSF3YJ7Av58TkEJ4LIdOVsAc4";

    #[test]
    fn without_a_brace_it_is_the_password_itself() {
        for text in ["", "secret", "{sha}x", "$argon2id$"] {
            assert_eq!(Password::parse(text), Ok(Password::Plain(text.into())));
        }
    }

    #[test]
    fn a_sha_that_is_no_lower_case_digest_fits_nothing() {
        let parse = |hex: &str| Password::parse(&format!("{{SHA}}{hex}"));
        let hex = "b0399d2029f64d445bd131ffaa399a42d2f8e7dc";
        assert!(matches!(
            parse(hex),
            Ok(Password::Sha(Some([0xb0, .., 0xdc])))
        ));
        for unfit in [hex.to_uppercase().as_str(), &hex[1..], "", "é"] {
            assert_eq!(parse(unfit), Ok(Password::Sha(None)), "{unfit}");
        }
    }

    #[test]
    fn an_argon2_hash_is_whole_or_an_error() {
        let parse = |hash: &str| Password::parse(&format!("{{ARGON2}}{hash}"));
        assert!(matches!(parse(HASH), Ok(Password::Argon2(_))));
        assert!(matches!(
            parse(&HASH.replace("id$", "i$")),
            Ok(Password::Argon2(_))
        ));
        let salt = HASH.find("$c29").unwrap();
        for bad in [
            "",
            "secret",
            &HASH[..salt],
            &HASH[..HASH.len() - 44],
            &HASH.replace("argon2id", "scrypt"),
            &HASH.replace("v=19", "v=18"),
            &HASH.replace("m=64", "m=1"),
            &HASH.replace("t=1", "t=0"),
            &HASH.replace("c29tZXNhbHQ", "c2F0"),
        ] {
            assert_eq!(parse(bad), Err(Problem::Argon2), "{bad}");
        }
        let greedy = HASH.replace("m=64", "m=1048577");
        assert_eq!(parse(&greedy), Err(Problem::Argon2Memory));
    }

    #[test]
    fn it_does_not_show_itself() {
        let shown = format!("{:?}", Password::parse("secret").unwrap());
        assert_eq!(shown, "Plain");
    }
}
