//! An event listener's stdout, by which it answers its pool.
//!
//! Read on the control thread: each event waits for an answer, and a detour would double its time.

use super::log_writer::{LogWriter, Write};
use super::process::Process;
use actix::dev::Request;
use actix::{ActorFuture, Context};
use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::unix::pipe::Receiver;

/// The most that is read at a time. What listeners say is short.
const PIECE: usize = 4096;

/// Reads before others get their turn.
const READS_A_TURN: usize = 16;

/// The most that is read after the listener's end: as much as a pipe holds.
const MOST_DRAINED: usize = 1 << 20;

/// The pipe from a listener.
pub(super) struct Protocol(RefCell<Receiver>);

impl Protocol {
    /// Takes a pipe end that does not block.
    pub(super) fn new(pipe: OwnedFd) -> io::Result<Rc<Self>> {
        Ok(Rc::new(Self(RefCell::new(Receiver::from_owned_fd(pipe)?))))
    }

    /// What is in the pipe now, to be read when the listener has ended.
    pub(super) fn rest(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        let mut piece = [0; PIECE];
        while rest.len() < MOST_DRAINED
            && let Ok(read @ 1..) = nix::unistd::read(&*self.0.borrow(), &mut piece)
        {
            rest.extend_from_slice(&piece[..read]);
        }
        rest
    }

    /// The next piece; `None` when the listener has closed its stdout. After a piece that does not
    /// fill the buffer, waits without asking the pipe once more.
    fn poll_read(&self, task: &mut Task<'_>) -> Poll<Option<Vec<u8>>> {
        let mut piece = [0; PIECE];
        let mut piece = ReadBuf::new(&mut piece);
        let mut pipe = self.0.borrow_mut();
        let read = ready!(Pin::new(&mut *pipe).poll_read(task, &mut piece));
        let said = piece.filled();
        Poll::Ready((read.is_ok() && !said.is_empty()).then(|| said.to_vec()))
    }
}

/// Reads a listener's pipe for as long as the listener lives.
pub(super) struct ReadProtocol {
    protocol: Rc<Protocol>,
    /// The log still has to take what was read last; nothing more is read before.
    logging: Option<Pin<Box<Request<LogWriter, Write>>>>,
}

impl ReadProtocol {
    pub(super) const fn new(protocol: Rc<Protocol>) -> Self {
        Self {
            protocol,
            logging: None,
        }
    }
}

impl ActorFuture<Process> for ReadProtocol {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        process: &mut Process,
        _: &mut Context<Process>,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        for _ in 0..READS_A_TURN {
            if let Some(logging) = &mut self.logging {
                // The log thread ends after everything else.
                let _ = ready!(logging.as_mut().poll(task));
                self.logging = None;
            }
            if !process.listens_by(&self.protocol) {
                return Poll::Ready(());
            }
            let Some(piece) = ready!(self.protocol.poll_read(task)) else {
                process.heard_all();
                return Poll::Ready(());
            };
            let logged_by = process.logged_by();
            self.logging = logged_by.map(|writer| Box::pin(writer.send(Write(piece.clone()))));
            process.heard(piece);
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}
