//! Pictures made of figures: what is in them is known for each pixel.

use std::path::Path;
use std::sync::Arc;

use gradus::data::{LabelledImages, Subset};
use gradus::prelude::*;

/// Figures to make pictures of.
pub type Figures = Subset<Arc<LabelledImages>>;

/// At most so many figures to train with and a fourth of it, others, to test with: those of a folder, or the digits that ship with
/// Gradus.
pub fn figures(data: Option<&Path>, most: usize) -> gradus::Result<(Figures, Figures)> {
    let first = |figures: Figures, most: usize| {
        let indices = figures.indices()[..most.min(figures.len())].to_vec();
        Subset::new(figures.dataset().clone(), indices)
    };
    let all = |images: LabelledImages| {
        let indices: Vec<usize> = (0..images.len()).collect();
        Subset::new(Arc::new(images), indices)
    };
    let (train, test) = match data {
        None => Digits::load()?.images().clone().split(0.8, 2024)?,
        Some(folder) => {
            let Mnist { train, test } = Mnist::from_dir(folder)?;
            (all(train)?, all(test)?)
        }
    };
    Ok((first(train, most)?, first(test, most / 4)?))
}

/// A picture `[1, H, W]` of several figures, and the class of each pixel `[H, W]`. Figures of few pixels are enlarged to about
/// 16; the picture has room for four by four of them.
pub fn scene(
    first: (Tensor, i64),
    figures: &Figures,
    rng: &mut Rng,
) -> gradus::data::Result<(Tensor, Tensor<i64>)> {
    let times = (16 / first.0.shape()[1]).max(1);
    let (h, w) = (times * first.0.shape()[1], times * first.0.shape()[2]);
    let side = (4 * h.max(w)).next_multiple_of(8);
    let mut picture = Tensor::normal([side, side], 0.15, 0.06, rng)?.to_vec();
    let mut classes = vec![0_i64; side * side];
    // Lines from one side to another, as bright as figures.
    for _ in 0..3 {
        let [a, b, across] = [side, side, 2].map(|n| rng.below(n));
        for t in 0..side {
            let u = (a * (side - 1 - t) + b * t) / (side - 1);
            picture[if across == 0 { t * side + u } else { u * side + t }] += 0.6;
        }
    }
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut next = Some(first);
    for _ in 0..12 {
        let (y, x) = (rng.below(side - h + 1), rng.below(side - w + 1));
        if taken.iter().any(|&(i, j)| y.abs_diff(i) <= h && x.abs_diff(j) <= w) {
            continue;
        }
        taken.push((y, x));
        let (figure, label) =
            next.take().map_or_else(|| figures.get(rng.below(figures.len())), Ok)?;
        let (ink, bright) = (figure.to_vec(), 0.5 + 0.05 * rng.below(10) as f32);
        for (i, j) in (0..h).flat_map(|i| (0..w).map(move |j| (i, j))) {
            let (ink, at) = (ink[i / times * (w / times) + j / times], (y + i) * side + x + j);
            picture[at] += bright * ink;
            if ink > 0.4 {
                classes[at] = label + 1;
            }
        }
    }
    Ok((Tensor::from_vec(picture, [1, side, side])?, Tensor::from_vec(classes, [side, side])?))
}
