//! A pool of event listeners: carries out what its desk decides.

use super::process::{Deliver, Process, ProtocolBroken};
use super::resources::Resources;
use super::stdin::Refused;
use crate::config::{EventListener, Group};
use crate::events::{
    Desk, Duty, Event, NotDelivered, Note, Pool, PoolInfo, Room, Source, Throttle,
};
use crate::os::clock;
use crate::process::ProcessState;
use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MailboxError, Message,
    MessageResult, ResponseFuture, SpawnHandle, WeakAddr, WrapFuture,
};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long the news of a listener's end may take when its stdin or stdout is found closed.
const END_TAKES: Duration = Duration::from_secs(1);

/// How long an event waits for the lines of the log that come before it: not for a disk that hangs.
const LOG_TAKES: Duration = Duration::from_millis(100);

/// An event that the pool subscribed to.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Accept {
    pub(super) event: Arc<Event>,
    pub(super) serial: u64,
}

/// These processes are its listeners, too, each by the number of its seat.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct TakeSeats(pub(super) Vec<(usize, Arc<str>, WeakAddr<Process>)>);

/// The processes on these seats are its listeners no more.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct LeaveSeats(pub(super) Vec<usize>);

/// Its configuration changed in what its listeners can't notice.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Adjust(pub(super) EventListener);

/// One of the pool's processes entered a state.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ListenerEntered {
    pub(super) seat: usize,
    pub(super) state: ProcessState,
}

/// One of the pool's processes wrote to its stdout.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ListenerSaid {
    pub(super) seat: usize,
    pub(super) bytes: Vec<u8>,
}

/// One of the pool's processes has closed its stdout.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ListenerFellSilent {
    pub(super) seat: usize,
}

/// Answered when there is room for a piece of output, or waiting for some is of no use.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct AwaitRoom(pub(super) Source);

/// Answered when living listeners have heard and answered all there is.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Settle;

/// Tell what clients may know.
#[derive(Message)]
#[rtype(result = "PoolInfo")]
pub(super) struct Describe;

/// The pool has no processes any more: say what was not delivered; told again, what came since.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Close;

/// A process's place in a pool.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) pool: Addr<ListenerPool>,
    pub(super) number: usize,
}

impl Seat {
    pub(super) fn entered(&self, state: ProcessState) {
        self.pool.do_send(ListenerEntered {
            seat: self.number,
            state,
        });
    }

    pub(super) fn said(&self, bytes: Vec<u8>) {
        self.pool.do_send(ListenerSaid {
            seat: self.number,
            bytes,
        });
    }

    pub(super) fn fell_silent(&self) {
        let seat = self.number;
        self.pool.do_send(ListenerFellSilent { seat });
    }
}

/// A timer, and when it fires on the monotonic clock.
struct Look {
    at: Duration,
    timer: SpawnHandle,
}

/// The actor of a pool.
pub(super) struct ListenerPool {
    desk: Desk,
    processes: HashMap<usize, WeakAddr<Process>>,
    resources: Rc<Resources>,
    room: Room<oneshot::Sender<()>>,
    /// Looks after those who wait for room.
    look: Option<Look>,
    /// The lines about lost events.
    overflows: Throttle,
    /// It has said something since it last delivered an event.
    has_said: bool,
    /// Those who wait until all is heard.
    settling: Vec<oneshot::Sender<()>>,
    /// Once it has ended: the events that came later and are yet to be told, by their number.
    late: Option<usize>,
}

impl ListenerPool {
    /// A pool without processes yet; they take their seats when they exist.
    pub(super) fn new(group: &Group, listener: &EventListener, resources: &Rc<Resources>) -> Self {
        Self {
            desk: Desk::new(
                resources.identifier.as_str().into(),
                group.name.clone(),
                Pool::new(listener.events.clone(), listener.buffer_size),
                listener.rules(),
            ),
            processes: HashMap::new(),
            resources: resources.clone(),
            room: Room::new(group.name.clone(), listener.patience()),
            look: None,
            overflows: Throttle::default(),
            has_said: false,
            settling: Vec::new(),
            late: None,
        }
    }

    fn carry_out(&mut self, duties: Vec<Duty>, ctx: &mut Context<Self>) {
        let mut waits = false;
        for duty in duties {
            match duty {
                Duty::Deliver {
                    seat,
                    serial,
                    number,
                    bytes,
                } => {
                    self.room.taken(clock::now().monotonic);
                    let numbers = (serial, number);
                    waits |= std::mem::take(&mut self.has_said);
                    match waits {
                        true => self.deliver_when_told(seat, numbers, bytes, ctx),
                        false => self.deliver(seat, numbers, bytes, ctx),
                    }
                }
                Duty::Say(note) => self.say(&note, ctx),
                Duty::Pause(time) => decide_later(time, ctx, Desk::resume),
                Duty::SuspectStuck {
                    seat,
                    number,
                    after,
                } => decide_later(after, ctx, move |desk| {
                    Vec::from_iter(desk.still_busy(seat, number))
                }),
                Duty::SuspectClosed { seat, child } => {
                    decide_later(END_TAKES, ctx, move |desk| desk.lives_on(seat, child));
                }
                Duty::Restart { seat, after } => {
                    ctx.run_later(after, move |pool, ctx| pool.restart(seat, ctx));
                }
            }
        }
        self.let_in(ctx);
        if self.desk.is_settled() {
            for settled in self.settling.drain(..) {
                // Whoever waited may be gone.
                let _ = settled.send(());
            }
        }
    }

    /// Delivers when the log has what was said before: whoever gets an event finds there why.
    fn deliver_when_told(
        &self,
        seat: usize,
        numbers: (u64, u64),
        bytes: Vec<u8>,
        ctx: &mut Context<Self>,
    ) {
        let (token, dropped) = oneshot::channel::<()>();
        self.resources.activity.drop_when_written(token);
        let told = timeout(LOG_TAKES, dropped).into_actor(self);
        ctx.spawn(told.map(move |_, pool, ctx| {
            if pool.desk.is_due(seat, numbers.1) {
                pool.deliver(seat, numbers, bytes, ctx);
            }
        }));
    }

    fn deliver(&self, seat: usize, numbers: (u64, u64), bytes: Vec<u8>, ctx: &mut Context<Self>) {
        let process = self.processes.get(&seat).and_then(WeakAddr::upgrade);
        let delivered = async move {
            match process {
                Some(process) => process.send(Deliver(bytes)).await,
                None => Err(MailboxError::Closed),
            }
        };
        let told = move |delivered, pool: &mut Self, ctx: &mut Context<Self>| {
            pool.delivered(seat, numbers, delivered, ctx);
        };
        ctx.spawn(delivered.into_actor(self).map(told));
    }

    fn delivered(
        &mut self,
        seat: usize,
        (serial, number): (u64, u64),
        delivered: Result<Result<(), Refused>, MailboxError>,
        ctx: &mut Context<Self>,
    ) {
        let duties = match delivered {
            Ok(Ok(())) => self.desk.delivered(seat, serial).into_iter().collect(),
            Ok(Err(Refused::Full)) => self.desk.not_delivered(seat, number, NotDelivered::Full),
            Ok(Err(Refused::Closed)) | Err(_) => {
                self.desk.not_delivered(seat, number, NotDelivered::Closed)
            }
        };
        self.carry_out(duties, ctx);
    }

    /// Restarts a listener that broke the protocol, unless somebody else did meanwhile.
    fn restart(&mut self, seat: usize, ctx: &mut Context<Self>) {
        let process = self.processes.get(&seat).and_then(WeakAddr::upgrade);
        if let (Some(process), Some(note)) = (process, self.desk.restart(seat)) {
            self.say(&note, ctx);
            process.do_send(ProtocolBroken);
        }
    }

    /// Lets those go on who wait for room, as far as there is some.
    fn let_in(&mut self, ctx: &mut Context<Self>) {
        let (now, listeners) = (clock::now().monotonic, self.desk.attendance());
        let has_room = |expected| self.desk.has_room_for_output(expected);
        let note = self.room.let_in(has_room, listeners, now, admit);
        if let Some(note) = note {
            self.say(&note, ctx);
        }
        if let Some(at) = self.room.next_look(listeners) {
            self.look_at(at, now, ctx);
        }
    }

    /// Looks after those who wait for room no later than at this time.
    fn look_at(&mut self, at: Duration, now: Duration, ctx: &mut Context<Self>) {
        if self.look.as_ref().is_some_and(|look| look.at <= at) {
            return;
        }
        let timer = ctx.run_later(at.saturating_sub(now), |pool, ctx| {
            pool.look = None;
            pool.let_in(ctx);
        });
        if let Some(later) = self.look.replace(Look { at, timer }) {
            ctx.cancel_future(later.timer);
        }
    }

    fn say(&mut self, note: &Note, ctx: &mut Context<Self>) {
        let is_overflow = matches!(note, Note::Overflowed { .. });
        if is_overflow && !self.may_say_overflow(ctx) {
            return;
        }
        let activity = &self.resources.activity;
        if activity.is_enabled(note.level()) {
            activity.log(note.level(), note.to_string());
            self.has_said = true;
        }
    }

    /// Tells how many events came when it had ended.
    fn tell_late(&mut self) {
        let (pool, count) = (
            self.desk.name().clone(),
            self.late.take().unwrap_or_default(),
        );
        if count > 0 {
            let note = Note::UndeliveredMore { pool, count };
            self.resources.activity.log(note.level(), note.to_string());
        }
        self.late = Some(0);
    }

    fn may_say_overflow(&mut self, ctx: &mut Context<Self>) -> bool {
        let now = clock::now().monotonic;
        let was_due = self.overflows.due();
        let may = self.overflows.admits(now);
        if let (None, Some(due)) = (was_due, self.overflows.due()) {
            ctx.run_later(due.saturating_sub(now), Self::say_overflows);
        }
        may
    }

    fn say_overflows(&mut self, ctx: &mut Context<Self>) {
        let count = self.overflows.settle();
        if count > 0 {
            let pool = self.desk.name().clone();
            self.say(&Note::OverflowedMore { pool, count }, ctx);
        }
    }
}

/// Asks the desk after this time what is to be done, and carries it out.
fn decide_later(
    after: Duration,
    ctx: &mut Context<ListenerPool>,
    decide: impl FnOnce(&mut Desk) -> Vec<Duty> + 'static,
) {
    ctx.run_later(after, move |pool, ctx| {
        let duties = decide(&mut pool.desk);
        pool.carry_out(duties, ctx);
    });
}

/// False where whoever waited is gone.
fn admit(waiter: oneshot::Sender<()>) -> bool {
    waiter.send(()).is_ok()
}

impl Actor for ListenerPool {
    type Context = Context<Self>;
}

impl Drop for ListenerPool {
    fn drop(&mut self) {
        self.tell_late();
    }
}

impl Handler<TakeSeats> for ListenerPool {
    type Result = ();

    fn handle(&mut self, TakeSeats(taken): TakeSeats, _: &mut Context<Self>) {
        let names = taken.iter().map(|(seat, name, _)| (*seat, name.clone()));
        self.desk.seat(names);
        let processes = taken.into_iter().map(|(seat, _, process)| (seat, process));
        self.processes.extend(processes);
    }
}

impl Handler<LeaveSeats> for ListenerPool {
    type Result = ();

    fn handle(&mut self, LeaveSeats(left): LeaveSeats, ctx: &mut Context<Self>) {
        for seat in left {
            self.processes.remove(&seat);
            let duties = self.desk.leave(seat);
            self.carry_out(duties, ctx);
        }
    }
}

impl Handler<Adjust> for ListenerPool {
    type Result = ();

    fn handle(&mut self, Adjust(listener): Adjust, ctx: &mut Context<Self>) {
        self.room.adjust(listener.patience());
        let duties = self.desk.adjust(listener.buffer_size, listener.rules());
        self.carry_out(duties, ctx);
    }
}

impl Handler<Accept> for ListenerPool {
    type Result = ();

    fn handle(&mut self, Accept { event, serial }: Accept, ctx: &mut Context<Self>) {
        if let Some(late) = &mut self.late {
            *late += 1;
            return;
        }
        if event.is_output() {
            self.room.came();
        }
        let duties = self.desk.accepted(event, serial);
        self.carry_out(duties, ctx);
    }
}

impl Handler<ListenerEntered> for ListenerPool {
    type Result = ();

    fn handle(&mut self, message: ListenerEntered, ctx: &mut Context<Self>) {
        let duties = self.desk.entered(message.seat, message.state);
        self.carry_out(duties, ctx);
    }
}

impl Handler<ListenerSaid> for ListenerPool {
    type Result = ();

    fn handle(&mut self, ListenerSaid { seat, bytes }: ListenerSaid, ctx: &mut Context<Self>) {
        let duties = self.desk.said(seat, &bytes);
        self.carry_out(duties, ctx);
    }
}

impl Handler<ListenerFellSilent> for ListenerPool {
    type Result = ();

    fn handle(&mut self, message: ListenerFellSilent, ctx: &mut Context<Self>) {
        let duties = self.desk.fell_silent(message.seat);
        self.carry_out(duties, ctx);
    }
}

impl Handler<AwaitRoom> for ListenerPool {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, AwaitRoom(who): AwaitRoom, ctx: &mut Context<Self>) -> Self::Result {
        if self.late.is_some() {
            return Box::pin(std::future::ready(()));
        }
        let (waiter, room) = oneshot::channel();
        self.room.ask(who, waiter, clock::now().monotonic);
        self.let_in(ctx);
        Box::pin(async move { drop(room.await) })
    }
}

impl Handler<Settle> for ListenerPool {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Settle, _: &mut Context<Self>) -> Self::Result {
        if self.desk.is_settled() {
            return Box::pin(std::future::ready(()));
        }
        let (settled, answer) = oneshot::channel();
        self.settling.push(settled);
        Box::pin(async move { drop(answer.await) })
    }
}

impl Handler<Describe> for ListenerPool {
    type Result = MessageResult<Describe>;

    fn handle(&mut self, _: Describe, _: &mut Context<Self>) -> Self::Result {
        MessageResult(PoolInfo {
            held_back: self.room.waiting().cloned().collect(),
            ..self.desk.info()
        })
    }
}

impl Handler<Close> for ListenerPool {
    type Result = ();

    fn handle(&mut self, _: Close, ctx: &mut Context<Self>) {
        if self.late.is_some() {
            return self.tell_late();
        }
        self.say_overflows(ctx);
        let (pool, count) = (self.desk.name().clone(), self.desk.pool().len());
        if count > 0 {
            self.say(&Note::Undelivered { pool, count }, ctx);
        }
        self.late = Some(0);
        self.room.let_all_in(admit);
    }
}
