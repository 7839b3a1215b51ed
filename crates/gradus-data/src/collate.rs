//! From items to a batch: tensors are stacked along a new first axis, tuples item by item.
//!
//! | item | batch | shape |
//! |---|---|---|
//! | `Tensor<f32>`, `Tensor<f64>` of shape `s` | `Var`, a constant | `[N, s…]` |
//! | `Tensor<i64>`, `Tensor<u8>`, `Tensor<bool>` of shape `s` | `Tensor` | `[N, s…]` |
//! | `f32`, `f64` | `Var`, a constant | `[N]` |
//! | `i64`, `u8`, `bool` | `Tensor` | `[N]` |
//! | other integers, and tensors of them of shape `s` | `Tensor<i64>` | `[N]`, `[N, s…]` |
//! | [`Sequence`](crate::Sequence) of shape `[T, s…]` | [`Padded`](crate::Padded) | `[N, longest T, s…]` |
//! | `String` | `Vec<String>` | `N` |
//! | a tuple of two to four of these | the tuple of their batches | |

use gradus_autograd::Var;
use gradus_tensor::{Element, Tensor};

use crate::digest::mix;
use crate::{Dataset, Error, Result};

/// What a [`DataLoader`](crate::DataLoader) makes of a data set's items.
pub type BatchOf<D> = <<D as Dataset>::Item as Collate>::Batch;

/// An item that can be put together with others to a batch.
///
/// Implement it for a type of your own where stacking is not what you want, for example to pad
/// sentences to the length of the longest:
///
/// ```
/// use gradus_data::{Collate, Result};
/// use gradus_tensor::Tensor;
///
/// struct Sentence(Vec<i64>);
///
/// impl Collate for Sentence {
///     type Batch = Tensor<i64>;
///     fn collate(items: Vec<Self>) -> Result<Tensor<i64>> {
///         let longest = items.iter().map(|s| s.0.len()).max().unwrap_or(0);
///         let mut batch = Tensor::zeros([items.len(), longest]);
///         for (row, s) in batch.as_mut_slice().chunks_mut(longest.max(1)).zip(&items) {
///             row[..s.0.len()].copy_from_slice(&s.0);
///         }
///         Ok(batch)
///     }
/// }
/// let batch = Collate::collate(vec![Sentence(vec![5, 6]), Sentence(vec![7])])?;
/// assert_eq!(batch.to_vec(), [5, 6, 7, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Collate: Sized {
    /// Several items in one.
    type Batch;

    /// Puts items together, in their order.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`] if tensors or numbers are to be put together and there are none,
    /// [`Error::Stack`] if tensors differ in shape.
    fn collate(items: Vec<Self>) -> Result<Self::Batch>;

    /// A number that tells batches apart, mixed into `so_far`, so that a run is not resumed on other data; `None`, as it
    /// is unless you write it, where that cannot be said.
    fn digest(batch: &Self::Batch, so_far: u64) -> Option<u64> {
        let _ = (batch, so_far);
        None
    }
}

/// Mixes in the shape and the elements, each as what `bytes` makes of it.
fn digest<T: Element, B: AsRef<[u8]>>(
    tensor: &Tensor<T>,
    so_far: u64,
    bytes: fn(T) -> B,
) -> Option<u64> {
    let shape = tensor.shape().iter().fold(so_far, |all, n| mix(all, n.to_le_bytes()));
    Some(tensor.to_vec().into_iter().fold(shape, |all, x| mix(all, bytes(x))))
}

/// Tensors of one shape along a new first axis.
fn stack<T: Element>(items: &[Tensor<T>]) -> Result<Tensor<T>> {
    let shape = items.first().ok_or(Error::EmptyBatch)?.shape();
    if let Some(item) = items.iter().position(|other| other.shape() != shape) {
        let (got, wanted) = (items[item].shape().to_vec(), shape.to_vec());
        return Err(Error::Stack { item, got, wanted });
    }
    let whole: Vec<usize> = std::iter::once(items.len()).chain(shape.iter().copied()).collect();
    let row: usize = shape.iter().product();
    if items.len().checked_mul(row).is_none() {
        return Err(gradus_tensor::Error::TooLarge { op: "collate", shape: whole }.into());
    }
    Ok(Tensor::filled_by(whole, |out| {
        // An item without elements has no row to write, and a row of none cannot be cut.
        for (to, from) in out.chunks_exact_mut(row.max(1)).zip(items) {
            match from.as_slice() {
                Some(values) => to.copy_from_slice(values),
                None => to.copy_from_slice(&from.to_vec()),
            }
        }
    }))
}

/// Numbers side by side.
fn line<T: Element>(items: &[T]) -> Result<Tensor<T>> {
    if items.is_empty() { Err(Error::EmptyBatch) } else { Ok(Tensor::vector(items)) }
}

/// What can be differentiated goes into a network: its batch is a constant `Var`.
macro_rules! inputs {
    ($($t:ty),*) => { $(
        impl Collate for Tensor<$t> {
            type Batch = Var<$t>;
            fn collate(items: Vec<Self>) -> Result<Var<$t>> {
                Ok(Var::from(stack(&items)?))
            }
            fn digest(batch: &Var<$t>, so_far: u64) -> Option<u64> {
                digest(batch.value(), so_far, <$t>::to_le_bytes)
            }
        }
        impl Collate for $t {
            type Batch = Var<$t>;
            fn collate(items: Vec<Self>) -> Result<Var<$t>> {
                Ok(Var::from(line(&items)?))
            }
            fn digest(batch: &Var<$t>, so_far: u64) -> Option<u64> {
                <Tensor<$t> as Collate>::digest(batch, so_far)
            }
        }
    )* };
}
inputs!(f32, f64);

/// Labels, indices and masks are not differentiated: their batch is a plain tensor.
macro_rules! labels {
    ($($t:ty),*) => { $(
        impl Collate for Tensor<$t> {
            type Batch = Tensor<$t>;
            fn collate(items: Vec<Self>) -> Result<Tensor<$t>> {
                stack(&items)
            }
            fn digest(batch: &Tensor<$t>, so_far: u64) -> Option<u64> {
                digest(batch, so_far, |x| (x as u64).to_le_bytes())
            }
        }
        impl Collate for $t {
            type Batch = Tensor<$t>;
            fn collate(items: Vec<Self>) -> Result<Tensor<$t>> {
                line(&items)
            }
            fn digest(batch: &Tensor<$t>, so_far: u64) -> Option<u64> {
                <Tensor<$t> as Collate>::digest(batch, so_far)
            }
        }
    )* };
}
labels!(i64, u8, bool);

/// Labels of other integer types become the `i64` that losses take, where it holds them.
macro_rules! widened {
    ($($t:ty),*) => { $(
        impl Collate for Tensor<$t> {
            type Batch = Tensor<i64>;
            fn collate(items: Vec<Self>) -> Result<Tensor<i64>> {
                let mut widened = Vec::with_capacity(items.len());
                for item in items {
                    widened.push(Tensor::from_vec(widen(&item.to_vec())?, item.shape())?);
                }
                stack(&widened)
            }
            fn digest(batch: &Tensor<i64>, so_far: u64) -> Option<u64> {
                <Tensor<i64> as Collate>::digest(batch, so_far)
            }
        }
        impl Collate for $t {
            type Batch = Tensor<i64>;
            fn collate(items: Vec<Self>) -> Result<Tensor<i64>> {
                line(&widen(&items)?)
            }
            fn digest(batch: &Tensor<i64>, so_far: u64) -> Option<u64> {
                i64::digest(batch, so_far)
            }
        }
    )* };
}
widened!(i8, i16, i32, u16, u32, u64);

/// Labels as `i64`s.
fn widen<T: Copy + std::fmt::Display + TryInto<i64>>(labels: &[T]) -> Result<Vec<i64>> {
    let mut widened = Vec::with_capacity(labels.len());
    for &label in labels {
        widened.push(label.try_into().map_err(|_| {
            Error::value("collate", format!("the whole number {label}"), "one that an i64 holds")
        })?);
    }
    Ok(widened)
}

/// A place in a list, as a label.
impl Collate for usize {
    type Batch = Tensor<i64>;
    fn collate(items: Vec<Self>) -> Result<Tensor<i64>> {
        line(&widen(&items)?)
    }
    fn digest(batch: &Tensor<i64>, so_far: u64) -> Option<u64> {
        i64::digest(batch, so_far)
    }
}

impl Collate for String {
    type Batch = Vec<String>;
    fn collate(items: Vec<Self>) -> Result<Vec<String>> {
        Ok(items)
    }
    fn digest(batch: &Vec<String>, so_far: u64) -> Option<u64> {
        Some(batch.iter().fold(so_far, mix))
    }
}

macro_rules! tuples {
    ($($name:ident.$i:tt)*) => {
        impl<$($name: Collate),*> Collate for ($($name,)*) {
            type Batch = ($($name::Batch,)*);
            fn collate(items: Vec<Self>) -> Result<Self::Batch> {
                let mut columns = ($(Vec::<$name>::with_capacity(items.len()),)*);
                for item in items {
                    $(columns.$i.push(item.$i);)*
                }
                Ok(($(Collate::collate(columns.$i)?,)*))
            }
            fn digest(batch: &Self::Batch, so_far: u64) -> Option<u64> {
                $(let so_far = $name::digest(&batch.$i, so_far)?;)*
                Some(so_far)
            }
        }
    };
}
tuples!(A.0 B.1);
tuples!(A.0 B.1 C.2);
tuples!(A.0 B.1 C.2 D.3);
