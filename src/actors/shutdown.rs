//! The ordered stop of everything, before an exit or a restart.

use super::Ending;
use super::batch::{Members, shut_down_each};
use super::listener_pool::{Close, Settle};
use super::process::{Hurry, MoodChanged, TellAll};
use super::supervisor::Supervisor;
use crate::events::Event;
use crate::os::clock;
use crate::process::Mood;
use crate::process::note::Level;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How often the log says what is still waited for.
const REPORT_EVERY: Duration = Duration::from_secs(3);

/// How long listeners have to hear of what happened before they are stopped.
const TO_BE_HEARD: Duration = Duration::from_secs(1);

/// How long after the first signal a second one means more than the first. Some send one signal
/// twice, to us and to our process group, as timeout(1) does.
const INSISTENCE: Duration = Duration::from_secs(1);

/// How long a restart may take before clients who come are told of it.
const QUICK_RESTART: Duration = Duration::from_secs(1);

/// The names that one report tells; more are counted.
const NAMES_TOLD: usize = 100;

/// A stop in progress. Groups of one priority stop together, the highest number first; the next
/// priority waits until they are gone.
pub(super) struct Stopping {
    /// What follows when everything has stopped.
    then: Ending,
    /// The priority that is being stopped; `None` before the first.
    priority: Option<i64>,
    /// When a signal first asked to exit, on the monotonic clock. A client's order to shut down,
    /// or a restart, is none.
    signalled: Option<Duration>,
    /// Nothing may linger any more.
    is_hurried: bool,
}

impl Supervisor {
    /// A signal asks to exit; the second one lets nothing linger.
    pub(super) fn exit_requested(&mut self, ctx: &mut Context<Self>) {
        self.begin_stopping(Ending::Exit, ctx);
        let now = clock::now().monotonic;
        let Some(stopping) = &mut self.stopping else {
            return;
        };
        let first = *stopping.signalled.get_or_insert(now);
        if now.saturating_sub(first) >= INSISTENCE {
            self.hurry();
        }
    }

    /// Kills what is being stopped, and from now on what is to be stopped.
    fn hurry(&mut self) {
        if let Some(stopping) = &mut self.stopping {
            stopping.is_hurried = true;
            self.tell_all(&Hurry);
        }
    }

    fn hurry_in_time(&self, ctx: &mut Context<Self>) {
        if let Some(time) = self.resources.shutdown_timeout {
            ctx.run_later(time, |root, _| {
                if !root.registry.unstopped().is_empty() {
                    root.say(
                        Level::Warn,
                        "shutdown_timeout is over: killing what still runs",
                    );
                }
                root.hurry();
            });
        }
    }

    /// Begins to stop everything. An exit wins over a restart, whichever came first.
    pub(super) fn begin_stopping(&mut self, then: Ending, ctx: &mut Context<Self>) {
        let mood = match then {
            Ending::Exit => Mood::Shutdown,
            Ending::Restart(_) => Mood::Restarting,
        };
        match &mut self.stopping {
            Some(_) if mood == Mood::Restarting => {}
            Some(stopping) => {
                // A restart that becomes an exit has no next run to wait for.
                stopping.then = then;
                self.registry.set_mood(mood);
                self.outside.door.send_replace(true);
            }
            None => {
                if mood == Mood::Restarting {
                    self.hold_clients(ctx);
                }
                self.registry.set_mood(mood);
                self.stopping = Some(Stopping {
                    then,
                    priority: None,
                    signalled: None,
                    is_hurried: false,
                });
                self.resources.events.emit(Event::SupervisorStopping);
                self.tell_all(&MoodChanged(mood));
                self.report_waiting(ctx);
                self.hurry_in_time(ctx);
                self.stop_next_priority(ctx);
            }
        }
    }

    /// Whoever comes now is let in by the next run, where that begins soon. Where it doesn't, they
    /// are let in to be told so.
    fn hold_clients(&self, ctx: &mut Context<Self>) {
        self.outside.door.send_replace(false);
        ctx.run_later(QUICK_RESTART, |root, _| {
            if root.stopping.is_some() {
                root.outside.door.send_replace(true);
            }
        });
    }

    fn stop_next_priority(&mut self, ctx: &mut Context<Self>) {
        let Some(stopping) = &mut self.stopping else {
            return;
        };
        let Some((priority, groups)) = self.groups.last_to_start(stopping.priority) else {
            return self.close_pools(ctx);
        };
        stopping.priority = Some(priority);
        let heard = heard(groups.clone()).into_actor(self);
        ctx.spawn(heard.map(move |(), root, ctx| root.stop(groups, ctx)));
    }

    fn stop(&self, groups: Vec<Arc<Members>>, ctx: &mut Context<Self>) {
        let hurried = self
            .stopping
            .as_ref()
            .is_some_and(|stopping| stopping.is_hurried);
        let stopped = shut_down_each(groups, hurried).into_actor(self);
        ctx.spawn(stopped.map(|(), root, ctx| root.stop_next_priority(ctx)));
    }

    /// Ends the pools, which tell what they have not delivered.
    fn close_pools(&self, ctx: &mut Context<Self>) {
        let groups = self.groups.ascending().map(|group| group.members.clone());
        let groups: Vec<_> = groups.collect();
        let counted = async move {
            if groups.iter().any(|members| members.pool().is_some()) {
                count_undelivered(&groups).await;
            }
        };
        ctx.spawn(counted.into_actor(self).map(|(), root, _| root.end()));
    }

    fn report_waiting(&mut self, ctx: &mut Context<Self>) {
        let names = self.registry.unstopped();
        if names.is_empty() {
            return;
        }
        let told = names[..names.len().min(NAMES_TOLD)].join(", ");
        let more = match names.len().saturating_sub(NAMES_TOLD) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.say(Level::Info, format!("waiting for {told}{more} to die"));
        ctx.run_later(REPORT_EVERY, Self::report_waiting);
    }

    fn end(&mut self) {
        let (ended, stopping) = (self.outside.ended.take(), self.stopping.take());
        if let (Some(ended), Some(stopping)) = (ended, stopping) {
            self.outside.door.send_replace(false);
            drop(ended.send(stopping.then));
        }
    }
}

/// Closes the pools, and again when all that was written has come to them.
async fn count_undelivered(groups: &[Arc<Members>]) {
    close_each(groups).await;
    let processes = groups.iter().flat_map(|members| members.entries());
    join_all(processes.map(|process| process.addr.send(TellAll))).await;
    close_each(groups).await;
}

async fn close_each(groups: &[Arc<Members>]) {
    let pools = groups.iter().filter_map(|members| members.pool());
    drop(join_all(pools.map(|pool| pool.send(Close))).await);
}

/// Ends when the listeners of the groups have heard what there is to hear.
async fn heard(groups: Vec<Arc<Members>>) {
    let pools = groups.iter().filter_map(|members| members.pool());
    let heard = join_all(pools.map(|pool| pool.send(Settle)));
    drop(timeout(TO_BE_HEARD, heard).await);
}
