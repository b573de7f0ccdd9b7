//! Users and groups by name or id.

use super::ProgramUser;
use super::error::Problem;
use super::values::integer;
use nix::unistd::{Gid, Group, Uid, User};

/// The user of a name or id; it must exist.
///
/// # Errors
/// [`Problem::UserName`] or [`Problem::UserId`].
pub fn user(text: &str) -> Result<ProgramUser, Problem> {
    let (found, unknown) = match integer(text) {
        Ok(id) => (user_by_id(id), Problem::UserId(text.to_owned())),
        Err(_) => (
            User::from_name(text).ok().flatten(),
            Problem::UserName(text.to_owned()),
        ),
    };
    let user = found.ok_or(unknown)?;
    Ok(ProgramUser {
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
        name: user.name,
    })
}

fn user_by_id(id: i64) -> Option<User> {
    let uid = Uid::from_raw(u32::try_from(id).ok()?);
    User::from_uid(uid).ok().flatten()
}

/// `user` or `user:group`, as ids; without a group there is none.
pub(super) fn user_and_group(text: &str) -> Result<(u32, Option<u32>), Problem> {
    match text.split_once(':') {
        Some((name, of)) => Ok((user(name)?.uid, Some(group(of)?))),
        None => Ok((user(text)?.uid, None)),
    }
}

fn group(text: &str) -> Result<u32, Problem> {
    let (found, unknown) = match integer(text) {
        Ok(id) => (group_by_id(id), Problem::GroupId(text.to_owned())),
        Err(_) => (
            Group::from_name(text).ok().flatten(),
            Problem::GroupName(text.to_owned()),
        ),
    };
    found.map(|group| group.gid.as_raw()).ok_or(unknown)
}

fn group_by_id(id: i64) -> Option<Group> {
    let gid = Gid::from_raw(u32::try_from(id).ok()?);
    Group::from_gid(gid).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_found_by_name_and_id() {
        for text in ["root", "0"] {
            let root = user(text).unwrap();
            assert_eq!((root.uid, root.gid, root.name.as_str()), (0, 0, "root"));
        }
        assert_eq!(user_and_group("root:0"), Ok((0, Some(0))));
        assert_eq!(user_and_group("0"), Ok((0, None)));
    }

    #[test]
    fn who_does_not_exist_is_told_by_name_or_id() {
        for (text, told) in [
            ("", "Invalid user name "),
            ("no\0body", "Invalid user name no\0body"),
            ("4294967290", "Invalid user id 4294967290"),
            ("-1", "Invalid user id -1"),
        ] {
            assert_eq!(user(text).unwrap_err().to_string(), told);
        }
        let told = user_and_group("root:no group").unwrap_err().to_string();
        assert_eq!(told, "Invalid group name no group");
    }
}
