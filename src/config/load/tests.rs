use super::*;
use crate::config::command_line::{Given, Invocation, parse_supervisord};
use crate::config::{
    Checked, FcgiSocketAddress, GroupKind, LogTarget, MainLog, Password, ProcessConfig, Source,
};
use crate::process::note::Level;
use crate::process::{Autorestart, Signal};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A directory with files, and an environment to read them in.
pub(in crate::config) struct Case {
    directory: TempDir,
    args: Vec<String>,
}

impl Case {
    pub(in crate::config) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            args: Vec::new(),
        }
    }

    pub(in crate::config) fn file(self, name: &str, text: &str) -> Self {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn args(mut self, line: &str) -> Self {
        self.args = line.split_whitespace().map(str::to_owned).collect();
        self
    }

    /// Loads the text as `main.conf`. In errors, `/dir` is the directory.
    pub(in crate::config) fn load(self, text: &str) -> Result<Config, String> {
        let case = self.file("main.conf", text);
        let loaded = case.source().load();
        loaded.map_err(|error| error.to_string().replace(case.root(), "/dir"))
    }

    /// Checks it, for somebody who has named the file without its directory.
    pub(in crate::config) fn check(self, text: &str) -> Checked {
        let case = self.file("main.conf", text);
        let (mut args, environment) = case.surroundings();
        args.config_file.shown = "main.conf".to_owned();
        let checked = Source::new(args, environment).check();
        let shown = |text: String| text.replace(case.root(), "/dir");
        Checked {
            file: shown(checked.file),
            errors: checked.errors.into_iter().map(shown).collect(),
            warnings: checked.warnings.into_iter().map(shown).collect(),
            summary: shown(checked.summary),
        }
    }

    fn root(&self) -> &str {
        self.directory.path().to_str().unwrap()
    }

    fn source(&self) -> Source {
        let (args, environment) = self.surroundings();
        Source::new(args, environment)
    }

    fn surroundings(&self) -> (SupervisordArgs, Environment) {
        let root = self.root();
        let mut argv = vec!["supervisord".to_owned(), "-c".to_owned()];
        argv.push(format!("{root}/main.conf"));
        argv.extend(self.args.iter().map(|arg| arg.replace("/dir", root)));
        let environment = [("HOME", "/root"), ("PATH", "/bin"), ("X", "x y")];
        let environment = environment
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        let Ok(Invocation::Run(mut args)) = parse_supervisord(&argv, &environment) else {
            panic!("{argv:?}");
        };
        args.directory = self.directory.path().to_owned();
        (args, environment)
    }
}

/// Loads a text as a file in an otherwise empty directory.
pub(in crate::config) fn load_text(text: &str) -> Result<Config, String> {
    Case::new().load(text)
}

fn load_program(options: &str) -> Result<Config, String> {
    load_text(&format!(
        "[supervisord]\n[program:x]\ncommand=/bin/cat\n{options}\n"
    ))
}

/// `group:process` of all processes.
fn names(config: &Config) -> Vec<String> {
    let processes = config.groups.iter().flat_map(|group| {
        let names = group.processes.iter().map(|process| process.name.as_ref());
        names.map(|name| format!("{}:{name}", group.name))
    });
    processes.collect()
}

fn first(config: &Config) -> &ProcessConfig {
    &config.groups[0].processes[0]
}

fn texts(config: &Config) -> Vec<&str> {
    config
        .remarks
        .iter()
        .map(|remark| remark.text.as_str())
        .collect()
}

#[test]
fn defaults_are_supervisors() {
    let config = load_program("").unwrap();
    let main = &config.supervisord;
    assert_eq!((main.umask, main.loglevel), (0o022, Level::Info));
    assert_eq!((main.minfds, main.minfds_given), (1024, false));
    assert_eq!(
        (main.logfile_maxbytes, main.logfile_backups),
        (52_428_800, 10)
    );
    assert_eq!(main.identifier, "supervisor");
    assert!(main.pidfile.ends_with("supervisord.pid") && main.pidfile.is_absolute());
    assert!(!config.supervisor_rpc && config.servers.is_empty());

    let process = first(&config);
    assert_eq!((&*process.name, &*process.command), ("x", "/bin/cat"));
    assert_eq!(
        (process.program.priority, process.program.autostart),
        (999, true)
    );
    assert_eq!(*process.program.policy, crate::process::Policy::default());
    assert_eq!(
        (&process.stdout.log, process.stdout.maxbytes),
        (&LogTarget::Auto, 50 << 20)
    );
    assert!(process.environment.is_empty() && process.directory.is_none());
}

#[test]
fn a_web_farm_loads() {
    let case = Case::new().file(
        "conf.d/worker.ini",
        "[program:worker]\ncommand=work %(here)s\n",
    );
    let config = case
        .load(
            "[unix_http_server]\nfile=%(here)s/run/../s.sock\nchmod=0770\n\
             [inet_http_server]\nport=*:9001\nusername=u\npassword=p%%\n\
             [supervisord]\nlogfile=syslog\nenvironment=A=\"1\",B=two\nminfds=64\n\
             [rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n\
             [program:web]\ncommand=serve --port 80%(process_num)02d ; the servers\n\
             process_name=%(program_name)s-%(process_num)02d\nnumprocs=3\nnumprocs_start=8\n\
             environment=B=\"%(ENV_B)s %(process_num)d\",C=\"%(ENV_X)s\"\n\
             directory=/srv/%(group_name)s/%(ENV_C)s\nstopsignal=QUIT\nautorestart=true\n\
             stdout_logfile=/tmp/%%(process_num)d.log\nstderr_logfile=NONE\n\
             [program:cache]\ncommand=cache\npriority=5\nuser=root\numask=027\n\
             [group:site]\nprograms=web,cache\npriority=10\n\
             [include]\nfiles = conf.d/*.ini none/*.ini\n",
        )
        .unwrap();
    assert_eq!(
        names(&config),
        [
            "site:web-08",
            "site:web-09",
            "site:web-10",
            "site:cache",
            "worker:worker"
        ]
    );
    let web = first(&config);
    assert_eq!(&*web.command, "serve --port 8008");
    assert_eq!(web.directory.as_deref(), Some("/srv/site/x y"));
    assert_eq!(web.stdout.log, LogTarget::File("/tmp/8.log".into()));
    let environment: Vec<_> = web
        .environment
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(environment, ["A=1", "B=two 8", "C=x y"]);
    assert_eq!(web.program.policy.stopsignal, Signal::QUIT);
    assert_eq!(web.program.policy.autorestart, Autorestart::Always);
    let cache = &config.groups[0].processes[3];
    assert_eq!(
        (
            cache.program.umask,
            cache.program.user.as_ref().unwrap().uid
        ),
        (Some(0o27), 0)
    );
    let worker = &config.groups[1].processes[0];
    assert!(worker.command.ends_with("/conf.d"));

    let urls: Vec<_> = config
        .servers
        .iter()
        .map(crate::config::HttpServer::url)
        .collect();
    assert_eq!(urls[0], "http://localhost:9001");
    assert!(urls[1].starts_with("unix:///") && !urls[1].contains(".."));
    let password = config.servers[0].password.as_ref();
    assert_eq!(password, Some(&Password::Plain("p%".to_owned())));
    assert_eq!(config.supervisord.logfile, MainLog::Syslog);
    assert_eq!(config.server_url().as_ref(), urls.last());
    assert!(config.supervisord.minfds_given && config.supervisor_rpc);
    assert!(texts(&config)[0].starts_with("No file matches via include"));
    assert_eq!(config.remarks[1].level, Level::Info);
}

#[test]
fn listeners_and_fastcgi_programs_load() {
    let config = load_text(
        "[supervisord]\n\
         [eventlistener:mon]\ncommand=mon\nevents=tick_5, PROCESS_STATE\nbuffer_size=50\n\
         [fcgi-program:php]\ncommand=php\nsocket=unix:///run/%(program_name)s.sock\n\
         socket_mode=0660\nuser=root\nnumprocs=2\nprocess_name=%(process_num)d\n\
         [fcgi-program:tcp]\ncommand=x\nsocket=tcp://LocalHost:9000\nsocket_backlog=7\n\
         [program:side]\ncommand=x\n[group:g]\nprograms=side,tcp\n",
    )
    .unwrap();
    assert_eq!(
        names(&config),
        ["mon:mon", "g:side", "g:tcp", "php:0", "php:1"]
    );
    let [mon, mixed, php] = &config.groups[..] else {
        panic!("{:?}", names(&config));
    };
    let GroupKind::EventListener(listener) = &mon.kind else {
        panic!("{mon:?}");
    };
    let events: Vec<_> = listener.events.iter().map(|event| event.name()).collect();
    assert_eq!((listener.buffer_size, mon.priority), (50, -1));
    assert_eq!(events, ["PROCESS_STATE", "TICK_5"]);
    assert_eq!(mon.processes[0].program.priority, 999);

    let (program, socket) = &mixed.sockets[0];
    assert_eq!(
        (&**program, socket.address.url()),
        ("tcp", "tcp://localhost:9000".to_owned())
    );
    assert_eq!(socket.backlog, Some(7));
    assert_eq!(php.kind, GroupKind::Fcgi);
    let FcgiSocketAddress::Unix { path, mode, owner } = &php.sockets[0].1.address else {
        panic!("{php:?}");
    };
    assert_eq!(
        (path.as_path(), *mode, *owner),
        (Path::new("/run/php.sock"), 0o660, None)
    );
}

#[test]
fn the_command_line_wins_over_a_file_that_must_be_good_all_the_same() {
    let case = || Case::new().args("-n -l /dir/b.log -e debug -i me --minprocs 7 -u root");
    let text = "[supervisord]\nlogfile=a.log\nloglevel=warn\nidentifier=file\nuser=nobody0\n";
    let main = case().load(text).unwrap().supervisord;
    assert!(matches!(&main.logfile, MainLog::File(path) if path.ends_with("b.log")));
    assert_eq!(
        (main.loglevel, main.identifier.as_str()),
        (Level::Debug, "me")
    );
    assert_eq!(
        (main.nodaemon, main.minprocs, main.minprocs_given),
        (true, 7, true)
    );
    assert_eq!(main.user.as_deref(), Some("root"));
    assert!(case().load("[supervisord]\nlogfile=/nope/a.log\n").is_err());
}

#[test]
fn only_servers_that_anybody_may_reach_are_refused_as_open() {
    let load = |server: &str| {
        load_text(&format!(
            "[supervisord]\nrefuse_open_servers=true\n[inet_http_server]\nport={server}\n"
        ))
    };
    assert!(load("127.0.0.1:9001").is_ok());
    assert!(load("9001\nusername=u\npassword=p").is_ok());
    assert!(load("9001").is_err());
}

#[test]
fn the_names_that_browsers_may_use_are_a_list() {
    let server = "[inet_http_server]\nport=9001\nallowed_hosts=Sv.example.org, b.example.org,\n";
    let config = load_text(&format!("[supervisord]\n{server}")).unwrap();
    assert_eq!(
        config.servers[0].allowed_hosts,
        ["sv.example.org", "b.example.org"]
    );
}

#[test]
fn a_value_that_went_bad_since_the_start_tells_its_option() {
    let given = Given {
        spelled: "-d".to_owned(),
        value: "/x".to_owned(),
    };
    let problem = given.refused(Problem::NotADirectory("/x".to_owned()));
    let told = "invalid value for -d '/x': /x is not an existing directory";
    assert_eq!(problem.to_string(), told);
}

#[test]
fn faults_in_a_program_tell_the_value_and_the_place() {
    let place = |line: usize, option: &str| {
        format!(
            " in section 'program:x' (file: '/dir/main.conf', line: {line}, option: '{option}')"
        )
    };
    for (option, told) in [
        ("startsecs=abc", "not a valid integer: 'abc'"),
        ("autostart=maybe", "not a valid boolean value: 'maybe'"),
        ("priority=", "not a valid integer: ''"),
        (
            "autorestart=Sometimes",
            "invalid 'autorestart' value 'Sometimes'",
        ),
        ("stopsignal=FOO", "value 'FOO' is not a valid signal name"),
        ("exitcodes=0,300", "not a valid list of exit codes: '0,300'"),
        ("umask=9z", "9z can not be converted to an octal type"),
        ("user=no such user", "Invalid user name no such user"),
        ("numprocs=1000000", "1000000 is above upper bound (100000)"),
        ("restart_limit=-1", "-1 is below lower bound (0)"),
        (
            "process_name=a:b",
            "Invalid name: 'a:b' because of character: ':'",
        ),
        (
            "environment=A=1,B",
            "Unexpected end of key/value pairs in value 'A=1,B'",
        ),
        ("environment=A='x", "No closing quotation in value \"A='x\""),
        (
            "stdout_logfile=/nope/x",
            "The directory named as part of the path /nope/x does not exist",
        ),
        (
            "stdout_logfile_maxbytes=10XB",
            "not a valid byte size: '10XB' (a number, followed by KB, MB, GB or nothing)",
        ),
        (
            "directory=%(nope)s",
            "Format string '%(nope)s' for 'program:x.directory' contains names ('nope') which \
             cannot be expanded. Available names: ENV_HOME, ENV_PATH, ENV_X, group_name, here, \
             host_node_name, numprocs, process_num, program_name",
        ),
        (
            "stderr_logfile=100%%",
            "Format string '100%' for 'stderr_logfile' is badly formatted: incomplete format \
             (the % at index 3; a literal % is written %%)",
        ),
    ] {
        let key = option.split('=').next().unwrap();
        assert_eq!(
            load_program(option).unwrap_err(),
            format!("{told}{}", place(4, key))
        );
    }
    assert_eq!(
        load_program("numprocs=2").unwrap_err(),
        "%(process_num) must be present within process_name when numprocs > 1 in section \
         'program:x' (file: '/dir/main.conf', line: 2, option: 'process_name')"
    );
    assert_eq!(
        load_text("[supervisord]\n[program:x]\n").unwrap_err(),
        "program section program:x does not specify a command in section 'program:x' \
         (file: '/dir/main.conf', line: 2, option: 'command')"
    );
}

#[test]
fn faults_elsewhere_tell_the_value_and_the_section() {
    let listener = "[eventlistener:e]\ncommand=x\n";
    let fcgi = "[fcgi-program:f]\ncommand=x\n";
    for (text, told) in [
        (
            "loglevel=loud",
            "bad logging level name 'loud' in section 'supervisord'",
        ),
        (
            "refuse_open_servers=true\n[inet_http_server:x]\nport=9001",
            "section [inet_http_server:x] has no password and listens at :9001, beyond this \
             machine; refuse_open_servers forbids it in section 'inet_http_server:x'",
        ),
        (
            "[inet_http_server]\nport=9001\nusername=u\npassword={ARGON2}x",
            "after {ARGON2}, 'password' must be a whole argon2 hash such as \
             $argon2id$v=19$m=65536,t=3,p=4$SALT$HASH in section 'inet_http_server'",
        ),
        (
            "on_supervisor_death=adopt",
            "'on_supervisor_death' can not be 'adopt': a supervisord can't take over the children of another yet (orphan or kill) in section 'supervisord'",
        ),
        (
            "user=no such user",
            "Invalid user name no such user in section 'supervisord'",
        ),
        (
            "environment=A=%(nope)s",
            "Format string 'A=%(nope)s' for 'environment' contains",
        ),
        (
            "[program:x y]\ncommand=x",
            "Invalid name: 'x y' because of character: ' ' in section 'program:x y' (file: '/dir/main.conf', line: 2)",
        ),
        (
            "[group:g]\nprograms=a,b\n[program:a]\ncommand=x",
            "[group:g] names unknown program or fcgi-program 'b' in section 'group:g'",
        ),
        (
            "[group:g]\nprograms=a\n[program:a]\n[fcgi-program:a]",
            "[group:g] name 'a' is ambiguous (exists as program and fcgi-program) in section 'group:g'",
        ),
        (
            listener,
            "[eventlistener:e] section requires an \"events\" line in section 'eventlistener:e'",
        ),
        (
            &format!("{listener}events=FOO,EVENT"),
            "Unknown event type FOO in [eventlistener:e] events in",
        ),
        (
            &format!("{listener}events=EVENT,"),
            "Unknown event type '' in [eventlistener:e] events in",
        ),
        (
            &format!("{listener}events=EVENT\nbuffer_size=0"),
            "[eventlistener:e] section sets invalid buffer_size (0) in",
        ),
        (
            &format!("{listener}events=EVENT\npayload_length=words"),
            "invalid 'payload_length' value 'words' (bytes or characters) in",
        ),
        (
            &format!("{listener}events=EVENT\nredirect_stderr=1"),
            "[eventlistener:e] section sets redirect_stderr=true but this is not allowed",
        ),
        (
            fcgi,
            "[fcgi-program:f] section requires a \"socket\" line in section 'fcgi-program:f'",
        ),
        (
            &format!("{fcgi}socket=foo://x"),
            "Bad socket format 'foo://x' in [fcgi-program:f] socket in",
        ),
        (
            &format!("{fcgi}socket=tcp://h:99999"),
            "99999 is above upper bound (65535) in section 'fcgi-program:f'",
        ),
        (
            &format!("{fcgi}socket=unix://rel"),
            "Unix socket path rel is not an absolute path in [fcgi-program:f] socket in",
        ),
        (
            &format!("{fcgi}socket=tcp://h:8\nsocket_mode=0700"),
            "socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:f] socket, not with tcp://h:8 in section",
        ),
        (
            &format!("{fcgi}socket_mode=9"),
            "Invalid socket_mode value 9 in section 'fcgi-program:f'",
        ),
        (
            &format!("{fcgi}socket_backlog=0"),
            "Invalid socket_backlog value 0 in section 'fcgi-program:f'",
        ),
        (
            "[inet_http_server]\nusername=a\npassword=b",
            "section [inet_http_server] has no port value in section 'inet_http_server'",
        ),
        (
            "[inet_http_server]\nport=127.0.0.1:99999",
            "99999 is above upper bound (65535) in section 'inet_http_server'",
        ),
        (
            "[inet_http_server]\nport=9\nusername=a",
            "Section [inet_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified in section 'inet_http_server' (file: '/dir/main.conf', line: 2, option: 'password')",
        ),
        (
            "[inet_http_server]\nport=127.0.0.1:9\nreadonly_username=a",
            "Section [inet_http_server] contains incomplete authentication",
        ),
        (
            "[unix_http_server]\nchmod=0700",
            "section [unix_http_server] has no file value in section 'unix_http_server'",
        ),
        (
            "[unix_http_server]\nfile=/s\nchown=nosuch:nogroup",
            "Invalid sockchown value nosuch:nogroup in section",
        ),
        (
            "[rpcinterface:foo]\nx=1",
            "section [rpcinterface:foo] does not specify a supervisor.rpcinterface_factory in section 'rpcinterface:foo'",
        ),
    ] {
        let error = load_text(&format!("[supervisord]\n{text}\n")).unwrap_err();
        assert!(error.starts_with(told), "{error}");
    }
    assert_eq!(
        load_text("").unwrap_err(),
        ".ini file does not include supervisord section (file: '/dir/main.conf')"
    );
}

#[test]
fn what_is_odd_but_usable_is_told_once() {
    let config = load_program(
        "process_name=%(process_num)d\nnumprocs=3\nredirect_stderr=true\n\
         stderr_logfile=/x\nstdout_logfile=syslog\nstdout_logfile_maxbytes=0",
    )
    .unwrap();
    assert_eq!(
        texts(&config),
        [
            "For [program:x], stdout_logfile=syslog but this is deprecated and will be removed.  \
             Use stdout_syslog=true to enable syslog instead.",
            "For [program:x], redirect_stderr=true but stderr_logfile has also been set to a \
             filename, the filename has been ignored",
        ]
    );
    let process = first(&config);
    assert_eq!(
        (&process.stdout.log, process.stdout.syslog),
        (&LogTarget::None, true)
    );
    assert_eq!(process.stderr.log, LogTarget::None);
    let config = load_program("stdout_logfile_maxbytes=0").unwrap();
    assert!(texts(&config)[0].contains("AUTO logging used for stdout_logfile without rollover"));
}

#[test]
fn plugins_of_python_are_named_and_left_out() {
    let config = load_text(
        "[supervisord]\n[rpcinterface:t]\nsupervisor.rpcinterface_factory=t:make\n\
         [ctlplugin:c]\nsupervisor.ctl_factory=c:make\n\
         [eventlistener:e]\ncommand=x\nevents=EVENT\nresult_handler=h:handle\n",
    )
    .unwrap();
    let told = texts(&config).join("\n");
    for section in ["[rpcinterface:t]", "[ctlplugin:c]", "[eventlistener:e]"] {
        assert!(told.contains(section), "{told}");
    }
    assert!(
        config
            .remarks
            .iter()
            .all(|remark| remark.level == Level::Warn)
    );
    assert!(!config.supervisor_rpc);
}

#[test]
fn of_equal_names_one_is_kept_and_the_other_told() {
    let config = load_text(
        "[supervisord]\n[program:a]\ncommand=1\n[program:b]\ncommand=2\nprocess_name=a\n\
         [group:g]\nprograms=a,b\n[program:g]\ncommand=3\n",
    )
    .unwrap();
    assert_eq!(names(&config), ["g:a"]);
    assert_eq!(&*first(&config).command, "2");
    assert_eq!(
        texts(&config),
        [
            "For [group:g], processes have been ignored because later ones bear the same names: 1",
            "For [program:g], another group is named g and comes first, this one has been \
             ignored",
        ]
    );
}

#[test]
fn groups_are_sorted_by_priority_then_name_and_members_keep_their_order() {
    let config = load_text(
        "[supervisord]\n[program:z]\ncommand=x\npriority=1\n[program:y]\ncommand=x\n\
         [program:p]\ncommand=x\nnumprocs=11\nprocess_name=p%(process_num)d\n\
         [program:empty]\ncommand=x\nnumprocs=0\n[group:g]\nprograms=y, z\n",
    )
    .unwrap();
    assert_eq!(
        config.groups.iter().map(|g| &*g.name).collect::<Vec<_>>(),
        ["empty", "g", "p"]
    );
    assert_eq!(
        &names(&config)[..5],
        ["g:y", "g:z", "p:p0", "p:p1", "p:p10"]
    );
}

#[test]
fn ten_thousand_processes_share_what_they_have_in_common() {
    let begin = Instant::now();
    let config = load_program(
        "process_name=%(process_num)05d\nnumprocs=10000\nenvironment=A=1\ndirectory=/tmp",
    )
    .unwrap();
    let processes = &config.groups[0].processes;
    let (a, z) = (&processes[0], &processes[9999]);
    assert_eq!(&*z.name, "09999");
    assert!(std::sync::Arc::ptr_eq(&a.program, &z.program));
    assert!(std::sync::Arc::ptr_eq(&a.environment, &z.environment));
    assert!(std::sync::Arc::ptr_eq(&a.command, &z.command));
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    println!("{:?}", begin.elapsed());
}

#[test]
fn children_are_sent_to_the_first_unix_server_or_the_last_inet_one() {
    let url = |text: &str| {
        load_text(&format!("[supervisord]\n{text}"))
            .unwrap()
            .server_url()
    };
    let inet = "[inet_http_server]\nport=1\n[inet_http_server:b]\nport=h:2\n";
    let unix = "[unix_http_server]\nfile=/a\n[unix_http_server:b]\nfile=/b\n";
    assert_eq!(url("").as_deref(), None);
    assert_eq!(url(inet).as_deref(), Some("http://h:2"));
    assert_eq!(url(&format!("{inet}{unix}")).as_deref(), Some("unix:///a"));
}
