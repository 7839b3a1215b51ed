//! Threads that make batches ahead of time.
//!
//! Worker `w` of `n` makes batches `w`, `w + n`, `w + 2n`, … and puts them into a bounded queue of
//! its own; the reader takes from the queues in turn. So batches arrive in order without being
//! sorted, nothing is shared but the data set, and a full queue makes its worker wait.
//!
//! It ends without a signal: when the reader drops its ends of the queues, putting fails and the
//! worker returns.
//!
//! What a worker computes with tensors it computes alone. The threads of operations do one job at a time, so a
//! worker's would take them from training, which would then compute alone what is larger.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use gradus_tensor::threads;

use crate::collate::{BatchOf, Collate};
use crate::samplers::BatchSampler;
use crate::{Dataset, Error, Result};

/// The batches of one epoch.
pub(super) struct Pass {
    pub epoch: u64,
    pub batches: BatchSampler,
}

impl Pass {
    /// Makes one batch. A panic becomes an error, on whatever thread it happens.
    pub fn make<D>(&self, dataset: &D, batch: usize) -> Result<BatchOf<D>>
    where
        D: Dataset,
        D::Item: Collate,
    {
        let indices = self.batches.get(batch).unwrap_or_default();
        // The data set is only read here; what it guards by locks tells of the panic by itself.
        let made = catch_unwind(AssertUnwindSafe(|| dataset.get_batch(indices, self.epoch)));
        made.unwrap_or_else(|panic| {
            Err(Error::Panicked { epoch: self.epoch, batch, message: text(panic.as_ref()) })
        })
    }
}

/// Runs a worker's task on its own thread, whatever operations on tensors it calls. The results have the same bits.
pub(crate) fn alone<R>(task: impl FnOnce() -> Result<R>) -> Result<R> {
    threads::with_count(1, task)?
}

/// What a panic said.
pub(crate) fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// The threads of one pass, and the queues that they fill.
pub(super) struct Workers<B> {
    first: usize,
    queues: Vec<Receiver<Result<B>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<B: Send + 'static> Workers<B> {
    /// Starts `workers` threads (not more than there are batches) at batch `first`.
    pub fn spawn<D>(
        dataset: &Arc<D>,
        pass: &Arc<Pass>,
        first: usize,
        workers: usize,
        prefetch: usize,
    ) -> Result<Self>
    where
        D: Dataset + 'static,
        D::Item: Collate<Batch = B>,
    {
        let total = pass.batches.len();
        let workers = workers.min(total.saturating_sub(first)).max(1);
        // Each worker holds one finished batch in its hand besides those in its queue. More room
        // than the pass has batches would never be used.
        let room = prefetch.min(total).div_ceil(workers).saturating_sub(1);
        let mut pool = Self { first, queues: Vec::new(), threads: Vec::new() };
        for worker in 0..workers {
            let (queue, reader) = sync_channel(room);
            let (dataset, pass) = (Arc::clone(dataset), Arc::clone(pass));
            let work = move || {
                for batch in (first + worker..total).step_by(workers) {
                    if queue.send(alone(|| pass.make(&*dataset, batch))).is_err() {
                        return;
                    }
                }
            };
            let thread = Builder::new().name(format!("gradus-data-{worker}")).spawn(work);
            pool.threads.push(thread.map_err(|e| Error::Worker {
                message: format!("the system gives no thread for worker {worker}: {e}"),
            })?);
            pool.queues.push(reader);
        }
        Ok(pool)
    }
}

impl<B> Workers<B> {
    /// Waits for a batch. Batches are to be taken in order.
    pub fn take(&self, batch: usize) -> Result<B> {
        let gone =
            || Error::Worker { message: format!("the worker of batch {batch} ended before it") };
        let turn = batch.saturating_sub(self.first) % self.queues.len().max(1);
        let queue = self.queues.get(turn).ok_or_else(gone)?;
        queue.recv().map_err(|_| gone())?
    }
}

impl<B> Drop for Workers<B> {
    /// Waits until the threads have put down what they have in hand, so that nothing reads the data
    /// set afterwards.
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            // A panic that got this far has been reported as the loss of its batch.
            let _ = thread.join();
        }
    }
}
