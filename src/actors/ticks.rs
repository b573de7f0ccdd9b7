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
        let now = clock::now();
        match self.clock.timer.take() {
            Some(timer) => drop(ctx.cancel_future(timer)),
            // Slices that went by while nobody listened are not told.
            None => self.clock.ticks = Ticks::since(now.unix_seconds()),
        }
        let wanted = |period: &TickPeriod| self.resources.events.is_wanted(period.event_type());
        let next = TickPeriod::ALL
            .into_iter()
            .filter(wanted)
            .map(|period| period.until_next(now.wall));
        if let Some(wait) = next.min() {
            self.clock.timer = Some(ctx.run_later(wait, Self::tick));
        }
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        for tick in self.clock.ticks.advance(clock::now().unix_seconds()) {
            self.resources.events.emit(Event::Tick(tick));
        }
        self.arm_ticks(ctx);
    }
}
