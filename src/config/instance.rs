//! The processes of a program: what its expansions come to for each.

use super::channel::{STDERR, STDOUT, Shared};
use super::conversion::Value;
use super::environment::{Environment, pairs};
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::last::{Last, OwnEnvironment, shared, shared_name, shared_text};
use super::program::{Instances, name_of};
use super::reading::Reading;
use super::section::Section;
use super::{LogTarget, ProcessConfig, Program, Remark};
use std::sync::Arc;

/// Reads all processes of a `[program:x]` or its like as members of a group, sorted by name.
pub(super) fn processes(
    reading: &mut Reading<'_>,
    section: &str,
    group: &Arc<str>,
) -> Result<Vec<Arc<ProcessConfig>>, ConfigError> {
    let last = std::mem::take(&mut reading.last);
    let section = reading.section(section);
    let program = shared_name(&name_of(&section)?, group);
    let own = [
        ("program_name", Value::Text(&program)),
        ("group_name", Value::Text(group)),
    ];
    let names = Names::over(section.names, &own);
    let mut reader = InstanceReader::new(reading, section.with(&names), program.clone(), last)?;
    let mut processes = reader.all()?;
    let InstanceReader { last, told, .. } = reader;
    reading.last = last;
    reading
        .found
        .remarks
        .extend(told.into_iter().map(Remark::warn));
    processes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(processes)
}

/// Reads one process after the other; what one has in common with the one before is shared.
struct InstanceReader<'a> {
    reading: &'a Reading<'a>,
    section: Section<'a>,
    program: Arc<Program>,
    instances: Instances,
    stdout: Shared,
    stderr: Shared,
    last: Last,
    told: Vec<String>,
}

impl<'a> InstanceReader<'a> {
    fn new(
        reading: &'a Reading<'a>,
        section: Section<'a>,
        name: Arc<str>,
        mut last: Last,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            reading,
            section,
            program: Arc::new(Program::read(&section, name, &mut last)?),
            instances: Instances::read(&section)?,
            stdout: STDOUT.shared(&section)?,
            stderr: STDERR.shared(&section)?,
            last,
            told: Vec::new(),
        })
    }

    fn all(&mut self) -> Result<Vec<Arc<ProcessConfig>>, ConfigError> {
        let Instances { count, first, .. } = self.instances;
        let end = first.saturating_add(count);
        (first..end)
            .map(|number| self.process(number).map(Arc::new))
            .collect()
    }

    fn process(&mut self, number: i64) -> Result<ProcessConfig, ConfigError> {
        let own = [
            ("process_num", Value::Integer(number)),
            ("numprocs", Value::Integer(self.instances.count)),
        ];
        let names = Names::over(self.section.names, &own);
        let environment = self.environment(&self.section.with(&names))?;
        let names = Names {
            environment: Some(&environment.pairs),
            ..Names::over(&names, &[])
        };
        self.with_environment(&self.section.with(&names), &environment)
    }

    fn environment(&mut self, section: &Section<'_>) -> Result<Arc<OwnEnvironment>, ConfigError> {
        let text = section
            .text_as("environment", "environment")?
            .unwrap_or_default();
        if let Some(last) = self
            .last
            .environment
            .as_ref()
            .filter(|last| last.text == text)
        {
            return Ok(Arc::clone(last));
        }
        let pairs = pairs(&text).map_err(|problem| section.error("environment", problem))?;
        let environment = Arc::new(OwnEnvironment {
            text: text.into_owned(),
            merged: self.merged(&pairs),
            pairs,
        });
        self.last.environment = Some(Arc::clone(&environment));
        Ok(environment)
    }

    fn merged(&self, own: &Environment) -> Arc<[(String, String)]> {
        if own.is_empty() {
            return Arc::clone(&self.reading.shared_environment);
        }
        let mut merged = self.reading.environment.clone();
        merged.extend(own.clone());
        merged.into_iter().collect()
    }

    fn with_environment(
        &mut self,
        section: &Section<'_>,
        environment: &OwnEnvironment,
    ) -> Result<ProcessConfig, ConfigError> {
        let directory = section.text("directory")?;
        let directory = directory.map(|text| shared_text(&mut self.last.directory, &text));
        let mut told = Vec::new();
        let home = self.reading.around.environment;
        let stdout = STDOUT.channel(section, self.stdout, home, &mut told)?;
        let mut stderr = STDERR.channel(section, self.stderr, home, &mut told)?;
        if self.program.redirect_stderr {
            if let LogTarget::File(_) = stderr.log {
                told.push(format!(
                    "For [{}], redirect_stderr=true but stderr_logfile has also been set to a \
                     filename, the filename has been ignored",
                    section.name
                ));
            }
            stderr.log = LogTarget::None;
        }
        let command = section
            .text("command")?
            .ok_or_else(|| section.error("command", Problem::NoCommand(section.name.to_owned())))?;
        let name = section.expand(&self.instances.name, "process_name", "process_name")?;
        let name = shared_name(&name, &self.program.name);
        self.tell(told);
        Ok(ProcessConfig {
            name,
            program: Arc::clone(&self.program),
            command: shared_text(&mut self.last.command, &command),
            directory,
            stdout: shared(&mut self.last.stdout, stdout),
            stderr: shared(&mut self.last.stderr, stderr),
            environment: Arc::clone(&environment.merged),
        })
    }

    /// Once for all processes is enough.
    fn tell(&mut self, told: Vec<String>) {
        for text in told {
            if !self.told.contains(&text) {
                self.told.push(text);
            }
        }
    }
}
