//! Looking up the address of a host, on a thread of its own: a resolver may take its time, and
//! nobody else is to wait for it.

use crate::os::errno::io_error_words;
use crate::os::host::ipv4_address;
use futures_util::FutureExt;
use futures_util::future::Shared;
use std::io;
use std::net::Ipv4Addr;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long an answer is waited for: as long as a resolver takes to give one server up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The host's address, or why it is not known.
pub(super) type Found = Result<Ipv4Addr, String>;

/// Looks up one host, again and again. However many ask at a time, and however long the resolver
/// is stuck, it keeps but one thread.
#[derive(Default)]
pub(super) struct Lookup(Option<Running>);

struct Running {
    thread: JoinHandle<()>,
    answer: Shared<oneshot::Receiver<Found>>,
}

impl Lookup {
    /// The address of the host.
    pub(super) fn of(&mut self, host: &str) -> impl Future<Output = Found> + 'static {
        self.ask(host, PATIENCE, ipv4_address)
    }

    fn ask<R>(
        &mut self,
        host: &str,
        patience: Duration,
        resolve: R,
    ) -> impl Future<Output = Found> + use<R>
    where
        R: FnOnce(&str) -> io::Result<Ipv4Addr> + Send + 'static,
    {
        let running = self
            .0
            .take()
            .filter(|running| !running.thread.is_finished());
        let running = running.map_or_else(|| Running::new(host.to_owned(), resolve), Ok);
        let answer = running.map(|running| {
            let answer = running.answer.clone();
            self.0 = Some(running);
            answer
        });
        let host = host.to_owned();
        async move {
            match timeout(patience, answer.map_err(|error| io_error_words(&error))?).await {
                Ok(Ok(found)) => found,
                Ok(Err(_)) => Err(format!("looking up {host} failed")),
                Err(_) => Err(format!("no answer to who is {host}")),
            }
        }
    }
}

impl Running {
    fn new(
        host: String,
        resolve: impl FnOnce(&str) -> io::Result<Ipv4Addr> + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, answer) = oneshot::channel();
        let look = move || {
            // Whoever asked may be gone.
            let _ = sender.send(resolve(&host).map_err(|error| io_error_words(&error)));
        };
        let thread = thread::Builder::new()
            .name("lookup".to_owned())
            .spawn(look)?;
        let answer = answer.shared();
        Ok(Self { thread, answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const LONG: Duration = Duration::from_secs(3600);

    fn run<T>(future: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().build().unwrap().block_on(future)
    }

    /// A resolver that is stuck until it is told an address.
    fn stuck() -> (
        mpsc::Sender<Ipv4Addr>,
        impl FnOnce(&str) -> io::Result<Ipv4Addr> + Send,
    ) {
        let (sender, told) = mpsc::channel();
        let resolve = move |_: &str| told.recv().map_err(io::Error::other);
        (sender, resolve)
    }

    fn never(_: &str) -> io::Result<Ipv4Addr> {
        panic!("it is being looked up already");
    }

    #[test]
    fn whoever_asks_meanwhile_gets_the_same_answer() {
        run(async {
            let mut lookup = Lookup::default();
            let (resolver, resolve) = stuck();
            let first = lookup.ask("a", LONG, resolve);
            let second = lookup.ask("a", LONG, never);
            resolver.send(Ipv4Addr::LOCALHOST).unwrap();
            assert_eq!(first.await, Ok(Ipv4Addr::LOCALHOST));
            assert_eq!(second.await, Ok(Ipv4Addr::LOCALHOST));
        });
    }

    #[test]
    fn a_stuck_resolver_is_given_up_and_keeps_one_thread() {
        run(async {
            let mut lookup = Lookup::default();
            let (resolver, resolve) = stuck();
            let given_up = lookup.ask("a", Duration::ZERO, resolve).await;
            assert_eq!(given_up, Err("no answer to who is a".to_owned()));
            let later = lookup.ask("a", LONG, never);
            resolver.send(Ipv4Addr::LOCALHOST).unwrap();
            assert_eq!(later.await, Ok(Ipv4Addr::LOCALHOST));
        });
    }

    #[test]
    fn the_next_lookup_is_a_new_one() {
        run(async {
            let mut lookup = Lookup::default();
            let why = lookup.ask("a", LONG, |_| Err(io::Error::other("no"))).await;
            assert_eq!(why, Err("no".to_owned()));
            while lookup
                .0
                .as_ref()
                .is_some_and(|last| !last.thread.is_finished())
            {
                thread::yield_now();
            }
            let found = lookup.ask("a", LONG, |_| Ok(Ipv4Addr::LOCALHOST)).await;
            assert_eq!(found, Ok(Ipv4Addr::LOCALHOST));
        });
    }
}
