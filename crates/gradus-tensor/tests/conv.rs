//! Convolution, pooling and moments against loops that anyone can check, in every layout and on
//! any number of threads.

use gradus_tensor::{
    Conv2dSpec, Element, Float, Pool2dSpec, Result, Rng, Tensor, avg_pool2d, avg_pool2d_grad,
    conv2d, conv2d_input_grad, conv2d_weight_grad, max_pool2d, max_pool2d_gather, max_pool2d_grad,
    threads,
};

type Shape = [usize; 4];

/// Shape of the images, shape of the weights, and how they meet.
struct Case {
    x: Shape,
    w: Shape,
    spec: Conv2dSpec,
}

fn case(x: Shape, w: Shape, stride: usize, padding: usize, dilation: usize, groups: usize) -> Case {
    let two = |n| [n, n];
    let (stride, padding, dilation) = (two(stride), two(padding), two(dilation));
    Case { x, w, spec: Conv2dSpec { stride, padding, dilation, groups } }
}

fn cases() -> Vec<Case> {
    let mut cases = vec![
        case([2, 3, 7, 5], [4, 3, 3, 3], 1, 1, 1, 1),
        case([1, 1, 9, 8], [5, 1, 3, 3], 1, 0, 1, 1),
        case([3, 2, 6, 9], [3, 2, 2, 4], 2, 1, 1, 1),
        case([2, 4, 11, 7], [6, 2, 3, 2], 1, 2, 1, 2),
        case([2, 4, 9, 9], [4, 2, 3, 3], 2, 1, 2, 2),
        case([1, 3, 8, 8], [2, 3, 3, 3], 1, 2, 2, 1),
        case([2, 5, 7, 7], [5, 1, 3, 3], 1, 1, 1, 5),
        case([2, 3, 8, 6], [6, 1, 3, 5], 2, 1, 1, 3),
        case([1, 35, 5, 5], [35, 1, 3, 3], 3, 2, 2, 35),
        case([2, 6, 5, 7], [4, 6, 1, 1], 1, 0, 1, 1),
        case([2, 6, 5, 7], [4, 3, 1, 1], 1, 0, 1, 2),
        case([2, 3, 5, 7], [4, 3, 1, 1], 2, 0, 1, 1),
        case([2, 3, 4, 4], [4, 3, 1, 1], 1, 1, 1, 1),
        case([1, 2, 5, 5], [3, 2, 5, 5], 3, 2, 1, 1),
        case([4, 17, 10, 10], [33, 17, 3, 3], 3, 1, 1, 1),
        case([1, 2, 1, 1], [3, 2, 2, 2], 1, 2, 1, 1),
        case([0, 3, 7, 5], [4, 3, 3, 3], 1, 1, 1, 1),
        case([2, 0, 7, 5], [4, 0, 3, 3], 1, 1, 1, 1),
        case([2, 3, 7, 5], [0, 3, 3, 3], 1, 1, 1, 1),
        case([0, 4, 7, 5], [4, 1, 3, 3], 1, 1, 1, 4),
        case([2, 4, 7, 5], [0, 1, 3, 3], 1, 1, 1, 4),
        case([2, 3, 4, 5], [0, 3, 1, 1], 1, 0, 1, 1),
        case([1, 2, 0, 3], [2, 2, 2, 2], 1, 1, 1, 1),
        // More pixels than one tile and one block of images hold.
        case([17, 8, 20, 19], [16, 8, 3, 3], 1, 1, 1, 1),
        case([9, 16, 33, 20], [16, 1, 3, 3], 1, 1, 1, 16),
        // Weights that are packed once for several tiles of gathered pixels, and for pointwise ones.
        case([4, 16, 20, 17], [12, 8, 3, 3], 1, 2, 2, 2),
        case([3, 40, 21, 19], [35, 40, 1, 1], 1, 0, 1, 1),
        // A stride far beyond the image.
        case([2, 3, 3, 4], [4, 3, 3, 3], 1 << 20, 1, 1, 1),
        // Groups of whole vectors, and of less.
        case([3, 32, 9, 7], [48, 16, 3, 3], 1, 1, 1, 2),
        case([3, 12, 9, 8], [8, 3, 3, 2], 2, 1, 1, 4),
        // Enough channels and tiles for fewer multiplications, with borders of all kinds.
        case([2, 16, 9, 11], [32, 16, 3, 3], 1, 1, 1, 1),
        case([3, 32, 8, 12], [16, 32, 3, 3], 1, 0, 1, 1),
        case([5, 16, 8, 8], [48, 16, 3, 3], 1, 2, 1, 1),
        case([5, 16, 8, 8], [16, 16, 3, 3], 1, 3, 1, 1),
    ];
    let spec = Conv2dSpec { stride: [1, 2], padding: [2, 0], dilation: [2, 1], groups: 1 };
    cases.push(Case { x: [2, 3, 6, 8], w: [4, 3, 3, 4], spec });
    let spec = Conv2dSpec { stride: [3, 1], padding: [0, 3], dilation: [1, 2], groups: 2 };
    cases.push(Case { x: [2, 4, 7, 6], w: [4, 2, 4, 3], spec });
    cases
}

impl Case {
    fn output(&self) -> Shape {
        let size = |i: usize| {
            let span = self.spec.dilation[i] * (self.w[2 + i] - 1) + 1;
            (self.x[2 + i] + 2 * self.spec.padding[i] - span) / self.spec.stride[i] + 1
        };
        [self.x[0], self.w[0], size(0), size(1)]
    }

    /// The seven loops of the definition: calls `f(index of y, of x, of w)` for every product.
    fn products(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (out, Conv2dSpec { stride, padding, dilation, groups }) = (self.output(), self.spec);
        let at = |[_, b, c, d]: Shape, [i, j, k, l]: Shape| ((i * b + j) * c + k) * d + l;
        let (per_group, outputs) = (self.w[1], out[1] / groups);
        for n in 0..out[0] {
            for o in 0..out[1] {
                for i in 0..out[2] {
                    for j in 0..out[3] {
                        for c in 0..per_group {
                            for a in 0..self.w[2] {
                                for b in 0..self.w[3] {
                                    let row = (i * stride[0] + a * dilation[0])
                                        .checked_sub(padding[0])
                                        .filter(|&row| row < self.x[2]);
                                    let column = (j * stride[1] + b * dilation[1])
                                        .checked_sub(padding[1])
                                        .filter(|&column| column < self.x[3]);
                                    let (Some(row), Some(column)) = (row, column) else { continue };
                                    let channel = o / outputs * per_group + c;
                                    let x = at(self.x, [n, channel, row, column]);
                                    f(at(out, [n, o, i, j]), x, at(self.w, [o, c, a, b]));
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn normal<T: Float>(shape: Shape, seed: u64) -> Tensor<T> {
    Tensor::normal(shape, T::ZERO, T::ONE, &mut Rng::new(seed)).unwrap()
}

fn doubles<T: Float>(x: &Tensor<T>) -> Vec<f64> {
    x.to_vec().into_iter().map(|x| x.to_f64()).collect()
}

fn total_product<T: Float>(a: &Tensor<T>, b: &Tensor<T>) -> f64 {
    assert_eq!(a.shape(), b.shape());
    doubles(a).iter().zip(doubles(b)).map(|(a, b)| a * b).sum()
}

/// Compares with an oracle; `terms` is the number of terms of one sum. They are of size 1, so
/// partial sums grow like √terms, and √terms roundings of that size add up at random.
#[track_caller]
fn assert_near<T: Float>(got: &Tensor<T>, expected: &[f64], terms: usize, what: &str) {
    let tolerance = T::EPSILON.to_f64() * (32.0 + 4.0 * terms as f64);
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (got, expected)) in doubles(got).into_iter().zip(expected).enumerate() {
        let error = (got - expected).abs();
        assert!(error <= tolerance, "{what}: element {i} is {got}, not {expected}");
    }
}

/// Whether the elements of a pixel lie side by side.
#[track_caller]
fn assert_channels_last<T: Element>(x: &Tensor<T>) {
    let [_, c, h, w]: Shape = x.shape().try_into().unwrap();
    let wanted = [h * w * c, 1, w * c, c];
    for axis in (0..4).filter(|&axis| x.shape()[axis] > 1 && !x.is_empty()) {
        assert_eq!(x.strides()[axis], wanted[axis] as isize, "{:?} {:?}", x.shape(), x.strides());
    }
}

/// The same values in other places of memory.
fn layouts<T: Float>(x: &Tensor<T>) -> Vec<Tensor<T>> {
    let last = x.permute(&[0, 2, 3, 1]).unwrap().contiguous().permute(&[0, 3, 1, 2]).unwrap();
    let turned = x.permute(&[3, 1, 2, 0]).unwrap().contiguous().permute(&[3, 1, 2, 0]).unwrap();
    let mut wider = x.clone();
    for axis in 0..4 {
        wider = Tensor::concat(&[&wider, &wider], axis).unwrap();
    }
    let mut sliced = wider;
    for axis in 0..4 {
        let n = x.shape()[axis];
        sliced = sliced.slice(axis as isize, n..2 * n).unwrap();
    }
    let mut flipped = x.clone();
    for axis in 0..4 {
        flipped = flipped.flip(axis).unwrap().contiguous().flip(axis).unwrap();
    }
    let all = vec![last, turned, sliced, flipped];
    all.iter().for_each(|y| assert_eq!(doubles(y), doubles(x)));
    all
}

fn convolution_is_its_definition<T: Float>() -> Result<()> {
    for (i, case) in cases().into_iter().enumerate() {
        let what = format!("{} {:?} {:?} {:?}", T::NAME, case.x, case.w, case.spec);
        let x = normal::<T>(case.x, 3 * i as u64);
        let w = normal::<T>(case.w, 3 * i as u64 + 1);
        let grad = normal::<T>(case.output(), 3 * i as u64 + 2);
        let (xs, ws, grads) = (doubles(&x), doubles(&w), doubles(&grad));
        let mut y = vec![0.0; grad.len()];
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        case.products(|at_y, at_x, at_w| {
            y[at_y] += xs[at_x] * ws[at_w];
            dx[at_x] += grads[at_y] * ws[at_w];
            dw[at_w] += grads[at_y] * xs[at_x];
        });
        let got = conv2d(&x, &w, &case.spec)?;
        let got_dx = conv2d_input_grad(&grad, &w, &case.x, &case.spec)?;
        let got_dw = conv2d_weight_grad(&x, &grad, &case.w, &case.spec)?;
        let terms = w.len() / case.w[0].max(1);
        assert_eq!(got.shape(), case.output(), "{what}");
        assert_near(&got, &y, terms, &what);
        assert_near(&got_dx, &dx, case.w[0] * case.w[2] * case.w[3], &what);
        let pixels = case.output()[0] * case.output()[2] * case.output()[3];
        assert_near(&got_dw, &dw, pixels, &what);
        [&got, &got_dx, &got_dw].into_iter().for_each(assert_channels_last);

        // <conv(x, w), g> = <x, input_grad(g, w)> = <w, weight_grad(x, g)>
        let scale = T::EPSILON.to_f64() * 16.0 * (1.0 + (y.len() as f64).sqrt() * terms as f64);
        let inner = total_product(&got, &grad);
        assert!((inner - total_product(&got_dx, &x)).abs() <= scale, "{what}");
        assert!((inner - total_product(&got_dw, &w)).abs() <= scale, "{what}");

        if x.len() > 10_000 {
            continue;
        }
        let (w2, grad2) = (layouts(&w), layouts(&grad));
        for (k, x) in layouts(&x).into_iter().enumerate() {
            assert_eq!(conv2d(&x, &w2[k], &case.spec)?, got, "{what}");
            assert_eq!(conv2d_input_grad(&grad2[k], &w2[k], &case.x, &case.spec)?, got_dx);
            assert_eq!(conv2d_weight_grad(&x, &grad2[k], &case.w, &case.spec)?, got_dw);
        }
    }
    Ok(())
}

#[test]
fn convolution_is_its_definition_in_single_precision() -> Result<()> {
    convolution_is_its_definition::<f32>()
}

#[test]
fn convolution_is_its_definition_in_double_precision() -> Result<()> {
    convolution_is_its_definition::<f64>()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() -> Result<()> {
    let specs = [
        ([40, 16, 16, 16], [16, 16, 3, 3], 1, 1),
        ([40, 64, 12, 12], [32, 64, 1, 1], 0, 1),
        ([40, 64, 12, 12], [64, 1, 3, 3], 1, 64),
        ([40, 32, 12, 12], [32, 8, 3, 3], 1, 4),
    ];
    for (x_shape, w_shape, padding, groups) in specs {
        let case = case(x_shape, w_shape, 1, padding, 1, groups);
        let (x, w) = (normal::<f32>(x_shape, 1), normal::<f32>(w_shape, 2));
        let grad = normal::<f32>(case.output(), 3);
        let run = |count: usize| {
            threads::with_count(count, || -> Result<Vec<Vec<u32>>> {
                let pool = Pool2dSpec { stride: [2, 2], padding: [1, 1], kernel: [3, 3] };
                let (max, places) = max_pool2d(&x, &pool)?;
                let avg = avg_pool2d(&x, &pool)?;
                let (mean, var) = x.mean_var(&[0, 2, 3], true)?;
                let (mean2, var2) = x.channels_last()?.mean_var(&[0, 2, 3], true)?;
                let results = [
                    conv2d(&x, &w, &case.spec)?,
                    conv2d_input_grad(&grad, &w, x.shape(), &case.spec)?,
                    conv2d_weight_grad(&x, &grad, w.shape(), &case.spec)?,
                    max_pool2d_grad(&max, &places, x.shape())?,
                    max_pool2d_gather(&x, &places)?,
                    avg_pool2d_grad(&avg, x.shape(), &pool)?,
                    max,
                    avg,
                    mean,
                    var,
                    mean2,
                    var2,
                ];
                Ok(results
                    .iter()
                    .map(|r| r.to_vec().iter().map(|x| x.to_bits()).collect())
                    .collect())
            })?
        };
        let one = run(1)?;
        assert!(run(2)? == one && run(4)? == one, "{x_shape:?} {w_shape:?}");
    }
    Ok(())
}

#[test]
fn wrong_convolutions_say_what_is_wrong() {
    let x = Tensor::<f32>::zeros([2, 3, 8, 8]);
    let w = |shape: Shape| Tensor::<f32>::zeros(shape);
    let spec = Conv2dSpec::default();
    let huge = usize::MAX;
    let conv = |w: &Tensor, spec: Conv2dSpec| conv2d(&x, w, &spec).unwrap_err().to_string();
    let ok = w([4, 3, 3, 3]);
    let table = [
        (
            conv(&w([4, 4, 3, 3]), spec),
            "conv2d: got shape [2, 3, 8, 8], wanted 4 × 1 channels on axis 1, as the weights \
             [4, 4, 3, 3] take in 1 group",
        ),
        (conv(&w([4, 2, 3, 3]), Conv2dSpec { groups: 2, ..spec }), "wanted 2 × 2 channels"),
        (conv(&w([4, 1, 3, 3]), Conv2dSpec { groups: 3, ..spec }), "a multiple of the 3 groups"),
        (conv(&ok, Conv2dSpec { groups: 0, ..spec }), "got groups 0, wanted at least 1"),
        (conv(&ok, Conv2dSpec { groups: huge, ..spec }), "conv2d: got shape [2, 3, 8, 8]"),
        (conv(&ok, Conv2dSpec { stride: [1, 0], ..spec }), "got stride 0 on axis 3"),
        (conv(&ok, Conv2dSpec { dilation: [0, 1], ..spec }), "got dilation 0 on axis 2"),
        (conv(&w([4, 3, 0, 3]), spec), "got kernel 0 on axis 2"),
        (
            conv(&w([4, 3, 3, 9]), spec),
            "got a kernel that spans 9 on axis 3, wanted at most 8: size 8 with padding 0 each side",
        ),
        (conv(&ok, Conv2dSpec { dilation: [4, 1], ..spec }), "got a kernel that spans 9 on axis 2"),
        (
            conv(&ok, Conv2dSpec { padding: [huge, 0], ..spec }),
            "wanted at most 3, the span of the kernel",
        ),
        (conv(&ok, Conv2dSpec { dilation: [1, huge], ..spec }), "whose span memory can address"),
        (
            conv2d(&x.slice(0, 0..1).unwrap().squeeze(0).unwrap(), &ok, &spec)
                .unwrap_err()
                .to_string(),
            "conv2d: got shape [3, 8, 8], wanted four axes [N, C, H, W]",
        ),
        (
            conv2d(&x, &Tensor::zeros([3]), &spec).unwrap_err().to_string(),
            "wanted four axes [O, C / groups, kh, kw] of weights",
        ),
        (
            conv2d_input_grad(&w([2, 4, 6, 5]), &ok, x.shape(), &spec).unwrap_err().to_string(),
            "conv2d_input_grad: got shape [2, 4, 6, 5], wanted [2, 4, 6, 6]",
        ),
        (
            conv2d_input_grad(&w([2, 4, 6, 6]), &ok, &[huge, 3, 8, huge], &spec)
                .unwrap_err()
                .to_string(),
            "has more elements than memory can address",
        ),
        (
            conv2d_weight_grad(&x, &w([2, 4, 6, 6]), &[4, 3, 3], &spec).unwrap_err().to_string(),
            "conv2d_weight_grad: got shape [4, 3, 3], wanted four axes",
        ),
        (
            conv2d_weight_grad(&x, &w([2, 4, 6, 6]), &[4, 3, 3, 2], &spec).unwrap_err().to_string(),
            "wanted [2, 4, 6, 7]",
        ),
    ];
    for (message, expected) in table {
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
}

/// The windows of a pooling: for each output the places in its image that it sees.
fn windows(shape: Shape, spec: &Pool2dSpec) -> (Shape, Vec<Vec<usize>>) {
    let size =
        |i: usize| (shape[2 + i] + 2 * spec.padding[i] - spec.kernel[i]) / spec.stride[i] + 1;
    let seen = |o: usize, i: usize| -> Vec<usize> {
        (0..spec.kernel[i])
            .filter_map(|k| (o * spec.stride[i] + k).checked_sub(spec.padding[i]))
            .filter(|&at| at < shape[2 + i])
            .collect()
    };
    let mut all = Vec::new();
    for row in 0..size(0) {
        for column in 0..size(1) {
            let across = seen(column, 1);
            let line = |r: usize| across.iter().map(move |c| r * shape[3] + c).collect::<Vec<_>>();
            all.push(seen(row, 0).into_iter().flat_map(line).collect());
        }
    }
    ([shape[0], shape[1], size(0), size(1)], all)
}

fn pools() -> Vec<(Shape, Pool2dSpec)> {
    let pool = |kernel, stride, padding| Pool2dSpec { kernel, stride, padding };
    vec![
        ([2, 3, 6, 8], Pool2dSpec::new([2, 2])),
        ([1, 1, 7, 5], Pool2dSpec::new([2, 2])),
        ([2, 37, 9, 7], pool([3, 3], [2, 2], [1, 1])),
        ([3, 2, 5, 9], pool([2, 4], [1, 3], [0, 2])),
        ([2, 4, 6, 6], pool([1, 1], [2, 2], [0, 0])),
        ([0, 4, 6, 6], Pool2dSpec::new([2, 2])),
        ([2, 0, 6, 6], Pool2dSpec::new([2, 2])),
        ([1, 2, 4, 4], Pool2dSpec::new([4, 4])),
        ([1, 3, 1, 1], pool([2, 2], [2, 2], [1, 1])),
        ([9, 40, 20, 19], pool([3, 2], [1, 2], [1, 0])),
    ]
}

#[test]
fn max_pooling_is_its_definition() -> Result<()> {
    for (shape, spec) in pools() {
        // Few different values, so that there are ties.
        let x = normal::<f32>(shape, 7).map(|x| (x * 2.0).round());
        let (out, windows) = windows(shape, &spec);
        let values = x.to_vec();
        let plane = shape[2] * shape[3];
        let (mut best, mut places) = (Vec::new(), Vec::new());
        for image in 0..shape[0] * shape[1] {
            for window in &windows {
                let value = |&p: &usize| values[image * plane + p];
                let first =
                    window.iter().copied().reduce(|a, b| if value(&b) > value(&a) { b } else { a });
                let first = first.unwrap();
                best.push(f64::from(value(&first)));
                places.push(first as i64);
            }
        }
        let (y, indices) = max_pool2d(&x, &spec)?;
        assert_eq!((y.shape(), indices.shape()), (&out[..], &out[..]));
        assert_near(&y, &best, 0, "max_pool2d");
        assert_eq!(indices.to_vec(), places, "{shape:?} {spec:?}");
        assert_channels_last(&y);
        assert_channels_last(&indices);
        assert_eq!(max_pool2d_gather(&x, &indices)?, y);

        let grad = normal::<f32>(out, 8);
        let mut expected = vec![0.0; x.len()];
        for (i, (g, place)) in doubles(&grad).into_iter().zip(&places).enumerate() {
            expected[i / windows.len() * plane + *place as usize] += g;
        }
        let got = max_pool2d_grad(&grad, &indices, &shape)?;
        assert_near(&got, &expected, spec.kernel[0] * spec.kernel[1], "max_pool2d_grad");
        assert_channels_last(&got);
        for (x, grad) in layouts(&x).into_iter().zip(layouts(&grad)) {
            assert_eq!(max_pool2d(&x, &spec)?, (y.clone(), indices.clone()));
            assert_eq!(max_pool2d_gather(&x, &indices.contiguous())?, y);
            assert_eq!(max_pool2d_grad(&grad, &indices.contiguous(), &shape)?, got);
        }
    }
    Ok(())
}

#[test]
fn avg_pooling_is_its_definition() -> Result<()> {
    for (shape, spec) in pools() {
        let x = normal::<f64>(shape, 7);
        let (out, windows) = windows(shape, &spec);
        let grad = normal::<f64>(out, 8);
        let (values, grads) = (x.to_vec(), grad.to_vec());
        let (plane, taps) = (shape[2] * shape[3], (spec.kernel[0] * spec.kernel[1]) as f64);
        let (mut y, mut dx) = (vec![0.0; grads.len()], vec![0.0; values.len()]);
        for image in 0..shape[0] * shape[1] {
            for (o, window) in windows.iter().enumerate() {
                for p in window {
                    y[image * windows.len() + o] += values[image * plane + p] / taps;
                    dx[image * plane + p] += grads[image * windows.len() + o] / taps;
                }
            }
        }
        let got = avg_pool2d(&x, &spec)?;
        assert_eq!(got.shape(), out);
        assert_near(&got, &y, 1, "avg_pool2d");
        let got_dx = avg_pool2d_grad(&grad, &shape, &spec)?;
        assert_near(&got_dx, &dx, 1, "avg_pool2d_grad");
        assert_channels_last(&got);
        assert_channels_last(&got_dx);
        for (x, grad) in layouts(&x).into_iter().zip(layouts(&grad)) {
            assert_eq!(avg_pool2d(&x, &spec)?, got);
            assert_eq!(avg_pool2d_grad(&grad, &shape, &spec)?, got_dx);
        }
    }
    Ok(())
}

#[test]
fn a_nan_wins_and_minus_infinity_has_a_place() -> Result<()> {
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let x = Tensor::from_vec(vec![1.0, nan, 9.0, 2.0, low, low, low, low], [1, 2, 2, 2])?;
    let (y, places) = max_pool2d(&x, &Pool2dSpec::new([2, 2]))?;
    assert!(y.get([0, 0, 0, 0])?.is_nan());
    assert_eq!((y.get([0, 1, 0, 0])?, places.to_vec()), (low, vec![1, 0]));
    Ok(())
}

#[test]
fn wrong_poolings_say_what_is_wrong() -> Result<()> {
    let x = Tensor::<f32>::zeros([1, 2, 4, 4]);
    let new = Pool2dSpec::new;
    let max = |spec: Pool2dSpec| max_pool2d(&x, &spec).unwrap_err().to_string();
    let (_, places) = max_pool2d(&x, &new([2, 2]))?;
    let bad = Tensor::from_vec(vec![0, 15, 16, -1, 3, 3, 3, 3], [1, 2, 2, 2])?;
    let grad = Tensor::<f32>::zeros([1, 2, 2, 2]);
    let text = |e: gradus_tensor::Error| e.to_string();
    let table = [
        (max(new([0, 2])), "max_pool2d: got kernel 0 on axis 2, wanted at least 1"),
        (max(Pool2dSpec { stride: [1, 0], ..new([2, 2]) }), "got stride 0 on axis 3"),
        (
            max(Pool2dSpec { padding: [2, 0], ..new([3, 3]) }),
            "got padding 2 on axis 2, wanted at most half of the kernel 3",
        ),
        (max(new([5, 1])), "got a kernel that spans 5 on axis 2, wanted at most 4"),
        (max(new([1, usize::MAX])), "on axis 3"),
        (
            avg_pool2d(&Tensor::<f32>::zeros([2, 4, 4]), &new([2, 2])).map_err(text).unwrap_err(),
            "avg_pool2d: got shape [2, 4, 4], wanted four axes [N, C, H, W]",
        ),
        (
            avg_pool2d(&Tensor::<f32>::zeros([1, 2, 0, 4]), &new([1, 1]))
                .map_err(text)
                .unwrap_err(),
            "wanted images of at least one pixel",
        ),
        (
            avg_pool2d_grad(&grad, &[1, 2, 8, 4], &new([2, 2])).map_err(text).unwrap_err(),
            "avg_pool2d_grad: got shape [1, 2, 2, 2], wanted [1, 2, 4, 2]",
        ),
        (
            max_pool2d_grad(&grad, &bad, x.shape()).map_err(text).unwrap_err(),
            "max_pool2d_grad: got index -1, wanted a place from 0 to 15 in the image",
        ),
        (max_pool2d_gather(&x, &bad).map_err(text).unwrap_err(), "max_pool2d_gather: got index -1"),
        (
            max_pool2d_gather(&x.slice(1, 0..1)?, &places).map_err(text).unwrap_err(),
            "got shape [1, 2, 2, 2], wanted 1 images (axis 0) of 1 channels (axis 1)",
        ),
        (
            max_pool2d_grad(&grad, &places, &[1, 2, 0, 4]).map_err(text).unwrap_err(),
            "got shape [1, 2, 0, 4], wanted images of at least one pixel",
        ),
        (
            max_pool2d_grad(&x, &places, x.shape()).map_err(text).unwrap_err(),
            "got shape [1, 2, 4, 4], wanted [1, 2, 2, 2], the shape of the indices",
        ),
        (
            Tensor::vector([1.0]).channels_last().map_err(text).unwrap_err(),
            "channels_last: got shape [1], wanted at least two axes",
        ),
    ];
    for (message, expected) in table {
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }
    Ok(())
}

#[test]
fn moments_are_mean_and_variance() -> Result<()> {
    let shapes = [[5, 3, 4, 6], [1, 1, 1, 1], [3, 70, 9, 31], [2, 1, 300, 100], [40, 2, 1, 1]];
    let all_axes: [&[isize]; 8] =
        [&[0, 2, 3], &[-1], &[0, 1, 2, 3], &[1], &[], &[0], &[2, -1], &[1, 3]];
    for shape in shapes {
        for axes in all_axes {
            // Far from zero, where the textbook formula loses every digit.
            let x = normal::<f32>(shape, 5).map(|x| x + 3000.0);
            let exact = x.map(f64::from);
            let mean = exact.mean_axes(axes, true)?;
            let var = exact.var_axes(axes, true, 0)?;
            for x in std::iter::once(x.clone()).chain(layouts(&x)) {
                let (got_mean, got_var) = x.mean_var(axes, true)?;
                assert_eq!((got_mean.shape(), got_var.shape()), (mean.shape(), var.shape()));
                for ((got, mean), (got_var, var)) in got_mean
                    .to_vec()
                    .iter()
                    .zip(mean.to_vec())
                    .zip(got_var.to_vec().iter().zip(var.to_vec()))
                {
                    assert!((f64::from(*got) - mean).abs() <= 3e-4, "{shape:?} {axes:?}");
                    assert!((f64::from(*got_var) - var).abs() <= 1e-4 * var, "{shape:?} {axes:?}");
                }
                let (flat, _) = x.mean_var(axes, false)?;
                assert_eq!(flat.rank(), 4 - axes.len());
                assert_eq!(flat.to_vec(), got_mean.to_vec());
            }
        }
    }
    Ok(())
}

#[test]
fn moments_of_nothing_and_of_nonsense() -> Result<()> {
    let (mean, var) = Tensor::<f64>::zeros([0, 3]).mean_var(&[0], false)?;
    assert!(mean.shape() == [3] && mean.to_vec().iter().chain(&var.to_vec()).all(|x| x.is_nan()));
    let (mean, _) = Tensor::<f64>::zeros([0, 3]).mean_var(&[1], true)?;
    assert_eq!(mean.shape(), [0, 1]);
    let (mean, var) = Tensor::vector([1.0, f64::INFINITY]).mean_var(&[0], false)?;
    assert!(mean.item()? == f64::INFINITY && var.item()?.is_nan());
    let x = Tensor::<f32>::zeros([2, 3]);
    let message = x.mean_var(&[1, -1], true).map_err(|e| e.to_string()).unwrap_err();
    assert!(message.contains("mean_var: got axes [1, -1], with axis -1 twice"), "{message}");
    let message = x.mean_var(&[2], true).map_err(|e| e.to_string()).unwrap_err();
    assert!(message.contains("mean_var: axis 2 is out of range"), "{message}");
    Ok(())
}
