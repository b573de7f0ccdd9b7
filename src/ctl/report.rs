//! What the user gets to see, and the exit status.

use super::exit_status;
use std::fmt::Display;
use std::io::{BufWriter, ErrorKind, Write};

/// Standard output, standard error and the exit status. Output is gathered and leaves before
/// anything is waited for, so that a table goes out in one write and progress shows as it is made.
pub(super) struct Report<'a> {
    out: BufWriter<&'a mut dyn Write>,
    err: &'a mut dyn Write,
    status: u8,
    /// Whether a line of progress stands on the terminal.
    progress: bool,
    /// Whether standard output is for a document alone.
    document: bool,
}

impl<'a> Report<'a> {
    /// Reports on these two.
    pub(super) fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self {
            out: BufWriter::with_capacity(64 * 1024, out),
            err,
            status: exit_status::SUCCESS,
            progress: false,
            document: false,
        }
    }

    /// A line of output. That nobody reads it any more is no failure of what was done.
    pub(super) fn line(&mut self, text: impl Display) {
        self.clear_progress();
        let _ = match self.document {
            true => writeln!(self.err, "{text}"),
            false => writeln!(self.out, "{text}"),
        };
    }

    /// From now on standard output is for [`Report::document`] alone, or for lines again.
    pub(super) const fn reserve_for_documents(&mut self, reserved: bool) {
        self.document = reserved;
    }

    /// A line for other programs to read.
    pub(super) fn document(&mut self, text: impl Display) {
        let _ = writeln!(self.out, "{text}");
    }

    /// A line of progress on a terminal, over the one before. On a narrow terminal it is cut off: the
    /// next could not be written over one that has wrapped.
    pub(super) fn progress(&mut self, text: impl Display) {
        self.flush();
        let _ = write!(self.err, "\r\x1b[K\x1b[?7l{text}\x1b[?7h");
        let _ = self.err.flush();
        self.progress = true;
    }

    /// Removes the line of progress, before anything else is shown.
    pub(super) fn clear_progress(&mut self) {
        if std::mem::take(&mut self.progress) {
            let _ = write!(self.err, "\r\x1b[K");
            let _ = self.err.flush();
        }
    }

    /// A prompt: shown at once, without a line end.
    pub(super) fn prompt(&mut self, text: impl Display) {
        let _ = write!(self.out, "{text}");
        self.flush();
    }

    /// Bytes of a log that is being followed: shown at once, as they are. False when nobody reads
    /// them any more.
    pub(super) fn stream(&mut self, bytes: &[u8]) -> bool {
        let written = self.out.write_all(bytes);
        written.and_then(|()| self.out.flush()).is_ok()
    }

    /// A line on standard error.
    pub(super) fn error_line(&mut self, text: impl Display) {
        self.flush();
        let _ = writeln!(self.err, "{text}");
    }

    /// Sets the exit status, and gives what it was.
    pub(super) const fn replace_status(&mut self, status: u8) -> u8 {
        std::mem::replace(&mut self.status, status)
    }

    /// Shows what has been gathered.
    pub(super) fn flush(&mut self) {
        let _ = self.out.flush();
    }

    /// Takes note of a failure. The last one counts; nothing takes it back.
    pub(super) const fn fail(&mut self, status: u8) {
        self.status = status;
    }

    /// The exit status so far.
    pub(super) const fn status(&self) -> u8 {
        self.status
    }

    /// Shows the rest, and gives the exit status. Output that is lost for another reason than that
    /// its reader has seen enough is a failure.
    pub(super) fn finish(mut self) -> u8 {
        self.clear_progress();
        match self.out.flush() {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => exit_status::GENERIC,
            _ => self.status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_failure_counts() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        assert_eq!(report.status(), 0);
        report.fail(exit_status::NOT_RUNNING);
        report.fail(exit_status::GENERIC);
        report.line("fine");
        assert_eq!(report.finish(), 1);
    }

    #[test]
    fn lost_output_is_a_failure_unless_its_reader_left() {
        for (error, status) in [(ErrorKind::StorageFull, 1), (ErrorKind::BrokenPipe, 7)] {
            let (mut out, mut err) = (Broken(error), Vec::new());
            let mut report = Report::new(&mut out, &mut err);
            report.line("lost");
            report.fail(exit_status::NOT_RUNNING);
            assert_eq!(report.finish(), status, "{error}");
        }
    }

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn progress_does_not_wrap_and_leaves_nothing_behind() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        report.progress("1 of 2");
        report.line("done");
        report.finish();
        let err = String::from_utf8(err).unwrap();
        assert_eq!(err, "\r\x1b[K\x1b[?7l1 of 2\x1b[?7h\r\x1b[K");
    }

    #[test]
    fn output_leaves_before_an_error() {
        let file = tempfile::tempfile().unwrap();
        let (mut out, mut err) = (file.try_clone().unwrap(), file.try_clone().unwrap());
        let mut report = Report::new(&mut out, &mut err);
        report.line("one");
        report.error_line("two");
        report.line("three");
        drop(report);
        let mut text = vec![0; 14];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut text, 0).unwrap();
        assert_eq!(text, b"one\ntwo\nthree\n");
    }
}
