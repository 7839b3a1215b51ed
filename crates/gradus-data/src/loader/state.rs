//! Where a loader stands.

/// A position between two batches. With the same data set and settings it determines everything
/// that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LoaderState {
    /// The epoch, from 0.
    pub epoch: u64,
    /// How many batches of that epoch were handed out. After the last batch it is their number;
    /// the iterator's end turns it into batch 0 of the next epoch.
    pub batch: u64,
    /// The seed of the order, 0 if there is none.
    pub seed: u64,
}

/// The position that a loader and its iterator share.
#[derive(Debug, Default)]
pub(crate) struct Position {
    epoch: u64,
    batch: u64,
    /// Whether an iterator has begun at this epoch, so that the next one takes the next.
    begun: bool,
    /// Counts iterators and restorations. An iterator that is no longer the latest does not move
    /// the position.
    ticket: u64,
}

impl Position {
    pub fn at(&self) -> (u64, u64) {
        (self.epoch, self.batch)
    }

    /// A new iterator: where it starts, and its ticket.
    pub fn begin(&mut self) -> ((u64, u64), u64) {
        if self.begun {
            (self.epoch, self.batch) = (self.epoch.wrapping_add(1), 0);
        }
        self.begun = true;
        self.ticket += 1;
        (self.at(), self.ticket)
    }

    /// An iterator handed out the batch before `batch`.
    pub fn advance(&mut self, ticket: u64, batch: u64) {
        if self.ticket == ticket {
            self.batch = batch;
        }
    }

    /// An iterator came to its end.
    pub fn finish(&mut self, ticket: u64) {
        if self.ticket == ticket && self.begun {
            (self.epoch, self.batch) = (self.epoch.wrapping_add(1), 0);
            self.begun = false;
        }
    }

    /// A saved position was restored.
    pub fn go_to(&mut self, state: LoaderState) {
        (self.epoch, self.batch) = (state.epoch, state.batch);
        self.begun = false;
        self.ticket += 1;
    }
}
