//! Concat, stack, split, chunk and pad against `ndarray` and plain loops.

use gradus_tensor::ndarray::{Axis, concatenate, stack};
use gradus_tensor::{Rng, Tensor};

use super::common::{SHAPES, built, layouts, random};

#[test]
fn concat_on_every_pair_of_layouts() {
    let mut rng = Rng::new(70);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for axis in 0..shape.len() {
            let mut other = shape.to_vec();
            other[axis] = 2;
            for (name, x) in layouts::<f32>(shape, &mut rng) {
                for (second, y) in layouts::<f32>(&other, &mut rng) {
                    let want = concatenate(Axis(axis), &[x.view(), y.view(), x.view()]).unwrap();
                    let got = Tensor::concat(&[&x, &y, &x], axis as isize).unwrap();
                    assert_eq!(got.view(), want, "{name} and {second} on {axis} of {shape:?}");
                }
            }
        }
    }
}

#[test]
fn stack_on_every_layout() {
    let mut rng = Rng::new(71);
    for &shape in SHAPES {
        for axis in 0..=shape.len() {
            for (name, x) in layouts::<i64>(shape, &mut rng) {
                for (second, y) in layouts::<i64>(shape, &mut rng) {
                    let want = stack(Axis(axis), &[x.view(), y.view()]).unwrap();
                    let back = axis as isize - shape.len() as isize - 1;
                    let got = Tensor::stack(&[&x, &y], back).unwrap();
                    assert_eq!(got.view(), want, "{name} and {second} on {axis} of {shape:?}");
                }
            }
        }
    }
}

#[test]
fn many_and_large_parts() {
    let mut rng = Rng::new(72);
    for shape in [[1, 70_000], [300, 7], [129, 257]] {
        for axis in 0..2 {
            let parts: Vec<Tensor> = (0..5)
                .map(|i| {
                    let mut shape = shape;
                    shape[axis] += i;
                    random(&shape, &mut rng)
                })
                .collect();
            let views: Vec<_> = parts.iter().map(Tensor::view).collect();
            let got = Tensor::concat(&parts.iter().collect::<Vec<_>>(), axis as isize).unwrap();
            assert_eq!(got.view(), concatenate(Axis(axis), &views).unwrap());
        }
    }
    let rows: Vec<Tensor> = (0..2000).map(|_| random(&[30], &mut rng)).collect();
    let all: Vec<&Tensor> = rows.iter().collect();
    let batch = Tensor::stack(&all, 0).unwrap();
    assert_eq!(batch.shape(), [2000, 30]);
    assert_eq!(batch.index(0, 1234).unwrap(), rows[1234]);
    assert_eq!(Tensor::stack(&all, 1).unwrap(), batch.transpose(0, 1).unwrap());
}

#[test]
fn order_in_memory_is_kept() {
    let nhwc = random::<f32>(&[2, 5, 6, 3], &mut Rng::new(73)).permute(&[0, 3, 1, 2]).unwrap();
    let both = Tensor::concat(&[&nhwc, &nhwc], 1).unwrap();
    assert_eq!(both.strides(), [5 * 6 * 6, 1, 36, 6]);
    let padded = nhwc.pad(&[(0, 0), (0, 0), (1, 1), (1, 1)], 0.0).unwrap();
    assert_eq!(padded.strides(), [7 * 8 * 3, 1, 24, 3]);
    assert_eq!(nhwc.select(0, &Tensor::vector([1, 1, 0])).unwrap().strides()[1], 1);
    let image = nhwc.index(0, 0).unwrap();
    assert_eq!(Tensor::stack(&[&image, &image], 0).unwrap().strides(), [90, 1, 18, 3]);
    // From row-major tensors comes a row-major one, whatever the new axis.
    let x = Tensor::<f32>::zeros([3, 4]);
    for axis in 0..3 {
        assert!(Tensor::stack(&[&x, &x], axis).unwrap().as_slice().is_some());
    }
    let row = x.index(0, 0).unwrap().expand([3, 4]).unwrap();
    assert!(Tensor::concat(&[&row, &row], 0).unwrap().as_slice().is_some());
}

#[test]
fn what_is_split_joins_again_without_a_copy() {
    let mut rng = Rng::new(74);
    for (_, x) in layouts::<f32>(&[4, 6, 5], &mut rng) {
        let parts = x.split(&[2, 0, 3, 1], 1).unwrap();
        assert_eq!(parts[2].shape(), [4, 3, 5]);
        assert_eq!(parts[2], x.slice(1, 2..5).unwrap());
        let first = parts[0].view().as_ptr();
        assert!(std::ptr::eq(first, x.view().as_ptr()));
        assert_eq!(Tensor::concat(&parts.iter().collect::<Vec<_>>(), 1).unwrap(), x);
        let chunks = x.chunk(4, -1).unwrap();
        let sizes: Vec<usize> = chunks.iter().map(|c| c.shape()[2]).collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert_eq!(Tensor::concat(&chunks.iter().collect::<Vec<_>>(), 2).unwrap(), x);
    }
    let x = Tensor::<f32>::zeros([3, 0]);
    assert_eq!(x.chunk(usize::MAX, 0).unwrap().len(), 3);
    assert_eq!(x.chunk(usize::MAX, 1).unwrap().len(), 1);
    assert_eq!(x.split(&[], 1).unwrap().len(), 0);
    let only = Tensor::concat(&[&x], 0).unwrap();
    assert_eq!(only, x);
}

#[test]
fn pad_on_every_layout() {
    let mut rng = Rng::new(75);
    for &shape in SHAPES {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            for most in [1, 2, 4] {
                let padding: Vec<(usize, usize)> =
                    shape.iter().map(|_| (rng.below(most), rng.below(most))).collect();
                let wide: Vec<usize> =
                    shape.iter().zip(&padding).map(|(n, p)| p.0 + n + p.1).collect();
                let want = built(&wide, |index| {
                    let inner: Vec<usize> =
                        index.iter().zip(&padding).map(|(i, p)| i.wrapping_sub(p.0)).collect();
                    x.get(inner).unwrap_or(7.5)
                });
                assert_eq!(x.pad(&padding, 7.5).unwrap(), want, "{name} {padding:?}");
            }
        }
    }
    let large = random::<f32>(&[3, 100, 130], &mut rng);
    let padded = large.pad(&[(1, 0), (2, 3), (4, 5)], -1.0).unwrap();
    let inner = padded.slice(0, 1..).unwrap().slice(1, 2..102).unwrap().slice(2, 4..134).unwrap();
    assert_eq!(inner, large);
    let outside = padded.len() - large.len();
    let ones = padded.equal(&Tensor::scalar(-1.0)).unwrap().count();
    assert_eq!(ones, outside + large.equal(&Tensor::scalar(-1.0)).unwrap().count());
    assert!(Tensor::full([2, 2], true).pad(&[(1, 1), (0, 0)], false).is_ok());
}
