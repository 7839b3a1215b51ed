//! Tensors as a data set: item `i` is the `i`-th entry along the first axis of each.

use gradus_tensor::{Element, Tensor};

use crate::collate::{BatchOf, Collate};
use crate::{Dataset, Error, Result};

/// A data set of the rows of a tensor, or of several tensors side by side.
///
/// A row is a view; a batch is gathered in one pass without a tensor per item.
///
/// ```
/// use gradus_data::{Dataset, TensorDataset};
/// use gradus_tensor::Tensor;
///
/// let x = Tensor::<f32>::linspace(0.0, 1.0, 6).reshape([3, 2])?;
/// let y = Tensor::vector([0_i64, 1, 0]);
/// let points = TensorDataset::new((x, y))?;
/// let (_inputs, labels) = points.get_batch(&[1, 2], 0)?;
/// assert_eq!(labels.to_vec(), [1, 0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TensorDataset<R> {
    rows: R,
    len: usize,
}

impl<R: Rows> TensorDataset<R> {
    /// The rows of a tensor, or of each of two or three tensors in a tuple.
    ///
    /// # Errors
    /// [`Error::Value`] if a tensor has no axis, or if the first axes differ in size.
    pub fn new(rows: R) -> Result<Self> {
        let len = rows.count()?;
        Ok(Self { rows, len })
    }

    /// The tensors.
    pub fn rows(&self) -> &R {
        &self.rows
    }
}

impl<R: Rows> Dataset for TensorDataset<R> {
    type Item = R::Row;

    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, index: usize) -> Result<R::Row> {
        Error::check_index("TensorDataset", index, self.len)?;
        self.rows.row(index)
    }

    fn get_batch(&self, indices: &[usize], _epoch: u64) -> Result<BatchOf<Self>> {
        let check = |&index: &usize| Error::check_index("TensorDataset", index, self.len);
        indices.iter().try_for_each(check)?;
        self.rows.gather(indices)
    }
}

/// What can be cut into rows: tensors, and tuples of them.
pub trait Rows: Send + Sync {
    /// One row.
    type Row: Collate;

    /// The number of rows.
    ///
    /// # Errors
    /// [`Error::Value`] if there is no first axis, or if its sizes differ.
    fn count(&self) -> Result<usize>;

    /// A view of one row.
    ///
    /// # Errors
    /// If there is no such row.
    fn row(&self, index: usize) -> Result<Self::Row>;

    /// A batch of rows, the same as their views collated.
    ///
    /// # Errors
    /// If there is no such row, and [`Error::EmptyBatch`].
    fn gather(&self, indices: &[usize]) -> Result<<Self::Row as Collate>::Batch>;
}

impl<T: Element> Rows for Tensor<T>
where
    Tensor<T>: Collate,
    <Tensor<T> as Collate>::Batch: From<Tensor<T>>,
{
    type Row = Tensor<T>;

    fn count(&self) -> Result<usize> {
        self.shape().first().copied().ok_or_else(|| {
            Error::value("TensorDataset::new", "a tensor of rank 0", "a first axis to count")
        })
    }

    fn row(&self, index: usize) -> Result<Tensor<T>> {
        Ok(self.index(0, index)?)
    }

    fn gather(&self, indices: &[usize]) -> Result<<Tensor<T> as Collate>::Batch> {
        let rows = self.count()?;
        let values = match self.as_slice() {
            Some(values) if !indices.is_empty() && !values.is_empty() => values,
            // Views and empty tensors are rare here; row by row is right for every layout.
            _ => {
                let views = indices.iter().map(|&index| self.row(index));
                return Collate::collate(views.collect::<Result<Vec<_>>>()?);
            }
        };
        let row = values.len() / rows;
        let mut shape = self.shape().to_vec();
        shape[0] = indices.len();
        let check = |&index: &usize| Error::check_index("TensorDataset", index, rows);
        indices.iter().try_for_each(check)?;
        let batch = Tensor::filled_by(shape, |out| {
            for (to, &index) in out.chunks_exact_mut(row).zip(indices) {
                to.copy_from_slice(&values[index * row..][..row]);
            }
        });
        Ok(batch.into())
    }
}

macro_rules! tuples {
    ($($name:ident.$i:tt)*) => {
        impl<$($name: Rows),*> Rows for ($($name,)*) {
            type Row = ($($name::Row,)*);

            fn count(&self) -> Result<usize> {
                let counts = [$(self.$i.count()?),*];
                if counts.iter().any(|&count| count != counts[0]) {
                    let got = format!("tensors of {counts:?} rows");
                    let wanted = "the same number of rows in each";
                    return Err(Error::value("TensorDataset::new", got, wanted));
                }
                Ok(counts[0])
            }

            fn row(&self, index: usize) -> Result<Self::Row> {
                Ok(($(self.$i.row(index)?,)*))
            }

            fn gather(&self, indices: &[usize]) -> Result<<Self::Row as Collate>::Batch> {
                Ok(($(self.$i.gather(indices)?,)*))
            }
        }
    };
}
tuples!(A.0 B.1);
tuples!(A.0 B.1 C.2);
