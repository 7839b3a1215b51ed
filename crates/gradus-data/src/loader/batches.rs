//! The iterator over the batches of one epoch.

use std::iter::FusedIterator;
use std::sync::Arc;

use super::workers::{Pass, Workers};
use super::{BatchOf, Collate, DataLoader};
use crate::{Dataset, Error, Result};

/// The batches of one epoch, in order: what [`DataLoader::iter`] gives.
pub struct Batches<'a, D>
where
    D: Dataset,
    D::Item: Collate,
{
    loader: &'a DataLoader<D>,
    ticket: u64,
    next: usize,
    source: Source<BatchOf<D>>,
}

enum Source<B> {
    /// Batches are made when they are asked for.
    Here(Arc<Pass>),
    /// Batches are made by threads.
    Threads(Arc<Pass>, Workers<B>),
    /// There can be no batches.
    Failed(Error),
    /// All is said.
    Done,
}

impl<'a, D> Batches<'a, D>
where
    D: Dataset,
    D::Item: Collate,
{
    pub(super) fn new(loader: &'a DataLoader<D>, (epoch, batch): (u64, u64), ticket: u64) -> Self {
        let next = usize::try_from(batch).unwrap_or(usize::MAX);
        let start = || {
            let pass = Arc::new(loader.pass(epoch)?);
            Ok(match loader.spawn {
                Some(spawn) if loader.workers > 0 && next < pass.batches.len() => {
                    let workers =
                        spawn(&loader.dataset, &pass, next, loader.workers, loader.prefetch)?;
                    Source::Threads(pass, workers)
                }
                _ => Source::Here(pass),
            })
        };
        Self { loader, ticket, next, source: start().unwrap_or_else(Source::Failed) }
    }

    fn left(&self) -> usize {
        match &self.source {
            Source::Here(pass) | Source::Threads(pass, _) => {
                pass.batches.len().saturating_sub(self.next)
            }
            Source::Failed(_) => 1,
            Source::Done => 0,
        }
    }
}

impl<D> Iterator for Batches<'_, D>
where
    D: Dataset,
    D::Item: Collate,
{
    type Item = Result<BatchOf<D>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left() == 0 || matches!(self.source, Source::Failed(_)) {
            return match std::mem::replace(&mut self.source, Source::Done) {
                Source::Failed(error) => Some(Err(error)),
                Source::Done => None,
                Source::Here(_) | Source::Threads(..) => {
                    self.loader.position().finish(self.ticket);
                    None
                }
            };
        }
        let batch = match &self.source {
            Source::Here(pass) => pass.make(&*self.loader.dataset, self.next),
            Source::Threads(_, workers) => workers.take(self.next),
            Source::Failed(_) | Source::Done => return None,
        };
        self.next += 1;
        self.loader.position().advance(self.ticket, self.next as u64);
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

impl<D> ExactSizeIterator for Batches<'_, D>
where
    D: Dataset,
    D::Item: Collate,
{
}

impl<D> FusedIterator for Batches<'_, D>
where
    D: Dataset,
    D::Item: Collate,
{
}
