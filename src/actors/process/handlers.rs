//! What a process does about each message.

use super::messages::{
    Autostart, ChildExited, ClearLogs, Deliver, Hurry, MoodChanged, Output, Prepare,
    ProtocolBroken, ReopenLogs, SendSignal, ShutDown, Start, Stop, TakeConfig, TellAll, WriteStdin,
};
use super::{Process, Role, ready};
use crate::actors::launch;
use crate::actors::outputs::AllWritten;
use crate::actors::stdin::Refused;
use crate::process::{Fact, Fault, FaultCode, Order, ProcessState};
use actix::{
    ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture, ResponseFuture, WrapFuture,
};

impl Handler<Start> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, Start { name, wait }: Start, ctx: &mut Context<Self>) -> Self::Result {
        if let Err(error) = launch::command(&self.config) {
            return ready(Err(Fault::new(error.code(), error.to_string())));
        }
        if let Err(code) = self.order(Order::Start, ctx) {
            return ready(Err(self.fault(code, &name)));
        }
        let start = self.machine.wait_for_start();
        if wait {
            return self.answer(start, name);
        }
        match self.machine.outcome(start) {
            Some(Err(code @ FaultCode::SpawnError)) => ready(Err(self.fault(code, &name))),
            _ => ready(Ok(())),
        }
    }
}

impl Handler<Stop> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, Stop { name, wait }: Stop, ctx: &mut Context<Self>) -> Self::Result {
        if let Err(code) = self.order(Order::Stop, ctx) {
            return ready(Err(self.fault(code, &name)));
        }
        let stop = self.machine.wait_for_stop();
        if wait {
            self.report_waiting(ctx);
            return self.answer(stop, name);
        }
        match self.machine.outcome(stop) {
            Some(Err(code)) => ready(Err(self.fault(code, &name))),
            _ => ready(Ok(())),
        }
    }
}

impl Handler<SendSignal> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, message: SendSignal, ctx: &mut Context<Self>) -> Self::Result {
        let order = Order::Signal(message.signal);
        self.order(order, ctx)
            .map_err(|code| self.fault(code, &message.name))
    }
}

impl Handler<WriteStdin> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, message: WriteStdin, _: &mut Context<Self>) -> Self::Result {
        let WriteStdin { name, bytes } = message;
        let is_alive = self.machine.pid().is_some() && !self.child.is_reaped;
        if !is_alive || self.machine.state() == ProcessState::Stopping {
            return Err(Fault::new(FaultCode::NotRunning, name));
        }
        let Some(stdin) = &self.child.stdin else {
            return Err(Fault::new(FaultCode::NoFile, name));
        };
        stdin.write(&bytes).map_err(|refused| refused.fault(&name))
    }
}

impl Handler<ClearLogs> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, ClearLogs { name }: ClearLogs, ctx: &mut Context<Self>) -> Self::Result {
        let cleared = self.outputs.clear(&ctx.address(), &self.resources);
        Box::pin(async move {
            cleared
                .await
                .map_err(|_| Fault::new(FaultCode::Failed, name))
        })
    }
}

impl Handler<Prepare> for Process {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Prepare, ctx: &mut Context<Self>) -> Self::Result {
        let opened = self
            .outputs
            .open(&ctx.address(), &self.config.name, &self.resources);
        // A failure is told by the start, which tries again.
        Box::pin(opened.into_actor(self).map(|opened, process, _| {
            process.child.logs_are_open = opened.is_ok();
        }))
    }
}

impl Handler<Autostart> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, Autostart { name }: Autostart, ctx: &mut Context<Self>) -> Self::Result {
        self.order(Order::Start, ctx)
            .map_err(|code| self.fault(code, &name))
    }
}

impl Handler<TakeConfig> for Process {
    type Result = ();

    fn handle(&mut self, TakeConfig(config): TakeConfig, ctx: &mut Context<Self>) {
        self.outputs.resize(&config);
        self.fact(Fact::PolicyChanged(config.program.policy.clone()), ctx);
        self.config = config;
    }
}

impl Handler<ChildExited> for Process {
    type Result = ();

    fn handle(&mut self, ChildExited(pid, status): ChildExited, ctx: &mut Context<Self>) {
        self.child.is_reaped = true;
        self.child.stdin = None;
        self.hear_rest();
        if !self.outputs.are_wanted() {
            return self.exited(pid, status, AllWritten::default(), ctx);
        }
        // What it wrote is in its log before anybody hears of its end.
        let drained = self.outputs.drain(Some(pid)).into_actor(self);
        ctx.spawn(
            drained.map(move |written, process, ctx| process.exited(pid, status, written, ctx)),
        );
    }
}

impl Handler<Output> for Process {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, output: Output, _: &mut Context<Self>) -> Self::Result {
        let Output { channel, said } = output;
        let emitted = said.into_iter().map(|said| self.event(channel, said));
        if let Role::Listener(_) = self.role {
            // Waiting for its own pool, it would wait for itself.
            emitted.for_each(|event| self.resources.events.emit(event));
            return ready(());
        }
        let (emitted, resources): (Vec<_>, _) = (emitted.collect(), self.resources.clone());
        let who = self.source();
        Box::pin(async move {
            for event in emitted {
                resources.events.room_for(event.event_type(), &who).await;
                resources.events.emit(event);
            }
        })
    }
}

impl Handler<TellAll> for Process {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: TellAll, _: &mut Context<Self>) -> Self::Result {
        if !self.outputs.are_told() {
            return ready(());
        }
        let told = self.outputs.drain(None);
        Box::pin(async move {
            told.await;
        })
    }
}

impl Handler<Deliver> for Process {
    type Result = Result<(), Refused>;

    fn handle(&mut self, Deliver(bytes): Deliver, _: &mut Context<Self>) -> Self::Result {
        let stdin = self.child.stdin.as_ref().ok_or(Refused::Closed)?;
        stdin.write(&bytes)
    }
}

impl Handler<ProtocolBroken> for Process {
    type Result = ();

    fn handle(&mut self, _: ProtocolBroken, ctx: &mut Context<Self>) {
        self.fact(Fact::ProtocolBroken, ctx);
    }
}

impl Handler<MoodChanged> for Process {
    type Result = ();

    fn handle(&mut self, MoodChanged(mood): MoodChanged, ctx: &mut Context<Self>) {
        self.fact(Fact::MoodChanged(mood), ctx);
    }
}

impl Handler<ShutDown> for Process {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: ShutDown, ctx: &mut Context<Self>) -> Self::Result {
        let order = match self.machine.state() {
            ProcessState::Backoff => Order::GiveUp,
            _ => Order::Stop,
        };
        // Refused where it is stopping or stopped already.
        let _ = self.order(order, ctx);
        let stopped = self.answer(self.machine.wait_for_stop(), String::new());
        Box::pin(async move { drop(stopped.await) })
    }
}

impl Handler<Hurry> for Process {
    type Result = ();

    fn handle(&mut self, _: Hurry, ctx: &mut Context<Self>) {
        // Refused where nothing is being stopped.
        let _ = self.order(Order::KillNow, ctx);
    }
}

impl Handler<ReopenLogs> for Process {
    type Result = ();

    fn handle(&mut self, _: ReopenLogs, _: &mut Context<Self>) {
        self.outputs.reopen();
    }
}
