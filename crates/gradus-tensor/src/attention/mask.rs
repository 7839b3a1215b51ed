//! Which keys a query may see.

use crate::{Error, Result, Tensor};

/// Which keys a query may see in [`attention`](crate::attention). By default all.
///
/// A query that sees no key gets zeros.
///
/// ```
/// use gradus_tensor::{AttentionMask, Tensor};
/// // Two sequences of three tokens, of which the second has only two; no look into the future.
/// let there = Tensor::from_vec(vec![true, true, true, true, true, false], [2, 3])?;
/// let mask = AttentionMask::causal().keys(there);
/// # let _ = mask;
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AttentionMask {
    pub(super) causal: bool,
    pub(super) keys: Option<Tensor<bool>>,
}

impl AttentionMask {
    /// Every query sees every key.
    pub fn none() -> Self {
        Self::default()
    }

    /// No query sees keys of later tokens: query `i` of `Tq` sees the keys up to `i + Tk - Tq` of
    /// `Tk`, so that the last query sees all.
    pub fn causal() -> Self {
        Self { causal: true, keys: None }
    }

    /// Besides, nobody sees keys where this `[N, Tk]` is false: padding.
    pub fn keys(self, keys: Tensor<bool>) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// Which pairs of a query and a key belong together, `[N, 1, Tq, Tk]` or `[1, 1, Tq, Tk]`; `None`
    /// if all do.
    ///
    /// # Errors
    /// [`Error::Shape`] if the mask of keys has another shape, [`Error::TooLarge`] if memory cannot hold the
    /// pairs.
    pub fn pairs(&self, [queries, keys]: [usize; 2]) -> Result<Option<Tensor<bool>>> {
        let causal = || {
            Tensor::try_filled_by("AttentionMask", &[1, 1, queries, keys], |out| {
                for (i, row) in out.chunks_exact_mut(keys.max(1)).enumerate() {
                    let seen = (i + 1 + keys).saturating_sub(queries);
                    row.iter_mut().enumerate().for_each(|(j, pair)| *pair = j < seen);
                }
            })
        };
        let causal = self.causal.then(causal).transpose()?;
        let Some(mask) = &self.keys else { return Ok(causal) };
        let &[samples, _] = mask.shape() else {
            return Err(Error::shape("AttentionMask", mask.shape(), "a mask [samples, keys]"));
        };
        let mask = mask.reshape([samples, 1, 1, keys])?;
        Ok(Some(match causal {
            Some(causal) => mask.zip("AttentionMask", &causal, |a, b| a && b)?,
            None => mask,
        }))
    }

    /// The mask of the keys, as it must be for so many samples and keys.
    pub(super) fn checked(
        &self,
        op: &'static str,
        shape: [usize; 2],
    ) -> Result<Option<Tensor<bool>>> {
        match &self.keys {
            Some(keys) if keys.shape() != shape => {
                Err(Error::shape(op, keys.shape(), format!("a mask of the keys {shape:?}")))
            }
            keys => Ok(keys.as_ref().map(Tensor::contiguous)),
        }
    }
}
