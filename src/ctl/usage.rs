//! What `supervisorctl -h` tells.

use super::commands::COMMANDS;
use super::options;
use super::screen::Screen;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The usage text, and at a terminal also what Supervisor's own doesn't have: scripts may have read
/// its text.
pub fn usage(original: &str, screen: Screen) -> String {
    if !screen.out {
        return original.to_owned();
    }
    let actions = COMMANDS.iter().map(|it| it.action);
    let options: BTreeSet<_> = actions.flat_map(options::help).collect();
    let mut text = original.replace(
        "\naction [arguments] --",
        &format!("{MORE}\naction [arguments] --"),
    );
    text.push_str(
        "Options of actions stand behind them; -o, --timeout and --no-wait also before.\n\
                   \"help <action>\" tells which an action has:\n\n",
    );
    for option in options {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{option}");
    }
    text
}

/// Options beside Supervisor's.
const MORE: &str = "\
--cacert FILENAME -- certificates to trust a server at an https:// URL by
     (default: the system's)
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_are_told_of_what_is_new() {
        let original = "usage\n\naction [arguments] -- see below\n\n";
        assert_eq!(usage(original, Screen::default()), original);
        let terminal = Screen {
            out: true,
            ..Screen::default()
        };
        let told = usage(original, terminal);
        for option in [
            "--cacert",
            "-o json",
            "--ok",
            "--timeout",
            "--no-wait",
            "--update",
        ] {
            assert!(told.contains(&format!("\n{option}")), "{option}: {told}");
        }
    }
}
