//! What is convolved, the definition, and how results are compared.

use gradus_tensor::{Conv2dSpec, Element, Float, Rng, Tensor};

pub(crate) type Shape = [usize; 4];

/// Shape of the images, shape of the weights, and how they meet.
pub(crate) struct Case {
    pub(crate) x: Shape,
    pub(crate) w: Shape,
    pub(crate) spec: Conv2dSpec,
}

pub(crate) fn case(
    x: Shape,
    w: Shape,
    stride: usize,
    padding: usize,
    dilation: usize,
    groups: usize,
) -> Case {
    let spec = Conv2dSpec::new().stride(stride).padding(padding).dilation(dilation).groups(groups);
    Case { x, w, spec }
}

pub(crate) fn cases() -> Vec<Case> {
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
    let spec = Conv2dSpec::new().stride([1, 2]).padding([2, 0]).dilation([2, 1]);
    cases.push(Case { x: [2, 3, 6, 8], w: [4, 3, 3, 4], spec });
    let spec = Conv2dSpec::new().stride([3, 1]).padding([0, 3]).dilation([1, 2]).groups(2);
    cases.push(Case { x: [2, 4, 7, 6], w: [4, 2, 4, 3], spec });
    // Each side with a padding of its own: ordinary, pointwise, depthwise, in groups, with a stride, with
    // fewer multiplications.
    for (x, w, groups, stride) in [
        ([2, 3, 7, 5], [4, 3, 3, 3], 1, 1),
        ([3, 2, 6, 9], [3, 2, 2, 4], 1, 2),
        ([2, 6, 5, 7], [4, 6, 1, 1], 1, 1),
        ([2, 5, 7, 7], [5, 1, 3, 3], 5, 1),
        ([3, 32, 9, 7], [48, 16, 3, 3], 2, 1),
        ([2, 16, 9, 11], [32, 16, 3, 3], 1, 1),
        ([5, 16, 8, 8], [16, 16, 3, 3], 1, 2),
    ] {
        for sides in [[[0, 1], [1, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 1]], [[1, 0], [1, 0]]] {
            let spec = Conv2dSpec::new().stride(stride).padding(sides).groups(groups);
            cases.push(Case { x, w, spec });
        }
    }
    for sides in [[[3, 0], [0, 3]], [[0, 3], [1, 2]], [[2, 1], [3, 0]]] {
        cases.push(Case {
            x: [3, 16, 10, 9],
            w: [32, 16, 3, 3],
            spec: Conv2dSpec::new().padding(sides),
        });
        cases.push(Case {
            x: [2, 3, 6, 8],
            w: [4, 3, 3, 3],
            spec: Conv2dSpec::new().padding(sides),
        });
    }
    let spec = Conv2dSpec::new().padding([[1, 4], [0, 2]]).dilation([2, 1]).stride([2, 3]);
    cases.push(Case { x: [2, 3, 6, 8], w: [4, 3, 3, 2], spec });
    cases
}

impl Case {
    pub(crate) fn output(&self) -> Shape {
        let size = |i: usize| {
            let span = self.spec.dilations()[i] * (self.w[2 + i] - 1) + 1;
            let padding: usize = self.spec.paddings()[i].iter().sum();
            (self.x[2 + i] + padding - span) / self.spec.strides()[i] + 1
        };
        [self.x[0], self.w[0], size(0), size(1)]
    }

    /// The seven loops of the definition: calls `f(index of y, of x, of w)` for every product.
    pub(crate) fn products(&self, mut f: impl FnMut(usize, usize, usize)) {
        let (out, spec) = (self.output(), self.spec);
        let (stride, dilation, groups) = (spec.strides(), spec.dilations(), spec.group_count());
        let padding = spec.paddings().map(|[before, _]| before);
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

pub(crate) fn normal<T: Float>(shape: Shape, seed: u64) -> Tensor<T> {
    Tensor::normal(shape, T::ZERO, T::ONE, &mut Rng::new(seed)).unwrap()
}

pub(crate) fn doubles<T: Float>(x: &Tensor<T>) -> Vec<f64> {
    x.to_vec().into_iter().map(|x| x.to_f64()).collect()
}

pub(crate) fn total_product<T: Float>(a: &Tensor<T>, b: &Tensor<T>) -> f64 {
    assert_eq!(a.shape(), b.shape());
    doubles(a).iter().zip(doubles(b)).map(|(a, b)| a * b).sum()
}

/// Compares with an oracle; `terms` is the number of terms of one sum. They are of size 1, so
/// partial sums grow like √terms, and √terms roundings of that size add up at random.
#[track_caller]
pub(crate) fn assert_near<T: Float>(got: &Tensor<T>, expected: &[f64], terms: usize, what: &str) {
    let tolerance = T::EPSILON.to_f64() * (32.0 + 4.0 * terms as f64);
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (got, expected)) in doubles(got).into_iter().zip(expected).enumerate() {
        let error = (got - expected).abs();
        assert!(error <= tolerance, "{what}: element {i} is {got}, not {expected}");
    }
}

/// Whether the elements of a pixel lie side by side.
#[track_caller]
pub(crate) fn assert_channels_last<T: Element>(x: &Tensor<T>) {
    let [_, c, h, w]: Shape = x.shape().try_into().unwrap();
    let wanted = [h * w * c, 1, w * c, c];
    for axis in (0..4).filter(|&axis| x.shape()[axis] > 1 && !x.is_empty()) {
        assert_eq!(x.strides()[axis], wanted[axis] as isize, "{:?} {:?}", x.shape(), x.strides());
    }
}

/// The same values in other places of memory.
pub(crate) fn layouts<T: Float>(x: &Tensor<T>) -> Vec<Tensor<T>> {
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
