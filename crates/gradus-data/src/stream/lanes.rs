//! Several shards at once, in an order that does not depend on who reads them.
//!
//! Lane `j` of `L` reads the shards `j`, `j + L`, … of the epoch's order one after the other; the stream takes one item
//! of each lane in turn, and lanes that have ended drop out. Worker `w` of `n` reads the lanes `w`, `w + n`, … in turn,
//! and puts what it reads into a bounded queue of its own. The turns of a worker are a part of those of the reader, so
//! the reader takes from each queue just what comes next, and nothing is sorted.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::{ShardItems, Shards};
use crate::loader::alone;
use crate::{Error, Result};

/// The shards of one lane.
struct Lane<S: Shards> {
    source: Arc<S>,
    epoch: u64,
    shards: VecDeque<usize>,
    open: Option<(usize, ShardItems<S::Item>)>,
}

impl<S: Shards> Lane<S> {
    /// The next item; an error ends its shard, and the lane goes on with the next one.
    fn next(&mut self) -> Option<Result<S::Item>> {
        loop {
            let (shard, mut items) = match self.open.take() {
                Some(open) => open,
                None => {
                    let shard = self.shards.pop_front()?;
                    match guard(shard, || self.source.open_in_epoch(shard, self.epoch).map(Some)) {
                        Ok(Some(items)) => (shard, items),
                        Ok(None) => continue,
                        Err(error) => return Some(Err(error)),
                    }
                }
            };
            match guard(shard, || items.next().transpose()) {
                Ok(Some(item)) => {
                    self.open = Some((shard, items));
                    return Some(Ok(item));
                }
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// A panic becomes an error, on whatever thread it happens. What panicked is not used again.
fn guard<T>(shard: usize, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let message = crate::loader::panic_text(panic.as_ref());
        Err(Error::value(
            "StreamLoader",
            format!("a panic in shard {shard}: {message}"),
            "items or an error",
        ))
    })
}

/// All items of an epoch.
pub(super) struct Items<S: Shards> {
    /// The lanes that have not ended, in turn.
    turns: VecDeque<usize>,
    feed: Feed<S>,
}

enum Feed<S: Shards> {
    Here(Vec<Lane<S>>),
    Threads(Threads<S::Item>),
}

impl<S> Items<S>
where
    S: Shards + 'static,
    S::Item: Send + 'static,
{
    /// The shards of `order` in `lanes` lanes, read by `workers` threads that are at most `ahead` items ahead each; by
    /// none, on the calling thread.
    pub fn new(
        source: &Arc<S>,
        epoch: u64,
        order: &[usize],
        lanes: usize,
        workers: usize,
        ahead: usize,
    ) -> Result<Self> {
        let count = lanes.clamp(1, order.len().max(1));
        let lane = |j: usize| Lane {
            source: Arc::clone(source),
            epoch,
            shards: order.iter().copied().skip(j).step_by(count).collect(),
            open: None,
        };
        let turns = (0..count).collect();
        let feed = match workers.min(count) {
            0 => Feed::Here((0..count).map(lane).collect()),
            workers => {
                let mut threads = Threads { queues: Vec::new(), threads: Vec::new() };
                for worker in 0..workers {
                    let lanes = (worker..count).step_by(workers).map(lane).collect();
                    threads.start(worker, lanes, ahead)?;
                }
                Feed::Threads(threads)
            }
        };
        Ok(Self { turns, feed })
    }
}

impl<S: Shards> Iterator for Items<S> {
    type Item = Result<S::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let lane = self.turns.pop_front()?;
            let item = match &mut self.feed {
                Feed::Here(lanes) => lanes[lane].next(),
                Feed::Threads(threads) => match threads.take(lane) {
                    Some(sent) => sent,
                    // The lane is left out, or there would be no end of errors.
                    None => {
                        let message = format!("the worker of lane {lane} ended before it");
                        return Some(Err(Error::Worker { message }));
                    }
                },
            };
            if item.is_some() {
                self.turns.push_back(lane);
                return item;
            }
        }
    }
}

/// An item, or the end of the lane whose turn it is.
type Sent<T> = Option<Result<T>>;

struct Threads<T> {
    queues: Vec<Receiver<Sent<T>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T> Threads<T> {
    fn start<S>(&mut self, worker: usize, lanes: Vec<Lane<S>>, ahead: usize) -> Result<()>
    where
        S: Shards<Item = T> + 'static,
        T: Send + 'static,
    {
        let (queue, reader) = sync_channel(ahead);
        let work = move || {
            let mut lanes: VecDeque<Lane<S>> = lanes.into();
            while let Some(mut lane) = lanes.pop_front() {
                let item = alone(|| lane.next().transpose()).transpose();
                let goes_on = item.is_some();
                if queue.send(item).is_err() {
                    return;
                }
                if goes_on {
                    lanes.push_back(lane);
                }
            }
        };
        let thread = Builder::new().name(format!("gradus-stream-{worker}")).spawn(work);
        self.threads.push(thread.map_err(|e| Error::Worker {
            message: format!("the system gives no thread for worker {worker}: {e}"),
        })?);
        self.queues.push(reader);
        Ok(())
    }

    /// What comes next in a lane; nothing if its worker is gone.
    fn take(&self, lane: usize) -> Option<Sent<T>> {
        self.queues.get(lane % self.queues.len().max(1))?.recv().ok()
    }
}

impl<T> Drop for Threads<T> {
    /// Waits until the threads have put down what they have in hand.
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
