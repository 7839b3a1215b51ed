//! Random numbers that a seed determines, on any machine and any number of threads.
//!
//! The generator is ChaCha with 8 rounds (Bernstein, *ChaCha, a variant of Salsa20*, 2008): it
//! encrypts a counter, so its position can be read, saved and set, and one seed gives 2⁶⁴ streams
//! that have nothing to do with each other.

use ndarray_rand::rand::{RngCore, SeedableRng};
use ndarray_rand::rand_distr::{Distribution, Normal, StandardNormal, Uniform};
use rand_chacha::ChaCha8Rng;

use crate::{Error, Float, Result, Tensor, concrete};

/// A seeded generator of random numbers.
///
/// ```
/// use gradus_tensor::{Rng, Tensor};
/// let mut rng = Rng::new(42);
/// let x = Tensor::<f32>::normal([3], 0.0, 1.0, &mut rng)?;
/// assert_eq!(x, Tensor::normal([3], 0.0, 1.0, &mut Rng::new(42))?);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rng {
    seed: u64,
    generator: ChaCha8Rng,
}

/// Where a generator stands: enough to continue it in another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RngState {
    /// The seed that it was made from.
    pub seed: u64,
    /// Which of the seed's streams it runs through.
    pub stream: u64,
    /// How many 32-bit words of the stream are used up.
    pub position: u128,
}

impl Rng {
    /// The first stream of a seed, from its beginning.
    pub fn new(seed: u64) -> Self {
        Self { seed, generator: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Another stream of the same seed, from its beginning. Streams do not depend on how much of
    /// each other was used, so work that runs in any order can take a stream per item.
    ///
    /// ```
    /// use gradus_tensor::Rng;
    /// let (mut used, fresh) = (Rng::new(1), Rng::new(1));
    /// used.below(10);
    /// assert_eq!(used.stream(7), fresh.stream(7));
    /// ```
    pub fn stream(&self, stream: u64) -> Self {
        let mut other = Self::new(self.seed);
        other.generator.set_stream(stream);
        other
    }

    /// Where the generator stands.
    pub fn state(&self) -> RngState {
        RngState {
            seed: self.seed,
            stream: self.generator.get_stream(),
            position: self.generator.get_word_pos(),
        }
    }

    /// The generator that stands where another stood.
    ///
    /// ```
    /// use gradus_tensor::Rng;
    /// let mut rng = Rng::new(3).stream(2);
    /// rng.below(100);
    /// let mut copy = Rng::from_state(rng.state());
    /// assert_eq!(rng.below(1000), copy.below(1000));
    /// ```
    pub fn from_state(state: RngState) -> Self {
        let mut rng = Self::new(state.seed).stream(state.stream);
        rng.generator.set_word_pos(state.position);
        rng
    }

    /// A whole number from 0 to `n - 1`, each equally likely; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        Uniform::new(0, n.max(1)).map_or(0, |numbers| numbers.sample(self))
    }

    /// The numbers from 0 to `n - 1` in random order, each order equally likely (Fisher and Yates;
    /// Knuth, *The Art of Computer Programming* 2, algorithm 3.4.2 P).
    ///
    /// ```
    /// let mut order = gradus_tensor::Rng::new(0).permutation(5);
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3, 4]);
    /// ```
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

/// So that every distribution of `rand_distr` and `ndarray-rand` can draw from it.
impl RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        self.generator.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.generator.fill_bytes(bytes);
    }
}

impl<T: Float> Tensor<T> {
    /// Independent draws from a distribution of doubles, rounded to `T`.
    ///
    /// ```
    /// # use gradus_tensor::{Rng, Tensor};
    /// use gradus_tensor::rand_distr::Exp1;
    /// let x = Tensor::<f32>::random([100], Exp1, &mut Rng::new(5));
    /// assert!(x.min()?.item()? > 0.0);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    ///
    /// # Panics
    /// If memory cannot hold that many elements.
    #[track_caller]
    pub fn random(
        shape: impl AsRef<[usize]>,
        distribution: impl Distribution<f64>,
        rng: &mut Rng,
    ) -> Self {
        Self::filled_by(shape, |out| {
            out.iter_mut().for_each(|x| *x = T::from_f64(distribution.sample(rng)));
        })
    }

    /// Numbers from `low` (included) to `high` (excluded up to rounding), each equally likely.
    ///
    /// # Errors
    /// [`Error::Value`] unless `low < high` and both are finite, [`Error::TooLarge`] if memory
    /// cannot hold that many elements.
    pub fn uniform(shape: impl AsRef<[usize]>, low: T, high: T, rng: &mut Rng) -> Result<Self> {
        let numbers = Uniform::new(low.to_f64(), high.to_f64()).map_err(|_| {
            Error::value("uniform", format!("the range {low} to {high}"), "low < high, both finite")
        })?;
        fn kernel<T: Float>(out: &mut [T], numbers: Uniform<f64>, rng: &mut Rng) {
            out.iter_mut().for_each(|x| *x = T::from_f64(numbers.sample(rng)));
        }
        let fill = concrete!(kernel: fn(&mut [T], Uniform<f64>, &mut Rng));
        Self::try_filled_by("uniform", shape.as_ref(), |out| fill(out, numbers, rng))
    }

    /// Numbers from the normal distribution with the given mean and standard deviation.
    ///
    /// # Errors
    /// [`Error::Value`] if `std` is negative or not finite, [`Error::TooLarge`] if memory
    /// cannot hold that many elements.
    pub fn normal(shape: impl AsRef<[usize]>, mean: T, std: T, rng: &mut Rng) -> Result<Self> {
        fn kernel<T: Float>(out: &mut [T], numbers: Normal<f64>, rng: &mut Rng) {
            out.iter_mut().for_each(|x| *x = T::from_f64(numbers.sample(rng)));
        }
        let numbers = normal("normal", mean, std)?;
        let fill = concrete!(kernel: fn(&mut [T], Normal<f64>, &mut Rng));
        Self::try_filled_by("normal", shape.as_ref(), |out| fill(out, numbers, rng))
    }

    /// Numbers from the normal distribution, drawn again where they lie more than two standard
    /// deviations from the mean.
    ///
    /// # Errors
    /// [`Error::Value`] if `std` is negative or not finite, [`Error::TooLarge`] if memory
    /// cannot hold that many elements.
    pub fn truncated_normal(
        shape: impl AsRef<[usize]>,
        mean: T,
        std: T,
        rng: &mut Rng,
    ) -> Result<Self> {
        fn kernel<T: Float>(out: &mut [T], [mean, std]: [f64; 2], rng: &mut Rng) {
            for x in out {
                let mut z: f64 = StandardNormal.sample(rng);
                while z.abs() > 2.0 {
                    z = StandardNormal.sample(rng);
                }
                *x = T::from_f64(mean + std * z);
            }
        }
        normal("truncated_normal", mean, std)?;
        let fill = concrete!(kernel: fn(&mut [T], [f64; 2], &mut Rng));
        Self::try_filled_by("truncated_normal", shape.as_ref(), |out| {
            fill(out, [mean, std].map(T::to_f64), rng)
        })
    }

    /// Ones with probability `p`, zeros otherwise.
    ///
    /// # Errors
    /// [`Error::Value`] unless `p` lies between 0 and 1, [`Error::TooLarge`] if memory
    /// cannot hold that many elements.
    pub fn bernoulli(shape: impl AsRef<[usize]>, p: f64, rng: &mut Rng) -> Result<Self> {
        if !(0.0..=1.0).contains(&p) {
            let got = format!("probability {p}");
            return Err(Error::value("bernoulli", got, "a number from 0 to 1"));
        }
        // A draw of 32 bits is below p * 2^32 with probability p, to within 2^-33.
        let limit = (p * 4_294_967_296.0).round() as u64;
        fn kernel<T: Float>(out: &mut [T], limit: u64, rng: &mut Rng) {
            for x in out {
                *x = if u64::from(rng.next_u32()) < limit { T::ONE } else { T::ZERO };
            }
        }
        let fill = concrete!(kernel: fn(&mut [T], u64, &mut Rng));
        Self::try_filled_by("bernoulli", shape.as_ref(), |out| fill(out, limit, rng))
    }
}

fn normal<T: Float>(op: &'static str, mean: T, std: T) -> Result<Normal<f64>> {
    let wrong = || Error::value(op, format!("standard deviation {std}"), "a finite number >= 0");
    match std >= T::ZERO {
        true => Normal::new(mean.to_f64(), std.to_f64()).map_err(|_| wrong()),
        false => Err(wrong()),
    }
}

impl Tensor<i64> {
    /// The numbers from 0 to `n - 1` in random order.
    pub fn permutation(n: usize, rng: &mut Rng) -> Self {
        let order: Vec<i64> = rng.permutation(n).into_iter().map(|i| i as i64).collect();
        Self::vector(order)
    }
}
