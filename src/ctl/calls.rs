//! Many calls at once.

use super::Error;
use super::client::{Client, MAX_ANSWER};
use super::connection::Connection;
use super::interrupt::Interrupt;
use crate::xmlrpc::Value;
use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::time::Instant;

/// How many calls are under way at a time: fewer than a server serves connections.
const AT_ONCE: usize = 500;

/// A method with its arguments.
pub(super) struct Call {
    /// Its whole name.
    pub(super) method: &'static str,
    /// Its arguments.
    pub(super) params: Vec<Value>,
}

/// Calls that are numbered from 0, made in that order, and answered in any.
pub(super) struct Calls<'a> {
    client: &'a Client,
    /// How many there are, without those that are made by the way.
    count: usize,
    waiting: VecDeque<(usize, Call)>,
    running: Vec<(usize, Connection)>,
}

/// The number of a call that has ended, and its answer.
pub(super) type Ended = (usize, Result<Value, Error>);

impl<'a> Calls<'a> {
    /// Of this server; none is made yet.
    pub(super) fn new(client: &'a Client, calls: Vec<Call>) -> Self {
        Self {
            client,
            count: calls.len(),
            waiting: calls.into_iter().enumerate().collect(),
            running: Vec::new(),
        }
    }

    /// Makes one more by the way, before those that wait. It has the number behind all others.
    pub(super) fn by_the_way(&mut self, call: Call) {
        self.waiting.push_front((self.count, call));
    }

    /// True when each has been told as ended. What is made by the way doesn't count.
    pub(super) fn is_done(&self) -> bool {
        let waiting = self.waiting.iter().map(|(number, _)| number);
        let mut numbers = waiting.chain(self.running.iter().map(|(number, _)| number));
        numbers.all(|number| *number >= self.count)
    }

    /// Makes as many as may be under way, then waits until something comes, or to this moment.
    ///
    /// # Errors
    /// Those of [`Interrupt::wait`] and of connecting.
    pub(super) fn step(
        &mut self,
        interrupt: &Interrupt,
        until: Option<Instant>,
    ) -> Result<Vec<Ended>, Error> {
        while self.running.len() < AT_ONCE
            && let Some((number, call)) = self.waiting.pop_front()
        {
            let connection = self.client.send(call.method, &call.params, interrupt)?;
            self.running.push((number, connection));
        }
        let sources: Vec<_> = self.running.iter().map(|(_, it)| it.as_fd()).collect();
        let ready = interrupt.wait_until(until, &sources)?;
        let mut ended = Vec::new();
        let client = self.client;
        let mut ready = ready.into_iter();
        self.running.retain_mut(|(number, connection)| {
            let is_ready = ready.next().unwrap_or(false);
            let answer = is_ready.then(|| advance(client, connection)).flatten();
            let goes_on = answer.is_none();
            ended.extend(answer.map(|answer| (*number, answer)));
            goes_on
        });
        Ok(ended)
    }
}

/// Takes what has come; the answer, once it is whole.
fn advance(client: &Client, connection: &mut Connection) -> Option<Result<Value, Error>> {
    match connection.receive_now() {
        Err(error) => Some(Err(error)),
        Ok(true) if connection.received() > MAX_ANSWER => {
            let long = format_args!("it is longer than {MAX_ANSWER} bytes");
            Some(Err(client.malformed(long)))
        }
        Ok(true) if !connection.is_complete() => None,
        Ok(_) => Some(client.read(&connection.take())),
    }
}
