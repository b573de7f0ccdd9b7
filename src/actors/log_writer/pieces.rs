//! What becomes of the pieces of an output: plain ones are logged, messages are told.

use super::{ChildPipe, LogWriter, Plan};
use crate::actors::process::{Said, Words};
use crate::events::capture::BEGIN;
use crate::events::{Message, Piece};
use crate::logging::StripAnsi;
use crate::process::note::Level;
use std::borrow::Cow;

impl LogWriter {
    /// Takes what was read from a pipe.
    pub(super) fn take(&mut self, from: &mut ChildPipe, bytes: &[u8]) {
        self.author = from.child;
        from.feed(bytes, |piece| self.take_piece(piece));
    }

    /// Takes what is held back of a pipe's output.
    pub(super) fn finish(&mut self, pipe: &mut ChildPipe) {
        self.author = pipe.child;
        pipe.finish(|piece| self.take_piece(piece));
    }

    fn take_piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Plain(bytes) => self.keep(bytes),
            Piece::Part(bytes) => {
                let text = self.stripped(bytes);
                if !text.is_empty() {
                    self.tell_plain(&text);
                }
            }
            Piece::Captured(message) => {
                let message = self.whole(message);
                self.leave_untold(Words::Captured(message));
                self.say(Level::Debug, || {
                    format!(
                        "'{}' {} emitted a comm event",
                        self.plan.process, self.plan.channel
                    )
                });
            }
            // No message, then: its parts were told, and are logged after the token.
            Piece::Unfinished(message) => {
                let message = self.whole(message);
                self.write(BEGIN);
                self.write(&message);
            }
        }
    }

    /// What is passed on of a message.
    fn whole(&mut self, Message { bytes, lost }: Message) -> Vec<u8> {
        if lost > 0 && self.told_too_long != self.author {
            self.told_too_long = self.author;
            self.tell_too_long(lost);
        }
        match self.strip {
            Some(_) => StripAnsi::default().strip(&bytes).into_owned(),
            None => bytes,
        }
    }

    /// Said once for each child.
    fn tell_too_long(&self, lost: usize) {
        self.say(Level::Warn, || {
            let Plan {
                process, channel, ..
            } = &self.plan;
            format!(
                "'{process}' {channel} sent a message that is longer than \
                 {channel}_capture_maxbytes: its first {lost} bytes are lost"
            )
        });
    }

    /// Keeps plain output wherever it is to be kept.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        let text = self.stripped(bytes);
        if !text.is_empty() {
            self.write(&text);
            self.tell_plain(&text);
        }
    }

    /// What a stream brings, without escape sequences where they are to be stripped.
    fn stripped<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &mut self.strip {
            Some(strip) => strip.strip(bytes),
            None => Cow::Borrowed(bytes),
        }
    }

    /// What the log file gets, or would get if it were not captured, concerns these as well.
    fn tell_plain(&mut self, bytes: &[u8]) {
        if self.plan.echo {
            self.say(Level::Debug, || {
                let text = String::from_utf8_lossy(bytes);
                format!(
                    "'{}' {} output:\n{text}",
                    self.plan.process, self.plan.channel
                )
            });
        }
        if self.plan.events {
            self.leave_untold(Words::Plain(bytes.to_vec()));
        }
    }

    fn leave_untold(&mut self, words: Words) {
        let author = self.author;
        self.untold.push(Said { author, words });
    }
}
