//! Convolution of sequences: that of images of one row.
//!
//! `y[n, o, i] = b[o] + Σ_{c, a} w[o, c, a] · x[n, c, i·s + a·d - p]`, with `x` `[N, C, L]`, `w`
//! `[O, C / groups, k]` and `y` `[N, O, L']`, `L' = (L + p + p' - d (k - 1) - 1) / s + 1`, for the padding `p`
//! before and `p'` after. (Waibel and others, *Phoneme recognition using time-delay neural networks*, 1989.)

use gradus_tensor::{Conv2dSpec, ConvSpec, Error, Float, concrete};

use crate::{Result, Var};

impl<T: Float> Var<T> {
    /// The convolution of sequences `[N, C, L]` with a weight `[O, C / groups, k]`, plus a bias `[O]`:
    /// `[N, O, L']`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{ConvSpec, Tensor};
    /// let x = Var::from(Tensor::from_vec(vec![1.0_f32, 2.0, 4.0, 8.0], [1, 1, 4])?);
    /// let difference = Var::from(Tensor::from_vec(vec![-1.0, 1.0], [1, 1, 2])?);
    /// let y = x.conv1d(&difference, None, ConvSpec::new())?;
    /// assert_eq!(y.value().to_vec(), [1.0, 2.0, 4.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If input or weight has not three axes; else as [`conv2d`](Var::conv2d), whose axis 3 is the axis of
    /// the sequence.
    pub fn conv1d<'a>(
        &self,
        weight: &Var<T>,
        bias: impl Into<Option<&'a Var<T>>>,
        spec: ConvSpec<1>,
    ) -> Result<Var<T>> {
        type Kernel<T> = fn(&Var<T>, &Var<T>, Option<&Var<T>>, ConvSpec<1>) -> Result<Var<T>>;
        concrete!(conv1d: Kernel<T>)(self, weight, bias.into(), spec)
    }
}

fn conv1d<T: Float>(
    x: &Var<T>,
    w: &Var<T>,
    bias: Option<&Var<T>>,
    spec: ConvSpec<1>,
) -> Result<Var<T>> {
    for (shape, axes) in [(x.shape(), "[N, C, L]"), (w.shape(), "[O, C / groups, k] of weights")] {
        if shape.len() != 3 {
            return Err(Error::shape("conv1d", shape, format!("three axes {axes}")).into());
        }
    }
    let ([stride], [padding], [dilation]) = (spec.strides(), spec.paddings(), spec.dilations());
    let rows = Conv2dSpec::new().stride([1, stride]).padding([[0, 0], padding]);
    let rows = rows.dilation([1, dilation]).groups(spec.group_count());
    x.unsqueeze(2)?.conv2d(&w.unsqueeze(2)?, bias, rows)?.squeeze(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Cases, inputs::normal};

    #[test]
    fn properties() {
        let plain = ConvSpec::<1>::new();
        for (case, x, w, spec) in [
            ("a plain kernel", [2, 3, 6], [2, 3, 3], plain),
            ("padding on one side", [1, 2, 5], [3, 2, 3], plain.padding([[2, 0]])),
            ("stride, dilation and groups", [2, 4, 9], [4, 2, 2], plain.stride(2).dilation(3).groups(2)),
            ("no sequences", [0, 2, 4], [3, 2, 2], plain),
        ] {
            Cases::new("conv1d", move |x| x[0].conv1d(&x[1], &x[2], spec))
                .equals(move |v| {
                    // Tap by tap.
                    let [before, after] = spec.paddings()[0];
                    let padded = v[0].pad(&[(0, 0), (0, 0), (before, after)])?;
                    let (groups, out) = (spec.group_count(), spec.output_size(x[2], w[2])?[0]);
                    let mut sum = v[2].reshape([w[0], 1])?;
                    for a in 0..w[2] {
                        let seen = (0..out).map(|i| {
                            let at = i * spec.strides()[0] + a * spec.dilations()[0];
                            padded.slice(2, at..=at)
                        });
                        let seen = seen.collect::<Result<Vec<_>>>()?;
                        let seen = Var::concat(&seen.iter().collect::<Vec<_>>(), 2)?;
                        let parts = (0..groups).map(|g| {
                            let seen = seen.slice(1, g * w[1]..(g + 1) * w[1])?;
                            let size = w[0] / groups;
                            v[1].slice(0, g * size..(g + 1) * size)?.index(2, a)?.matmul(&seen)
                        });
                        let parts = parts.collect::<Result<Vec<_>>>()?;
                        sum = Var::concat(&parts.iter().collect::<Vec<_>>(), 1)?.add(&sum)?;
                    }
                    Ok(sum)
                })
                .on(case, [normal(x, 1), normal(w, 2), normal([w[0]], 3)])
                .check();
        }
        Cases::new("conv1d", move |x| x[0].conv1d(&x[1], None, plain))
            .on("one tap", [normal([1, 1, 1], 1), normal([1, 1, 1], 2)])
            .refuses(
                "images",
                [normal([1, 2, 4, 4], 1), normal([1, 2, 2], 2)],
                "conv1d: got shape [1, 2, 4, 4], wanted three axes [N, C, L]",
            )
            .check();
    }
}
