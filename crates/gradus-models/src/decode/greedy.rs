//! The best class of each frame: repetitions count once, blanks fall away.
//!
//! It follows one path, the likeliest; the likeliest text may be another, whose many paths add up, which
//! [`BeamSearch`](super::BeamSearch) finds. (Graves, Fernández, Gomez and Schmidhuber, *Connectionist temporal
//! classification*, 2006, section 3.2, "best path decoding".)

use gradus_nn::Result;
use gradus_tensor::{Float, Tensor};

use super::frames::Frames;

/// What [`greedy`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct BestPath {
    /// The classes in their order, without blanks.
    pub labels: Vec<usize>,
    /// The frame in which each of them begins.
    pub frames: Vec<usize>,
    /// The logarithm of the probability of the path.
    pub log_probability: f64,
}

/// Takes the likeliest class of each frame (the lower of two that are equally likely).
///
/// ```
/// use gradus_models::decode::greedy;
/// use gradus_tensor::Tensor;
/// // "a a - a" of a blank and a letter: two letters.
/// let p = Tensor::<f32>::from_vec(vec![0.1, 0.9, 0.2, 0.8, 0.7, 0.3, 0.4, 0.6], [4, 2])?;
/// let path = greedy(&p.ln(), 0)?;
/// assert_eq!(path.labels, [1, 1]);
/// assert_eq!(path.frames, [0, 3]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`](gradus_nn::Error::Setting) unless `log_p` is `[frames, classes]`, free of NaN and of
/// numbers above 0, and the blank is a class.
pub fn greedy<T: Float>(log_p: &Tensor<T>, blank: usize) -> Result<BestPath> {
    let all = Frames::new("greedy", log_p, blank)?;
    let mut path = BestPath { labels: Vec::new(), frames: Vec::new(), log_probability: 0.0 };
    let mut before = blank;
    for (frame, row) in all.rows().enumerate() {
        let best = (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
        path.log_probability += row[best];
        if best != blank && best != before {
            path.labels.push(best);
            path.frames.push(frame);
        }
        before = best;
    }
    Ok(path)
}
