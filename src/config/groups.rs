//! All groups of a configuration: `[group:x]`, and the programs that are in none.

use super::error::{ConfigError, Problem};
use super::instance::processes;
use super::program::name_of;
use super::reading::Reading;
use super::section::Section;
use super::values::{integer, list};
use super::{EventListener, FcgiSocket, Group, GroupKind, ProcessConfig, Remark};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Reads all groups: those of `[group:x]` first, then programs, listeners and FastCGI programs.
/// They come back in the order of activation, with unique names.
pub(super) fn read(reading: &mut Reading<'_>) -> Vec<Arc<Group>> {
    let mut groups = Groups::default();
    for section in reading.sections("group:") {
        let group = groups.plain(reading, &section);
        groups.add(reading, section, group);
    }
    for section in reading.sections("program:") {
        if !groups.members.contains(&section) {
            let group = program(reading, &section);
            groups.add(reading, section, group);
        }
    }
    for section in reading.sections("eventlistener:") {
        let group = listener_pool(reading, &section);
        groups.add(reading, section, group);
    }
    for section in reading.sections("fcgi-program:") {
        if !groups.members.contains(&section) {
            let group = fcgi_program(reading, &section);
            groups.add(reading, section, group);
        }
    }
    groups.finish(&mut reading.found.remarks)
}

#[derive(Default)]
struct Groups {
    found: Vec<(String, Group)>,
    /// The sections of programs that are in a group.
    members: HashSet<String>,
}

impl Groups {
    fn add(
        &mut self,
        reading: &mut Reading<'_>,
        section: String,
        group: Result<Group, ConfigError>,
    ) {
        let group = reading.found.keep(group);
        self.found.extend(group.map(|group| (section, group)));
    }

    fn plain(&mut self, reading: &mut Reading<'_>, name: &str) -> Result<Group, ConfigError> {
        let section = reading.section(name);
        let group = name_of(&section)?;
        let programs = section.text("programs")?.unwrap_or_default().into_owned();
        let priority = section.get("priority", integer)?.unwrap_or(999);
        let (mut all, mut sockets) = (Vec::new(), Vec::new());
        for program in list(&programs) {
            let member = member_section(&reading.section(name), reading, program);
            let Some(member) = reading.found.keep(member) else {
                continue;
            };
            self.members.insert(member.clone());
            if member.starts_with("fcgi-") {
                let socket = fcgi_socket(&reading.section(&member));
                sockets.extend(reading.found.keep(socket));
            }
            let read = processes(reading, &member, &group);
            all.extend(reading.found.keep(read).unwrap_or_default());
        }
        Ok(Group {
            processes: unique(all, &mut reading.found.remarks, name),
            name: group,
            priority,
            kind: GroupKind::Plain,
            sockets,
        })
    }

    /// Sorts the groups. Of those of one name the first is kept.
    fn finish(mut self, remarks: &mut Vec<Remark>) -> Vec<Arc<Group>> {
        self.found
            .sort_by(|(_, a), (_, b)| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
        let mut names = HashSet::new();
        let mut groups = Vec::with_capacity(self.found.len());
        for (section, group) in self.found {
            if names.insert(Arc::clone(&group.name)) {
                groups.push(Arc::new(group));
            } else {
                remarks.push(Remark::warn(format!(
                    "For [{section}], another group is named {} and comes first, this one has \
                     been ignored",
                    group.name
                )));
            }
        }
        groups
    }
}

fn member_section(
    group: &Section<'_>,
    reading: &Reading<'_>,
    program: &str,
) -> Result<String, ConfigError> {
    let (plain, fcgi) = (
        format!("program:{program}"),
        format!("fcgi-program:{program}"),
    );
    let (name, program) = (group.name.to_owned(), program.to_owned());
    let problem = match (reading.document.has(&plain), reading.document.has(&fcgi)) {
        (true, false) => return Ok(plain),
        (false, true) => return Ok(fcgi),
        (true, true) => Problem::AmbiguousProgram {
            group: name,
            program,
        },
        (false, false) => Problem::UnknownProgram {
            group: name,
            program,
        },
    };
    Err(group.error("programs", problem))
}

fn program(reading: &mut Reading<'_>, name: &str) -> Result<Group, ConfigError> {
    let section = reading.section(name);
    let group = name_of(&section)?;
    let priority = section.get("priority", integer)?.unwrap_or(999);
    let all = processes(reading, name, &group)?;
    Ok(Group {
        processes: unique(all, &mut reading.found.remarks, name),
        name: group,
        priority,
        kind: GroupKind::Plain,
        sockets: Vec::new(),
    })
}

fn fcgi_program(reading: &mut Reading<'_>, name: &str) -> Result<Group, ConfigError> {
    let section = reading.section(name);
    let group = name_of(&section)?;
    let priority = section.get("priority", integer)?.unwrap_or(999);
    let sockets = vec![fcgi_socket(&section)?];
    let all = processes(reading, name, &group)?;
    Ok(Group {
        processes: unique(all, &mut reading.found.remarks, name),
        name: group,
        priority,
        kind: GroupKind::Fcgi,
        sockets,
    })
}

fn fcgi_socket(section: &Section<'_>) -> Result<(Arc<str>, FcgiSocket), ConfigError> {
    let program = name_of(section)?;
    let socket = FcgiSocket::read(section, &program)?;
    Ok((program, socket))
}

/// A pool's name is what follows the colon, blanks and all; its priority makes it start first.
fn listener_pool(reading: &mut Reading<'_>, name: &str) -> Result<Group, ConfigError> {
    let section = reading.section(name);
    let pool = Arc::from(section.suffix());
    let priority = section.get("priority", integer)?.unwrap_or(-1);
    let (listener, remark) = EventListener::read(&section)?;
    let all = processes(reading, name, &pool)?;
    reading.found.remarks.extend(remark);
    Ok(Group {
        processes: unique(all, &mut reading.found.remarks, name),
        name: pool,
        priority,
        kind: GroupKind::EventListener(listener),
        sockets: Vec::new(),
    })
}

/// Processes of one name come down to the last of them, in the place of the first.
fn unique(
    all: Vec<Arc<ProcessConfig>>,
    remarks: &mut Vec<Remark>,
    section: &str,
) -> Vec<Arc<ProcessConfig>> {
    let count = all.len();
    let mut places = HashMap::with_capacity(count);
    let mut kept: Vec<Arc<ProcessConfig>> = Vec::with_capacity(count);
    for process in all {
        let place = *places
            .entry(Arc::clone(&process.name))
            .or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => *earlier = process,
            None => kept.push(process),
        }
    }
    if kept.len() < count {
        remarks.push(Remark::warn(format!(
            "For [{section}], processes have been ignored because later ones bear the same names: \
             {}",
            count - kept.len()
        )));
    }
    kept
}
