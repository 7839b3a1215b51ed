//! Random choices of elements: `true` with a given probability.
//!
//! Each piece of the mask is drawn from a stream of its own, so that threads can share the work
//! and the mask is still determined by the generator alone.

use ndarray_rand::rand::RngCore;

use crate::threads::{PIECE, for_each_piece};
use crate::{Error, Result, Rng, Tensor};

impl Tensor<bool> {
    /// Elements that are `true` with probability `p`, independently. It advances the generator by
    /// the same amount whatever the shape.
    ///
    /// ```
    /// use gradus_tensor::{Rng, Tensor};
    /// let mask = Tensor::random_mask([1000], 0.25, &mut Rng::new(0))?;
    /// assert!((200..300).contains(&mask.count()));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] unless `p` lies between 0 and 1, [`Error::TooLarge`] if memory cannot hold that many
    /// elements.
    pub fn random_mask(shape: impl AsRef<[usize]>, p: f64, rng: &mut Rng) -> Result<Self> {
        if !(0.0..=1.0).contains(&p) {
            let got = format!("probability {p}");
            return Err(Error::value("random_mask", got, "a number from 0 to 1"));
        }
        // A draw of 32 bits is below p * 2^32 with probability p, to within 2^-33.
        let limit = (p * 4_294_967_296.0).round() as u64;
        let streams = Rng::new(rng.next_u64());
        Self::try_filled_by("random_mask", shape.as_ref(), |out| {
            for_each_piece(out, PIECE, |i, piece| {
                let mut rng = streams.stream(i as u64);
                let mut bytes = [0; 1024];
                for out in piece.chunks_mut(bytes.len() / 4) {
                    rng.fill_bytes(&mut bytes[..4 * out.len()]);
                    for (o, word) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                        let draw = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
                        *o = u64::from(draw) < limit;
                    }
                }
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads;

    #[test]
    fn the_mask_does_not_depend_on_the_number_of_threads() {
        let draw = || Tensor::random_mask([3, PIECE], 0.3, &mut Rng::new(7)).unwrap();
        let one = threads::with_count(1, draw).unwrap();
        assert_eq!(one, threads::with_count(3, draw).unwrap());
        let share = one.count() as f64 / one.len() as f64;
        // Five standard deviations.
        assert!((share - 0.3).abs() < 0.0104, "{share}");
    }

    #[test]
    fn certain_and_impossible() {
        let mut rng = Rng::new(1);
        assert!(Tensor::random_mask([500], 1.0, &mut rng).unwrap().all());
        assert!(!Tensor::random_mask([500], 0.0, &mut rng).unwrap().any());
        let error = Tensor::random_mask([1], 1.5, &mut rng).unwrap_err().to_string();
        assert_eq!(error, "random_mask: got probability 1.5, wanted a number from 0 to 1");
    }
}
