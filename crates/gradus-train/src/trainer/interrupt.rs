//! Ctrl-C.
//!
//! While a trainer listens, the first signal INT or TERM is only noted, and the loop ends at its next step; a second one
//! kills, as does one while nobody listens. The two actions below are registered once for the whole process and
//! come in this order: the default, if it is due; then the note, which makes the default due for the next signal.
//! Actions that a program had registered before are still run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_default};

/// Whether a signal has its default effect: nobody listens, or one was heard.
fn default_is_due() -> Option<&'static Arc<AtomicBool>> {
    static DUE: OnceLock<Option<Arc<AtomicBool>>> = OnceLock::new();
    DUE.get_or_init(|| {
        let due = Arc::new(AtomicBool::new(true));
        for signal in [SIGINT, SIGTERM] {
            register_conditional_default(signal, Arc::clone(&due)).ok()?;
            register(signal, Arc::clone(&due)).ok()?;
        }
        Some(due)
    })
    .as_ref()
}

/// How many listen.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// Listens for as long as it lives.
pub(super) struct Listener(Option<&'static AtomicBool>);

impl Listener {
    /// One that listens, or one that never hears anything. Where the system lets nobody listen, signals kill.
    pub(super) fn start(listens: bool) -> Self {
        let due = listens.then(default_is_due).flatten().map(|due| &**due);
        if let Some(due) = due
            && LISTENERS.fetch_add(1, Ordering::SeqCst) == 0
        {
            due.store(false, Ordering::SeqCst);
        }
        Self(due)
    }

    /// Whether a signal came.
    pub(super) fn heard(&self) -> bool {
        self.0.is_some_and(|due| due.load(Ordering::Relaxed))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(due) = self.0
            && LISTENERS.fetch_sub(1, Ordering::SeqCst) == 1
        {
            due.store(true, Ordering::SeqCst);
        }
    }
}
