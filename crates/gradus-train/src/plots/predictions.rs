//! Images with predictions and labels, the wrong ones first.

use gradus_tensor::{Float, Tensor};

use super::ImageGrid;
use super::grid::picture;
use crate::text::grouped;
use crate::{Error, Result};

impl ImageGrid {
    /// Images `[N, C, H, W]` with what scores `[N, classes]` say of them and what they are, `[N]`: those that are wrong first, the
    /// surest of them at the front, then those that are right, the least sure at the front; `most` in all. Frames are vermilion
    /// around wrong ones and blue around right ones.
    ///
    /// Values of images are from 0 to 1, so take them from before a normalisation. Without names classes are numbers.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_train::plots::{ImageGrid, Plot};
    /// let images = Tensor::linspace(0.0, 1.0, 32).reshape([2, 1, 4, 4])?;
    /// let scores = Tensor::from_vec(vec![2.0, 0.0, 1.0, 0.0], [2, 2])?;
    /// let grid = ImageGrid::predictions(&images, &scores, &Tensor::vector([0, 1]), &["cat", "dog"], 20)?;
    /// let svg = grid.svg()?;
    /// assert!(svg.contains("1 of 2 wrong") && svg.contains("cat 73 %") && svg.contains("is dog"));
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] if the shapes do not fit, there are fewer names than classes, or `most` is more than
    /// [`MOST`](Self::MOST).
    pub fn predictions<T: Float>(
        images: &Tensor,
        scores: &Tensor<T>,
        labels: &Tensor<i64>,
        names: &[impl AsRef<str>],
        most: usize,
    ) -> Result<Self> {
        const OP: &str = "ImageGrid::predictions";
        let samples = match (images.shape(), scores.shape()) {
            ([n, ..], [m, classes]) if n == m && *classes > 0 && labels.shape() == [*n] => *n,
            _ => {
                let got = format!(
                    "images {:?}, scores {:?}, labels {:?}",
                    images.shape(),
                    scores.shape(),
                    labels.shape()
                );
                return Err(Error::value(OP, got, "[N, C, H, W], [N, classes] and [N]"));
            }
        };
        let classes = scores.shape()[1];
        if !names.is_empty() && names.len() < classes {
            let got = format!("{} names for {classes} classes", names.len());
            return Err(Error::value(OP, got, "one for each class, or none"));
        }
        let name = |class: i64| match usize::try_from(class).ok().and_then(|i| names.get(i)) {
            Some(name) => name.as_ref().to_string(),
            None => class.to_string(),
        };
        let shares: Tensor<f64> = scores.softmax(1)?.cast();
        let (sure, guesses) = (shares.max_axes(&[1], false)?.to_vec(), shares.argmax(1)?.to_vec());
        let truth = labels.to_vec();
        let mut order: Vec<usize> = (0..samples).collect();
        let key = |i: usize| {
            let right = guesses[i] == truth[i];
            (right, if right { sure[i] } else { -sure[i] })
        };
        order.sort_by(|&a, &b| {
            let ((a_right, a), (b_right, b)) = (key(a), key(b));
            a_right.cmp(&b_right).then(a.total_cmp(&b))
        });
        let wrong = (0..samples).filter(|&i| guesses[i] != truth[i]).count();
        let [wrong, all] = [wrong, samples].map(|n| grouped(n as u64));
        let mut grid =
            Self::new("Predictions").note(format!("{wrong} of {all} wrong; those first"));
        for i in order.into_iter().take(most) {
            let right = guesses[i] == truth[i];
            let guess = format!("{} {:.0} %", name(guesses[i]), 100.0 * sure[i]);
            let lines =
                if right { vec![guess] } else { vec![guess, format!("is {}", name(truth[i]))] };
            grid.push(picture(OP, &images.index(0, i)?)?, lines, Some(right))?;
        }
        Ok(grid)
    }
}
