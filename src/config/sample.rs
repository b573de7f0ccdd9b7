//! The sample file that `echo_supervisord_conf` prints.

/// The file's text.
pub const SAMPLE: &str = include_str!("sample.conf");

#[cfg(test)]
mod tests {
    use crate::config::load::tests::{Case, load_text};
    use crate::config::supervisord::MainLog;
    use std::path::Path;

    #[test]
    fn the_sample_loads_and_serves() {
        let config = load_text(super::SAMPLE).unwrap();
        assert_eq!(
            config.supervisord.logfile,
            MainLog::File(Path::new("/tmp/supervisord.log").to_owned())
        );
        assert_eq!(config.servers[0].url(), "unix:///tmp/supervisor.sock");
        assert!(config.supervisor_rpc && config.groups.is_empty() && config.remarks.is_empty());
    }

    /// With every option taken in, but those that name users and files.
    #[test]
    fn its_commented_options_load_too() {
        let text: String = super::SAMPLE
            .lines()
            .map(|line| {
                line.strip_prefix(';')
                    .filter(|l| !l.starts_with(' '))
                    .unwrap_or(line)
            })
            .filter(|line| !line.starts_with("user=") && !line.starts_with("chown="))
            .map(|line| format!("{}\n", line.replace("/a/path", "NONE")))
            .collect();
        let text = text.replace("progname1,progname2", "theprogramname");
        let case = Case::new().file("relative/directory/x.ini", "[program:more]\ncommand=x\n");
        let config = case.load(&text).unwrap();
        let names: Vec<_> = config
            .groups
            .iter()
            .map(|group| group.name.as_ref())
            .collect();
        assert_eq!(names, ["theeventlistenername", "more", "thegroupname"]);
    }
}
