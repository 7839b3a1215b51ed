//! Sequences of different lengths in one batch: filled up to the longest, with lengths and a mask.

use gradus_tensor::{Element, Tensor};

use crate::{Collate, Error, Result};

/// An item `[T, …]` whose length `T` differs from item to item. Texts that a [`Tokenizer`](crate::text::Tokenizer)
/// encodes as a batch are padded by it already; this is for any tensor, in any tuple.
///
/// ```
/// use gradus_data::{Collate, Sequence};
/// use gradus_tensor::Tensor;
/// let items = vec![
///     (Sequence::new(Tensor::vector([5_i64, 6, 7])), 1_i64),
///     (Sequence::new(Tensor::vector([8])), 0),
/// ];
/// let (words, labels) = Collate::collate(items)?;
/// assert_eq!(words.values.to_vec(), [5, 6, 7, 8, 0, 0]);
/// assert_eq!(words.lengths, [3, 1]);
/// assert_eq!(words.mask.to_vec(), [true, true, true, true, false, false]);
/// assert_eq!(labels.to_vec(), [1, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence<T: Element> {
    values: Tensor<T>,
    fill: T,
}

/// Sequences of one batch of `N`, the longest of length `T`. `B` is what tensors of the type become: a constant `Var` of
/// floats, a `Tensor` of whole numbers.
#[derive(Debug, Clone)]
pub struct Padded<B> {
    /// `[N, T, …]`, filled up at the end.
    pub values: B,
    /// The length of each sequence, as recurrent layers take them.
    pub lengths: Vec<usize>,
    /// `[N, T]`: `true` where a sequence is, `false` where it was filled up.
    pub mask: Tensor<bool>,
}

impl<T: Element> Sequence<T> {
    /// A sequence along the first axis, to be filled up with zeros (`false`).
    pub fn new(values: Tensor<T>) -> Self {
        Self { values, fill: T::default() }
    }

    /// Another value to fill up with, such as a token for padding or a class that a loss leaves out; the same in all items.
    pub fn fill(self, fill: T) -> Self {
        Self { fill, ..self }
    }

    /// The values.
    pub fn values(&self) -> &Tensor<T> {
        &self.values
    }

    /// The length; 0 if there is no axis.
    pub fn len(&self) -> usize {
        self.values.shape().first().copied().unwrap_or(0)
    }

    /// Whether the length is 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Element> Collate for Sequence<T>
where
    Tensor<T>: Collate,
    <Tensor<T> as Collate>::Batch: From<Tensor<T>>,
{
    type Batch = Padded<<Tensor<T> as Collate>::Batch>;

    /// # Errors
    /// [`Error::EmptyBatch`]; [`Error::Value`] if an item has no axis, if items differ behind the first axis or in what they
    /// are filled up with, or if the batch would have more elements than there can be.
    fn collate(items: Vec<Self>) -> Result<Self::Batch> {
        let op = "collate sequences";
        let first = items.first().ok_or(Error::EmptyBatch)?;
        let inner = first.values.shape().get(1..).unwrap_or_default().to_vec();
        // NaN is unlike itself, but a fine mark.
        let nan = |x: T| x.partial_cmp(&x).is_none();
        let alike = |a: T, b: T| a == b || (nan(a) && nan(b));
        for (i, item) in items.iter().enumerate() {
            let shape = item.values.shape();
            if shape.is_empty() {
                return Err(Error::value(
                    op,
                    format!("item {i} of rank 0"),
                    "a first axis to fill up",
                ));
            }
            if shape[1..] != inner {
                let got =
                    format!("item {i} of shape {shape:?}, item 0 of {:?}", first.values.shape());
                return Err(Error::value(op, got, "the same sizes behind the first axis"));
            }
            if !alike(item.fill, first.fill) {
                let got =
                    format!("item {i} filled up with {}, item 0 with {}", item.fill, first.fill);
                return Err(Error::value(op, got, "one value for all"));
            }
        }
        let lengths: Vec<usize> = items.iter().map(Self::len).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let shape: Vec<usize> =
            [items.len(), longest].into_iter().chain(inner.iter().copied()).collect();
        if shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n)).is_none() {
            return Err(gradus_tensor::Error::TooLarge { op: "collate", shape }.into());
        }
        let step: usize = inner.iter().product();
        let values = Tensor::filled_by(shape, |out: &mut [T]| {
            for (row, item) in out.chunks_exact_mut((longest * step).max(1)).zip(&items) {
                let (head, tail) = row.split_at_mut(item.len() * step);
                match item.values.as_slice() {
                    Some(values) => head.copy_from_slice(values),
                    None => head.copy_from_slice(&item.values.to_vec()),
                }
                tail.fill(first.fill);
            }
        });
        let mask = Tensor::filled_by([items.len(), longest], |out: &mut [bool]| {
            for (row, &length) in out.chunks_exact_mut(longest.max(1)).zip(&lengths) {
                let (head, tail) = row.split_at_mut(length);
                head.fill(true);
                tail.fill(false);
            }
        });
        Ok(Padded { values: values.into(), lengths, mask })
    }

    fn digest(batch: &Self::Batch, so_far: u64) -> Option<u64> {
        let lengths = batch.lengths.iter().map(|&n| n as i64).collect::<Vec<_>>();
        let so_far = Tensor::<i64>::digest(&Tensor::vector(lengths), so_far)?;
        Tensor::<T>::digest(&batch.values, so_far)
    }
}
