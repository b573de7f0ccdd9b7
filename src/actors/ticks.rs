//! TICK events, as long as a pool wants any. No timer runs otherwise.

use super::supervisor::Supervisor;
use crate::events::{Event, TickPeriod, Ticks};
use crate::os::clock;
use actix::{AsyncContext, Context, SpawnHandle};

/// The clock of a run.
#[derive(Default)]
pub(super) struct TickClock {
    ticks: Ticks,
    timer: Option<SpawnHandle>,
}

impl Supervisor {
    /// Sets the timer to the next slice of time that a pool wants to hear of. To be called
    /// whenever pools come or go.
    pub(super) fn arm_ticks(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.clock.timer.take() {
            ctx.cancel_future(timer);
        }
        let now = clock::now();
        let wanted = |period: TickPeriod| self.resources.events.is_wanted(period.event_type());
        self.clock.ticks.follow(wanted, now.unix_seconds());
        let next = self.clock.ticks.until_next(now.wall);
        self.clock.timer = next.map(|wait| ctx.run_later(wait, Self::tick));
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        for tick in self.clock.ticks.advance(clock::now().unix_seconds()) {
            self.resources.events.emit(Event::Tick(tick));
        }
        self.arm_ticks(ctx);
    }
}
