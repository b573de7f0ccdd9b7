//! Users and groups, and becoming one.

use super::errno::Errno;
use nix::unistd::{self, Gid, Uid, User};
use std::ffi::CString;

/// A user to become: what setgroups(2), setgid(2) and setuid(2) get, in that order.
///
/// HOME, USER, LOGNAME and SHELL are no part of it: as in Supervisor they stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user id.
    pub uid: u32,
    /// The user's primary group.
    pub gid: u32,
    /// The primary group and every group that lists the user.
    pub groups: Vec<u32>,
}

/// Why we can't become a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The password database has no such uid, or couldn't be read.
    #[error("Can't find uid {0}")]
    UnknownUid(u32),
    /// We are neither that user nor root.
    #[error("Can't drop privilege as nonroot user")]
    NotRoot,
    /// setgroups(2) failed.
    #[error("Could not set groups of effective user")]
    Groups,
    /// setgid(2) failed.
    #[error("Could not set group id of effective user")]
    Group,
    /// setuid(2) failed.
    #[error("Could not set user id of effective user")]
    User,
}

impl Identity {
    /// The user with this id, and the groups that it has now.
    pub fn of_uid(uid: u32) -> Result<Self, Refusal> {
        let unknown = Refusal::UnknownUid(uid);
        match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => Self::of_user(&user).map_err(|_| unknown),
            Ok(None) | Err(_) => Err(unknown),
        }
    }

    fn of_user(user: &User) -> Result<Self, Errno> {
        let name = CString::new(user.name.as_str()).map_err(|_| Errno::EINVAL)?;
        let mut groups = vec![user.gid.as_raw()];
        for group in unistd::getgrouplist(&name, user.gid)? {
            if !groups.contains(&group.as_raw()) {
                groups.push(group.as_raw());
            }
        }
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            groups,
        })
    }

    fn assume(&self) -> Result<(), Refusal> {
        let groups: Vec<Gid> = self.groups.iter().copied().map(Gid::from_raw).collect();
        unistd::setgroups(&groups).map_err(|_| Refusal::Groups)?;
        unistd::setgid(Gid::from_raw(self.gid)).map_err(|_| Refusal::Group)?;
        unistd::setuid(Uid::from_raw(self.uid)).map_err(|_| Refusal::User)
    }
}

/// Whom a child runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunAs {
    /// As we do.
    Ourselves,
    /// As this user.
    User(Identity),
    /// As nobody: the child tells why and exits 127.
    Refused {
        /// The user that was wanted.
        uid: u32,
        /// Why not.
        why: Refusal,
    },
}

impl RunAs {
    /// How to run as the user that a program's `user` names; `None` names nobody.
    pub fn of(uid: Option<u32>) -> Self {
        let Some(uid) = uid else {
            return Self::Ourselves;
        };
        match wanted(uid) {
            Ok(None) => Self::Ourselves,
            Ok(Some(identity)) => Self::User(identity),
            Err(why) => Self::Refused { uid, why },
        }
    }
}

/// The identity to take on to be `uid`; `None` when we are that user already.
fn wanted(uid: u32) -> Result<Option<Identity>, Refusal> {
    let identity = Identity::of_uid(uid)?;
    let current = unistd::getuid();
    if current.as_raw() == uid {
        Ok(None)
    } else if current.is_root() {
        Ok(Some(identity))
    } else {
        Err(Refusal::NotRoot)
    }
}

/// The uid of a user as the `user` option of `[supervisord]` names it: a number or a name.
pub fn uid_of(user: &str) -> Result<u32, UnknownUser> {
    match user.trim().parse() {
        Ok(number) => uid_of_number(number).ok_or(UnknownUser::Id(number)),
        Err(_) => uid_of_name(user).ok_or_else(|| UnknownUser::Name(user.to_owned())),
    }
}

fn uid_of_number(number: i64) -> Option<u32> {
    let uid = Uid::from_raw(u32::try_from(number).ok()?);
    let user = User::from_uid(uid).ok()??;
    Some(user.uid.as_raw())
}

fn uid_of_name(name: &str) -> Option<u32> {
    let user = User::from_name(name).ok()??;
    Some(user.uid.as_raw())
}

/// A user whom the password database does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownUser {
    /// By number.
    #[error("Invalid user id {0}")]
    Id(i64),
    /// By name.
    #[error("Invalid user name {0}")]
    Name(String),
}

/// Becomes another user for good, groups included; does nothing when we are that user already.
/// To be called while the process has one thread.
pub fn drop_privileges(uid: u32) -> Result<(), Refusal> {
    match wanted(uid)? {
        Some(identity) => identity.assume(),
        None => Ok(()),
    }
}

/// Whether we run as root.
pub fn is_root() -> bool {
    unistd::getuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        assert_eq!(uid_of("root"), Ok(0));
        assert_eq!(uid_of(" 0 "), Ok(0));
    }

    #[test]
    fn a_user_that_is_not_there_is_named() {
        for (user, text) in [
            ("nosuch88", "Invalid user name nosuch88"),
            ("4000000000", "Invalid user id 4000000000"),
            ("-5", "Invalid user id -5"),
            ("nul\0byte", "Invalid user name nul\0byte"),
        ] {
            assert_eq!(uid_of(user).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn to_be_who_we_are_needs_nothing() {
        let uid = unistd::getuid().as_raw();
        assert_eq!(RunAs::of(Some(uid)), RunAs::Ourselves);
        assert_eq!(RunAs::of(None), RunAs::Ourselves);
        assert_eq!(drop_privileges(uid), Ok(()));
    }

    #[test]
    fn an_unknown_uid_is_refused_with_its_number() {
        let RunAs::Refused { uid, why } = RunAs::of(Some(4_000_000_000)) else {
            panic!("not refused");
        };
        assert_eq!(uid, 4_000_000_000);
        assert_eq!(why.to_string(), "Can't find uid 4000000000");
    }

    #[test]
    fn the_primary_group_comes_first_and_once() {
        let root = Identity::of_uid(0).unwrap();
        assert_eq!(
            root.groups
                .iter()
                .filter(|&&group| group == root.gid)
                .count(),
            1
        );
        assert_eq!(root.groups.first(), Some(&root.gid));
    }
}
