//! `config.*`: what Supervisor's own methods can't do about a changed configuration. A name space
//! of our own.

use super::args::Args;
use super::method::Answer;
use super::supervisor::done;
use crate::actors::handle::SupervisorHandle;

pub(super) async fn update_group(handle: SupervisorHandle, args: Args) -> Answer {
    handle.update_group(args.text(0)?).await?;
    done()
}
