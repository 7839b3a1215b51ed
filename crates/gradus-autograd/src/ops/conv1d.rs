//! Convolution of sequences: that of images of one row.
//!
//! `y[n, o, i] = b[o] + Σ_{c, a} w[o, c, a] · x[n, c, i·s + a·d - p]`, with `x` `[N, C, L]`, `w`
//! `[O, C / groups, k]` and `y` `[N, O, L']`, `L' = (L + p + p' - d (k - 1) - 1) / s + 1`, for the padding `p`
//! before and `p'` after. (Waibel and others, *Phoneme recognition using time-delay neural networks*, 1989.)

use gradus_tensor::{Conv2dSpec, ConvSpec, Error, Float, concrete};

use super::windows::output_size;
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
    /// If input or weight has not three axes, channels or bias do not fit, stride, dilation, groups or
    /// kernel is zero, the padding is larger than the kernel's span, or the kernel than the padded
    /// sequence.
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
    check(x.shape(), w.shape(), bias.map(Var::shape), &spec)?;
    let ([stride], [padding], [dilation]) = (spec.strides(), spec.paddings(), spec.dilations());
    let rows = Conv2dSpec::new().stride([1, stride]).padding([[0, 0], padding]);
    let rows = rows.dilation([1, dilation]).groups(spec.group_count());
    x.unsqueeze(2)?.conv2d(&w.unsqueeze(2)?, bias, rows)?.squeeze(2)
}

/// What the convolution of images would refuse, in the words of sequences.
fn check(x: &[usize], w: &[usize], bias: Option<&[usize]>, spec: &ConvSpec<1>) -> Result<()> {
    const OP: &str = "conv1d";
    let &[_, channels, length] = x else {
        return Err(Error::shape(OP, x, "three axes [N, C, L]").into());
    };
    let &[outputs, per_group, kernel] = w else {
        return Err(Error::shape(OP, w, "three axes [O, C / groups, k] of weights").into());
    };
    let groups = spec.group_count();
    if groups == 0 {
        return Err(Error::value(OP, "groups 0", "at least 1").into());
    }
    if per_group.checked_mul(groups) != Some(channels) {
        let wanted = format!(
            "{per_group} × {groups} channels on axis 1, as the weights {w:?} take in {groups} group{}",
            if groups == 1 { "" } else { "s" }
        );
        return Err(Error::shape(OP, x, wanted).into());
    }
    if !outputs.is_multiple_of(groups) {
        let wanted = format!("weights whose axis 0 is a multiple of the {groups} groups");
        return Err(Error::shape(OP, w, wanted).into());
    }
    if let Some(bias) = bias.filter(|bias| *bias != [outputs]) {
        let wanted = format!("a bias [{outputs}], one number for each channel of the result");
        return Err(Error::shape(OP, bias, wanted).into());
    }
    output_size(OP, spec, [length], [kernel]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{cases, inputs::normal};

    #[test]
    fn properties() {
        let plain = ConvSpec::<1>::new();
        for (case, x, w, spec) in [
            ("a plain kernel", [2, 3, 6], [2, 3, 3], plain),
            ("padding on one side", [1, 2, 5], [3, 2, 3], plain.padding([[2, 0]])),
            ("stride, dilation and groups", [2, 4, 9], [4, 2, 2], plain.stride(2).dilation(3).groups(2)),
            ("no sequences", [0, 2, 4], [3, 2, 2], plain),
        ] {
            cases!("conv1d", move |x| x[0].conv1d(&x[1], &x[2], spec))
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
        cases!("conv1d", move |x| x[0].conv1d(&x[1], None, plain))
            .on("one tap", [normal([1, 1, 1], 1), normal([1, 1, 1], 2)])
            .refuses(
                "images",
                [normal([1, 2, 4, 4], 1), normal([1, 2, 2], 2)],
                "conv1d: got shape [1, 2, 4, 4], wanted three axes [N, C, L]",
            )
            .check();
    }

    #[test]
    fn errors_speak_of_sequences() {
        let x = Var::from(gradus_tensor::Tensor::<f64>::ones([1, 2, 6]));
        let ones = |shape: [usize; 3]| Var::from(gradus_tensor::Tensor::ones(shape));
        let (w, spec) = (ones([2, 2, 3]), ConvSpec::<1>::new());
        let bias = Var::from(gradus_tensor::Tensor::ones([3]));
        let of = |w: &Var<f64>, spec| x.conv1d(w, None, spec).unwrap_err().to_string();
        let table = [
            (of(&w, spec.stride(0)), "got stride 0 on axis 2, wanted at least 1"),
            (of(&w, spec.dilation(0)), "got dilation 0 on axis 2, wanted at least 1"),
            (of(&ones([2, 2, 0]), spec), "got kernel 0 on axis 2, wanted at least 1"),
            (of(&w, spec.groups(0)), "got groups 0, wanted at least 1"),
            (
                of(&w, spec.padding([[0, 4]])),
                "got padding 4 after axis 2, wanted at most 3, the span of the kernel",
            ),
            (
                of(&ones([2, 2, 7]), spec),
                "got a kernel that spans 7 on axis 2, wanted at most 6: size 6 with padding 0 each side",
            ),
            (
                of(&ones([2, 3, 3]), spec),
                "got shape [1, 2, 6], wanted 3 × 1 channels on axis 1, as the weights [2, 3, 3] take in \
                 1 group",
            ),
            (
                of(&ones([3, 1, 3]), spec.groups(2)),
                "got shape [3, 1, 3], wanted weights whose axis 0 is a multiple of the 2 groups",
            ),
            (
                x.conv1d(&w, &bias, spec).unwrap_err().to_string(),
                "got shape [3], wanted a bias [2], one number for each channel of the result",
            ),
        ];
        for (message, expected) in table {
            assert_eq!(message, format!("conv1d: {expected}"));
        }
    }
}
