//! A row of numbers for each frame: spectra, mel bands, cepstral coefficients.

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Numbers for each frame of a sound, `[frames, size]`, frame by frame.
///
/// ```
/// use gradus_data::audio::Features;
/// let two = Features::new(3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!((two.frames(), two.size()), (2, 3));
/// assert_eq!(two.rows().nth(1), Some(&[4.0, 5.0, 6.0][..]));
/// assert_eq!(two.to_tensor()?.shape(), [2, 3]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    size: usize,
    values: Vec<f32>,
}

impl Features {
    /// Rows of `size` numbers.
    ///
    /// # Errors
    /// If `size` is 0 or the numbers do not fill whole rows.
    pub fn new(size: usize, values: Vec<f32>) -> Result<Self> {
        if size == 0 || !values.len().is_multiple_of(size) {
            let got = format!("{} numbers in rows of {size}", values.len());
            return Err(Error::value("Features::new", got, "whole rows of at least 1"));
        }
        Ok(Self { size, values })
    }

    /// No rows yet, of a size that is not 0.
    pub(super) fn empty(size: usize) -> Self {
        Self { size, values: Vec::new() }
    }

    /// Adds a row of zeros and gives it.
    pub(super) fn push(&mut self) -> &mut [f32] {
        let start = self.values.len();
        self.values.resize(start + self.size, 0.0);
        &mut self.values[start..]
    }

    /// Another row for each row.
    pub(super) fn map_rows(&self, size: usize, mut to: impl FnMut(&[f32], &mut [f32])) -> Self {
        let mut new = Self { size, values: vec![0.0; self.frames() * size] };
        self.rows().zip(new.rows_mut()).for_each(|(row, new)| to(row, new));
        new
    }

    /// The number of frames.
    pub fn frames(&self) -> usize {
        self.values.len() / self.size
    }

    /// The numbers for each frame, at least 1.
    pub fn size(&self) -> usize {
        self.size
    }

    /// All numbers, `[frames, size]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All numbers, to change.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The frames in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.size)
    }

    /// The frames in their order, to change.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [f32]> {
        self.values.chunks_exact_mut(self.size)
    }

    /// Adds the frames of another, of a later part of the sound.
    ///
    /// # Errors
    /// If its frames have another size.
    pub fn append(&mut self, other: &Self) -> Result<()> {
        Self::check("Features::append", other, self.size)?;
        self.values.extend_from_slice(&other.values);
        Ok(())
    }

    /// A tensor `[frames, size]`.
    ///
    /// # Errors
    /// None of its own; those of [`Tensor::from_vec`].
    pub fn to_tensor(&self) -> Result<Tensor> {
        Ok(Tensor::from_vec(self.values.clone(), [self.frames(), self.size])?)
    }

    /// An error unless the rows have this size.
    pub(super) fn check(op: &'static str, features: &Self, size: usize) -> Result<()> {
        if features.size == size {
            return Ok(());
        }
        let got = format!("features of {} numbers a frame", features.size);
        Err(Error::value(op, got, format!("{size} numbers a frame")))
    }
}
