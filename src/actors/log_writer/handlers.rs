//! What a log writer does about each message.

use super::messages::{Attach, Clear, Close, Drain, Open, Reopen, Resize, Write};
use super::{ChildPipe, LogWriter, MOST_PIPES, ReadPipes, report};
use crate::os::clock;
use crate::process::Written;
use crate::process::note::Level;
use actix::{AsyncContext, Context, Handler, ResponseFuture};
use std::io;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::oneshot;

impl Handler<Open> for LogWriter {
    type Result = io::Result<()>;

    fn handle(&mut self, _: Open, _: &mut Context<Self>) -> io::Result<()> {
        self.written = 0;
        self.open()
    }
}

impl Handler<Close> for LogWriter {
    type Result = ();

    fn handle(&mut self, _: Close, _: &mut Context<Self>) {
        self.close_if_idle();
    }
}

impl Handler<Attach> for LogWriter {
    type Result = ();

    fn handle(&mut self, Attach(pipe, child): Attach, ctx: &mut Context<Self>) {
        let Ok(pipe) = Receiver::from_owned_fd(pipe) else {
            return self.say(Level::Critical, || {
                format!(
                    "can't watch the {} of '{}'",
                    self.plan.channel, self.plan.process
                )
            });
        };
        if self.pipes.len() >= MOST_PIPES {
            let mut oldest = self.pipes.remove(0);
            self.finish(&mut oldest);
        }
        if self.reader.is_none() {
            self.reader = Some(ctx.spawn(ReadPipes));
        }
        self.pipes.push(ChildPipe::new(pipe, child, &self.plan));
    }
}

impl Handler<Write> for LogWriter {
    type Result = ();

    fn handle(&mut self, Write(bytes): Write, ctx: &mut Context<Self>) {
        self.keep(&bytes);
        self.retry_later(ctx);
    }
}

impl Handler<Drain> for LogWriter {
    type Result = ResponseFuture<Option<Written>>;

    fn handle(&mut self, Drain(ended): Drain, ctx: &mut Context<Self>) -> Self::Result {
        self.drain(ended);
        let length = self.written;
        let written = self.end_of_log().map(|end| Written { end, length });
        self.retry_later(ctx);
        if self.all_is_told() {
            return Box::pin(std::future::ready(written));
        }
        let (told, answer) = oneshot::channel();
        self.draining.push(told);
        Box::pin(async move {
            drop(answer.await);
            written
        })
    }
}

impl Handler<Reopen> for LogWriter {
    type Result = ();

    fn handle(&mut self, _: Reopen, _: &mut Context<Self>) {
        let now = clock::now().monotonic;
        report(
            &self.activity,
            self.file.as_mut().and_then(|file| file.reopen(now)),
        );
    }
}

impl Handler<Resize> for LogWriter {
    type Result = ();

    fn handle(&mut self, Resize(rotation): Resize, _: &mut Context<Self>) {
        if let Some(plan) = &mut self.plan.file {
            plan.rotation = rotation;
        }
        if let Some(file) = &mut self.file {
            file.set_rotation(rotation);
        }
    }
}

impl Handler<Clear> for LogWriter {
    type Result = io::Result<()>;

    fn handle(&mut self, _: Clear, _: &mut Context<Self>) -> io::Result<()> {
        match (&mut self.file, &self.plan.file) {
            (Some(file), _) => file.clear(),
            // A sink knows what may be removed and what is a device.
            (None, Some(plan)) => plan.open().0.clear(),
            (None, None) => Ok(()),
        }
    }
}
