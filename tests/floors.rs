//! The house's own law: which room may know which. Reads every file in `src/` and names each line
//! that breaks it.
#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and their floors. A room imports rooms of lower floors, and rooms of its own floor
/// as long as no circle comes of it.
const FLOORS: &[(&str, u8)] = &[
    ("process", 0),
    ("events", 0),
    ("xmlrpc", 0),
    ("os", 1),
    ("logging", 1),
    ("config", 2),
    ("actors", 3),
    ("rpc", 4),
    ("ctl", 4),
    ("bin", 5),
];

/// Imports that the floors would allow and the house does not: supervisorctl is a client only.
const STRANGERS: &[(&str, &str)] = &[("ctl", "actors"), ("ctl", "rpc"), ("rpc", "ctl")];

/// Words that only these rooms say.
const RESERVED: &[(&str, &[&str])] = &[
    ("actix::", &["actors"]),
    ("actix_web::", &["rpc"]),
    ("unsafe", &["os"]),
];

/// What floor 0 never says: it reads no clock, touches no descriptor and prints nothing.
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "actix",
    "eprintln!",
    "libc::",
    "nix::",
    "println!",
    "slog::",
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "tokio::",
];

#[test]
fn every_room_knows_only_what_lies_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources: Vec<Source> = rust_files(&root)
        .iter()
        .map(|path| read(&root, path))
        .collect();
    let breaches = inspect(&sources);
    assert!(
        breaches.is_empty(),
        "the floors are broken:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn the_table_names_every_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms: BTreeSet<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let table = FLOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, table);
}

/// One file of the house.
struct Source {
    room: String,
    name: String,
    text: String,
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A room is a folder of `src/`; a file that lies there directly (lib.rs) belongs to none.
fn read(root: &Path, path: &Path) -> Source {
    let inside = path.strip_prefix(root).unwrap();
    let room = if inside.components().count() > 1 {
        inside.iter().next().unwrap()
    } else {
        "".as_ref()
    };
    Source {
        room: room.to_str().unwrap().to_owned(),
        name: inside.display().to_string(),
        text: fs::read_to_string(path).unwrap(),
    }
}

/// Every breach of the law in these files, one line each.
fn inspect(sources: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut neighbours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let code = code_only(&source.text);
        for (line, fault) in foreign_words(source, &code) {
            breaches.push(format!("src/{}:{line}: {fault}", source.name));
        }
        for (line, other) in imports(&code) {
            if let Some(fault) = forbidden(&source.room, &other) {
                breaches.push(format!("src/{}:{line}: {fault}", source.name));
            } else if source.room != other {
                neighbours
                    .entry(source.room.clone())
                    .or_default()
                    .insert(other);
            }
        }
    }
    breaches.extend(circles(&neighbours));
    breaches
}

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

/// Why `room` may not import `other`; `None` where it may.
fn forbidden(room: &str, other: &str) -> Option<String> {
    let (above, below) = (floor(room)?, floor(other)?);
    if below > above {
        return Some(format!(
            "{room} (floor {above}) imports {other} (floor {below})"
        ));
    }
    STRANGERS
        .contains(&(room, other))
        .then(|| format!("{room} must not know {other}"))
}

/// The reserved words that this file has no right to, with their lines.
fn foreign_words(source: &Source, code: &str) -> Vec<(usize, String)> {
    let room = source.room.as_str();
    let reserved = RESERVED
        .iter()
        .filter(|(_, rooms)| !rooms.contains(&room))
        .map(|(word, _)| *word);
    let impure = IMPURE.iter().copied().filter(|_| floor(room) == Some(0));
    let mut found = Vec::new();
    for word in reserved.chain(impure) {
        let lines = occurrences(code, word).map(|at| line_of(code, at));
        found.extend(lines.map(|line| (line, format!("`{word}` is not said in {room}"))));
    }
    found
}

/// The rooms that this code names after `crate::` (in a bin: after `supervisor::`), with lines.
/// What climbs by `super::super::` may have left its room, too.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for prefix in ["crate::", "supervisor::", "super::super::"] {
        for at in occurrences(code, prefix) {
            let names = heads(&code[at + prefix.len()..]);
            let rooms = names.into_iter().filter(|name| floor(name).is_some());
            found.extend(rooms.map(|room| (line_of(code, at), room)));
        }
    }
    found
}

/// The first segments of the path, or of every path in the braces, at the start of `text`.
fn heads(text: &str) -> Vec<String> {
    let Some(group) = text.strip_prefix('{') else {
        return vec![identifier(text)];
    };
    let (mut depth, mut start, mut heads) = (1, 0, Vec::new());
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        let ends_item = depth == 0 || (depth == 1 && sign == ',');
        if ends_item {
            heads.push(identifier(group[start..at].trim()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|&sign| is_word(sign)).collect()
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Where `word` stands in `code` and is not a part of a longer word.
fn occurrences<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = code[..at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            let open_end = word.ends_with(is_word) && after.is_some_and(is_word);
            !before.is_some_and(is_word) && !open_end
        })
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// Rooms of one floor that import each other in a circle. A room of a lower floor cannot lead
/// back up, so any circle lies on one floor.
fn circles(neighbours: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reaches = |from: &str, to: &str| {
        let (mut seen, mut ahead) = (BTreeSet::new(), vec![from]);
        while let Some(room) = ahead.pop() {
            for next in neighbours.get(room).into_iter().flatten() {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    ahead.push(next);
                }
            }
        }
        false
    };
    let circular = neighbours.keys().filter(|room| reaches(room, room));
    circular
        .map(|room| format!("{room} imports itself by way of others"))
        .collect()
}

/// The source with comments and the insides of literals blanked out; lines stay where they are.
fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(sign) = rest.chars().next() {
        let skipped = skip_length(rest, code.chars().next_back());
        if skipped == 0 {
            code.push(sign);
            rest = &rest[sign.len_utf8()..];
        } else {
            let blank = rest[..skipped]
                .chars()
                .map(|c| if c == '\n' { c } else { ' ' });
            code.extend(blank);
            rest = &rest[skipped..];
        }
    }
    code
}

/// How many bytes at the start of `rest` are a comment or a literal; 0 when it is code.
fn skip_length(rest: &str, before: Option<char>) -> usize {
    let to = |end: Option<usize>, length: usize| end.map_or(rest.len(), |at| at + length);
    if rest.starts_with("//") {
        return to(rest.find('\n'), 0);
    }
    if rest.starts_with("/*") {
        return to(rest.find("*/"), 2);
    }
    if rest.starts_with('"') {
        return quoted_length(rest, '"');
    }
    if rest.starts_with('\'') {
        return char_length(rest);
    }
    if rest.starts_with('r') && !before.is_some_and(|sign| is_word(sign) && sign != 'b') {
        return raw_length(rest);
    }
    0
}

/// The length of a literal between `quote`s, its escapes heeded.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        if sign == '\\' {
            signs.next();
        } else if sign == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of a character literal; 0 for a lifetime.
fn char_length(rest: &str) -> usize {
    let mut signs = rest.chars().skip(1);
    let first = signs.next();
    let is_literal = first == Some('\\') || signs.next() == Some('\'');
    if is_literal {
        quoted_length(rest, '\'')
    } else {
        0
    }
}

/// The length of a raw string `r#"…"#`; 0 for anything else that begins with an r.
fn raw_length(rest: &str) -> usize {
    let hashes: String = rest[1..].chars().take_while(|&sign| sign == '#').collect();
    let body = &rest[1 + hashes.len()..];
    if !body.starts_with('"') {
        return 0;
    }
    let end = format!("\"{hashes}");
    let open = 2 + hashes.len();
    rest[open..]
        .find(&end)
        .map_or(rest.len(), |at| open + at + end.len())
}

/// The breaches in made-up files, each given as its path and text.
fn breaches_in(files: &[(&str, &str)]) -> String {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source {
            room: name.split('/').next().unwrap().to_owned(),
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    inspect(&sources)
        .iter()
        .fold(String::new(), |mut all, breach| {
            writeln!(all, "{breach}").unwrap();
            all
        })
}

#[test]
fn an_import_from_above_is_named_with_its_line() {
    assert_eq!(
        breaches_in(&[("os/spawn.rs", "use std::io;\nuse crate::config::Config;\n")]),
        "src/os/spawn.rs:2: os (floor 1) imports config (floor 2)\n"
    );
}

#[test]
fn nested_imports_and_bare_paths_count_too() {
    let nested = "use crate::{\n    process::{Pid, rpc},\n    rpc::serve,\n};\nfn f() { crate::ctl::run() }\n";
    assert_eq!(
        breaches_in(&[("config/mod.rs", nested)]),
        "src/config/mod.rs:1: config (floor 2) imports rpc (floor 4)\n\
         src/config/mod.rs:5: config (floor 2) imports ctl (floor 4)\n"
    );
    assert!(breaches_in(&[("bin/x.rs", "use supervisor::{ctl, rpc};")]).is_empty());
    assert_eq!(
        breaches_in(&[(
            "os/a.rs",
            "use super::super::rpc::serve;\nuse super::super::Os;"
        )]),
        "src/os/a.rs:1: os (floor 1) imports rpc (floor 4)\n"
    );
}

#[test]
fn reserved_words_are_named_outside_their_rooms() {
    let text = "use actix::Actor;\nuse actix_web::App;\nlet x = unsafe { y() };\n";
    assert!(breaches_in(&[("os/a.rs", "unsafe fn f() {}")]).is_empty());
    assert_eq!(
        breaches_in(&[("rpc/a.rs", text)]),
        "src/rpc/a.rs:1: `actix::` is not said in rpc\nsrc/rpc/a.rs:3: `unsafe` is not said in rpc\n"
    );
    assert_eq!(
        breaches_in(&[("process/a.rs", "let t = std::time::Instant::now();")]),
        "src/process/a.rs:1: `Instant::now` is not said in process\n"
    );
}

#[test]
fn rooms_of_one_floor_may_not_go_in_circles() {
    let one_way = [
        ("events/a.rs", "use crate::process::Pid;"),
        ("xmlrpc/a.rs", ""),
    ];
    assert!(breaches_in(&one_way).is_empty());
    assert_eq!(
        breaches_in(&[
            ("events/a.rs", "use crate::process::Pid;"),
            ("process/a.rs", "use crate::xmlrpc::Value;"),
            ("xmlrpc/a.rs", "use crate::events::Event;"),
        ])
        .lines()
        .count(),
        3
    );
}

#[test]
fn strangers_stay_strangers() {
    assert_eq!(
        breaches_in(&[("ctl/a.rs", "use crate::actors::handle::Outcome;")]),
        "src/ctl/a.rs:1: ctl must not know actors\n"
    );
}

#[test]
fn comments_and_literals_say_nothing() {
    let text = "//! See [`crate::rpc`].\n/* crate::rpc */\nlet a = \"crate::rpc \\\" unsafe\";\n\
                let b = r#\"crate::rpc \" unsafe\"#;\nlet c = ['\"', '\\'', 'x'];\nlet d: &'static str;\n\
                #![deny(unsafe_code)]\n";
    assert_eq!(breaches_in(&[("config/a.rs", text)]), "");
    let after = format!("{text}use crate::rpc::serve;\n");
    assert_eq!(
        breaches_in(&[("config/a.rs", &after)]),
        "src/config/a.rs:8: config (floor 2) imports rpc (floor 4)\n"
    );
}
