//! Transposed convolution of images: what the gradient of a convolution does to what arrives at its output.
//!
//! Each pixel of `x` is spread over the output, multiplied by the kernel:
//! `y[n, o, i·s + a·d - p, j·s + b·d - p] += x[n, c, i, j] · w[c, o, a, b]`, plus `b[o]`, so that a stride
//! makes images larger. `x` is `[N, C, H, W]`, `w` is `[C, O / groups, kh, kw]`, and `y` `[N, O, H', W']` with
//! `H' = (H - 1) s - p - p' + d (kh - 1) + 1 + extra`: where several sizes would be convolved to `H`,
//! `extra` says which is meant. (Zeiler and others, *Deconvolutional networks*, 2010; Dumoulin and Visin, *A
//! guide to convolution arithmetic for deep learning*, 2016, chapter 4.)

use gradus_tensor::{Axes, Conv2dSpec, Error, Float, concrete};

use super::windows::output_size;
use crate::{Result, Var};

impl<T: Float> Var<T> {
    /// The transposed convolution of images `[N, C, H, W]` with a weight `[C, O / groups, kh, kw]`, plus a
    /// bias `[O]`. `extra` rows and columns, fewer than the stride, are added at the end; PyTorch calls them
    /// `output_padding`.
    ///
    /// ```
    /// # use gradus_autograd::Var;
    /// # use gradus_tensor::{Conv2dSpec, Tensor};
    /// // Every pixel becomes a square of four.
    /// let x = Var::from(Tensor::from_vec(vec![1.0_f32, 2.0], [1, 1, 1, 2])?);
    /// let square = Var::from(Tensor::ones([1, 1, 2, 2]));
    /// let y = x.conv_transpose2d(&square, None, Conv2dSpec::new().stride(2), 0)?;
    /// assert_eq!(y.value().to_vec(), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    ///
    /// # Errors
    /// If input or weight has not four axes, channels or bias do not fit, the padding leaves no output or
    /// is larger than the kernel's span, `extra` is not below the stride, stride, dilation, groups or
    /// kernel is zero, or memory cannot hold the result.
    pub fn conv_transpose2d<'a>(
        &self,
        weight: &Var<T>,
        bias: impl Into<Option<&'a Var<T>>>,
        spec: Conv2dSpec,
        extra: impl Into<Axes<2>>,
    ) -> Result<Var<T>> {
        type Kernel<T> =
            fn(&Var<T>, &Var<T>, Option<&Var<T>>, Conv2dSpec, [usize; 2]) -> Result<Var<T>>;
        concrete!(transposed: Kernel<T>)(self, weight, bias.into(), spec, extra.into().get())
    }
}

fn transposed<T: Float>(
    x: &Var<T>,
    w: &Var<T>,
    bias: Option<&Var<T>>,
    spec: Conv2dSpec,
    extra: [usize; 2],
) -> Result<Var<T>> {
    const OP: &str = "conv_transpose2d";
    let &[batch, channels, height, width] = x.shape() else {
        return Err(Error::shape(OP, x.shape(), "four axes [N, C, H, W]").into());
    };
    let &[inputs, per_group, down, across] = w.shape() else {
        let wanted = "four axes [C, O / groups, kh, kw] of weights";
        return Err(Error::shape(OP, w.shape(), wanted).into());
    };
    let groups = spec.group_count();
    if groups == 0 {
        return Err(Error::value(OP, "groups 0", "at least 1").into());
    }
    let kernel = [down, across];
    for (name, numbers) in
        [("kernel", kernel), ("stride", spec.strides()), ("dilation", spec.dilations())]
    {
        if let Some(i) = numbers.iter().position(|&n| n == 0) {
            return Err(Error::value(OP, format!("{name} 0 on axis {}", 2 + i), "at least 1").into());
        }
    }
    if inputs != channels || !channels.is_multiple_of(groups) {
        let wanted = format!(
            "{inputs} channels on axis 1, as the weights {:?} take, in {groups} groups that divide them",
            w.shape()
        );
        return Err(Error::shape(OP, x.shape(), wanted).into());
    }
    let size = |i: usize, input: usize, kernel: usize| -> Result<usize> {
        let [before, after] = spec.paddings()[i];
        let (stride, dilation) = (spec.strides()[i], spec.dilations()[i]);
        if extra[i] >= stride {
            let got = format!("{} extra on axis {}", extra[i], 2 + i);
            return Err(Error::value(OP, got, format!("fewer than the stride {stride}")).into());
        }
        let size = || {
            let span = kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)?;
            let spread = input.checked_sub(1)?.checked_mul(stride)?.checked_add(span)?;
            spread.checked_add(extra[i])?.checked_sub(before.checked_add(after)?)
        };
        size().filter(|&size| size > 0).ok_or_else(|| {
            let got = format!("size {input} and kernel {kernel} on axis {}", 2 + i);
            let wanted = format!("an output of at least 1 within the padding {before} and {after}");
            Error::value(OP, got, wanted).into()
        })
    };
    let sizes = [size(0, height, down)?, size(1, width, across)?];
    output_size(OP, &spec, sizes, kernel)?;
    // Without channels any number of groups divides them.
    let outputs = per_group.checked_mul(groups).ok_or_else(|| {
        Error::value(OP, format!("groups {groups}"), "channels that memory can hold")
    })?;
    let shape = [batch, outputs, sizes[0], sizes[1]];
    let y = x.conv2d_input_grad(w, &shape, spec)?;
    match bias {
        Some(bias) if bias.shape() == [shape[1]] => y.add(&bias.reshape([shape[1], 1, 1])?),
        Some(bias) => {
            let wanted = format!("a bias [{}], one number for each channel of the result", shape[1]);
            Err(Error::shape(OP, bias.shape(), wanted).into())
        }
        None => Ok(y),
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::check::{cases, inputs::normal};

    /// Pixel by pixel: each times the kernel, padded to its place.
    fn definition(x: &Var<f64>, w: &Var<f64>, spec: Conv2dSpec, out: [usize; 2]) -> Result<Var<f64>> {
        let (&[_, _, height, width], &[channels, _, down, across]) = (x.shape(), w.shape()) else {
            unreachable!("images and a weight")
        };
        let (size, groups) = (channels / spec.group_count(), spec.group_count());
        let pads = spec.paddings();
        let whole = [0, 1].map(|i| out[i] + pads[i][0] + pads[i][1]);
        let mut sum: Option<Var<f64>> = None;
        for (i, j, a, b) in (0..height).flat_map(|i| {
            (0..width).flat_map(move |j| {
                (0..down).flat_map(move |a| (0..across).map(move |b| (i, j, a, b)))
            })
        }) {
            let row = i * spec.strides()[0] + a * spec.dilations()[0];
            let column = j * spec.strides()[1] + b * spec.dilations()[1];
            let pixel = x.index(3, j)?.index(2, i)?;
            let tap = w.index(3, b)?.index(2, a)?;
            let parts = (0..groups).map(|g| {
                let range = g * size..(g + 1) * size;
                pixel.slice(1, range.clone())?.matmul(&tap.slice(0, range)?)
            });
            let parts = parts.collect::<Result<Vec<_>>>()?;
            let y = Var::concat(&parts.iter().collect::<Vec<_>>(), 1)?;
            let y = y.unsqueeze(2)?.unsqueeze(3)?.pad(&[
                (0, 0),
                (0, 0),
                (row, whole[0].max(row + 1) - row - 1),
                (column, whole[1].max(column + 1) - column - 1),
            ])?;
            sum = Some(match sum {
                Some(sum) => sum.add(&y)?,
                None => y,
            });
        }
        let sum = sum.unwrap_or_else(|| Var::constant(Tensor::zeros([0])));
        let [top, left] = pads.map(|[before, _]| before);
        sum.slice(2, top..top + out[0])?.slice(3, left..left + out[1])
    }

    #[test]
    fn properties() {
        let plain = Conv2dSpec::new();
        for (case, x, w, spec, extra, out) in [
            ("a plain kernel", [2, 2, 2, 3], [2, 3, 2, 2], plain, [0, 0], [3, 4]),
            ("a stride", [1, 2, 2, 2], [2, 2, 3, 2], plain.stride(2), [1, 0], [6, 4]),
            ("padding", [1, 1, 3, 3], [1, 2, 3, 3], plain.padding([[1, 0], [1, 1]]), [0, 0], [4, 3]),
            ("groups", [2, 4, 2, 2], [4, 1, 2, 2], plain.stride(2).groups(2), [0, 0], [4, 4]),
            ("dilation", [1, 1, 2, 2], [1, 1, 2, 2], plain.dilation(2), [0, 0], [4, 4]),
        ] {
            let outputs = w[1] * spec.group_count();
            cases!("conv_transpose2d", move |v| {
                v[0].conv_transpose2d(&v[1], &v[2], spec, extra)
            })
            .equals(move |v| {
                definition(&v[0], &v[1], spec, out)?.add(&v[2].reshape([outputs, 1, 1])?)
            })
            .on(case, [normal(x, 1), normal(w, 2), normal([outputs], 3)])
            .check();
        }
        cases!("conv_transpose2d", move |v| v[0].conv_transpose2d(&v[1], &v[2], plain, 0))
            .on("no images", [normal([0, 1, 2, 2], 1), normal([1, 1, 1, 1], 2), normal([1], 3)])
            .refuses(
                "other channels",
                [normal([1, 3, 2, 2], 1), normal([2, 1, 2, 2], 2), normal([1], 3)],
                "conv_transpose2d: got shape [1, 3, 2, 2], wanted 2 channels on axis 1",
            )
            .refuses(
                "another bias",
                [normal([1, 2, 2, 2], 1), normal([2, 1, 2, 2], 2), normal([2], 3)],
                "conv_transpose2d: got shape [2], wanted a bias [1]",
            )
            .refuses(
                "no pixels",
                [normal([1, 2, 0, 2], 1), normal([2, 1, 2, 2], 2), normal([1], 3)],
                "conv_transpose2d: got size 0 and kernel 2 on axis 2",
            )
            .check();
    }

    #[test]
    fn errors_speak_of_this_operation() {
        let ones = |shape: [usize; 4]| Var::from(Tensor::<f64>::ones(shape));
        let (x, w, plain) = (ones([1, 1, 2, 2]), ones([1, 1, 2, 2]), Conv2dSpec::new());
        let of = |w: &Var<f64>, spec, extra: usize| {
            x.conv_transpose2d(w, None, spec, extra).unwrap_err().to_string()
        };
        let table = [
            (of(&w, plain.stride(2), 2), "got 2 extra on axis 2, wanted fewer than the stride 2"),
            (of(&w, plain.stride([1, 0]), 0), "got stride 0 on axis 3, wanted at least 1"),
            (of(&w, plain.dilation([0, 1]), 0), "got dilation 0 on axis 2, wanted at least 1"),
            (of(&ones([1, 1, 2, 0]), plain, 0), "got kernel 0 on axis 3, wanted at least 1"),
            (of(&w, plain.groups(0), 0), "got groups 0, wanted at least 1"),
            (
                of(&ones([1, 1, 1, 1]), plain.stride(9).padding([[0, 0], [0, 2]]), 0),
                "got padding 2 after axis 3, wanted at most 1, the span of the kernel",
            ),
            (
                of(&w, plain.stride(usize::MAX), 0),
                "got size 2 and kernel 2 on axis 2, wanted an output of at least 1 within the padding \
                 0 and 0",
            ),
            (
                ones([1, 0, 2, 2])
                    .conv_transpose2d(&ones([0, 2, 2, 2]), None, plain.groups(usize::MAX), 0)
                    .unwrap_err()
                    .to_string(),
                "got groups 18446744073709551615, wanted channels that memory can hold",
            ),
        ];
        for (message, expected) in table {
            assert_eq!(message, format!("conv_transpose2d: {expected}"));
        }
    }
}
