//! Reductions against plain loops in double precision.

use gradus_tensor::{Rng, Tensor};

use super::common::{SHAPES, assert_close, built, layouts, random};

/// Every set of axes of a rank.
fn subsets(rank: usize) -> Vec<Vec<isize>> {
    (0..1_usize << rank)
        .map(|bits| (0..rank).filter(|a| bits >> a & 1 == 1).map(|a| a as isize).collect())
        .collect()
}

fn reduced_shape(shape: &[usize], axes: &[isize], keep: bool) -> Vec<usize> {
    let kept = |(a, &n): (usize, &usize)| match axes.contains(&(a as isize)) {
        true => keep.then_some(1),
        false => Some(n),
    };
    shape.iter().enumerate().filter_map(kept).collect()
}

/// The elements that make up each element of the reduction, with reduced axes of size 1 kept.
fn groups(x: &Tensor<f64>, axes: &[isize]) -> (Vec<usize>, Vec<Vec<f64>>) {
    let shape = reduced_shape(x.shape(), axes, true);
    let slots = built(&shape, |_| 0_i64);
    let mut groups = vec![Vec::new(); slots.len()];
    for index in super::common::indices(x.shape()) {
        let place = index.iter().zip(&shape).fold(0, |place, (&i, &n)| place * n + i.min(n - 1));
        groups[place].push(x.get(&index).unwrap());
    }
    (shape, groups)
}

fn judged(x: &Tensor<f64>, axes: &[isize], keep: bool, f: impl Fn(&[f64]) -> f64) -> Tensor<f64> {
    let (_, groups) = groups(x, axes);
    let values = groups.iter().map(|g| f(g)).collect();
    Tensor::from_vec(values, reduced_shape(x.shape(), axes, keep)).unwrap()
}

fn mean(g: &[f64]) -> f64 {
    g.iter().sum::<f64>() / g.len() as f64
}

fn variance(g: &[f64]) -> f64 {
    let m = mean(g);
    g.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / g.len() as f64
}

#[test]
fn every_set_of_axes_on_every_layout() {
    let mut rng = Rng::new(10);
    for &shape in SHAPES {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            let exact = x.cast::<f64>();
            for axes in subsets(shape.len()) {
                for keep in [false, true] {
                    let case = format!("{shape:?} {name} over {axes:?}");
                    let sum = x.sum_axes(&axes, keep).unwrap();
                    assert_close(&sum, &judged(&exact, &axes, keep, |g| g.iter().sum()), 1e-5);
                    let means = x.mean_axes(&axes, keep).unwrap();
                    assert_close(&means, &judged(&exact, &axes, keep, mean), 1e-5);
                    let var = x.var_axes(&axes, keep, 0).unwrap();
                    assert_close(&var, &judged(&exact, &axes, keep, variance), 1e-4);
                    if axes.iter().all(|&a| shape[a as usize] > 0) {
                        let (largest, smallest) =
                            (x.max_axes(&axes, keep).unwrap(), x.min_axes(&axes, keep).unwrap());
                        let max = |g: &[f64]| g.iter().copied().fold(f64::MIN, f64::max);
                        let min = |g: &[f64]| g.iter().copied().fold(f64::MAX, f64::min);
                        assert_eq!(largest.cast(), judged(&exact, &axes, keep, max), "{case}");
                        assert_eq!(smallest.cast(), judged(&exact, &axes, keep, min), "{case}");
                    }
                    let (yes, flags) = (
                        x.map(|x| x > 0.0),
                        judged(&exact, &axes, keep, |g| {
                            f64::from(u8::from(g.iter().any(|&x| x > 0.0)))
                        }),
                    );
                    assert_eq!(yes.any_axes(&axes, keep).unwrap().cast(), flags, "{case}");
                    let flags = judged(&exact, &axes, keep, |g| {
                        f64::from(u8::from(g.iter().all(|&x| x > 0.0)))
                    });
                    assert_eq!(yes.all_axes(&axes, keep).unwrap().cast(), flags, "{case}");
                }
            }
            let all: Vec<isize> = (0..shape.len() as isize).collect();
            assert_close(&x.sum(), &judged(&exact, &all, false, |g| g.iter().sum()), 1e-5);
            assert_close(&x.mean(), &judged(&exact, &all, false, mean), 1e-5);
            let positive = x.map(|x| x > 0.0);
            let values = x.to_vec();
            assert_eq!(positive.any(), values.iter().any(|&x| x > 0.0));
            assert_eq!(positive.all(), values.iter().all(|&x| x > 0.0));
            assert_eq!(positive.count(), values.iter().filter(|&&x| x > 0.0).count());
        }
    }
}

#[test]
fn axes_on_large_tensors() {
    // Long enough for several blocks and several pieces, both along rows and across them.
    let mut rng = Rng::new(11);
    for shape in [[40_000, 3, 1], [3, 40_000, 1], [257, 3, 129], [1, 17, 5000]] {
        let base = random::<i64>(&shape, &mut rng);
        let turned = base.permute(&[2, 0, 1]).unwrap().contiguous().permute(&[1, 2, 0]).unwrap();
        let flipped = base.flip(0).unwrap().flip(1).unwrap().contiguous();
        let flipped = flipped.flip(1).unwrap().flip(0).unwrap();
        for axes in subsets(3) {
            let want = judged(&base.cast(), &axes, false, |g| g.iter().sum());
            for x in [&base, &turned, &flipped] {
                let got = x.sum_axes(&axes, false).unwrap();
                assert_eq!(got.cast::<f64>(), want, "{shape:?} over {axes:?}");
            }
        }
    }
}

#[test]
fn long_sums_stay_close_to_double_precision() {
    let mut rng = Rng::new(12);
    let x = Tensor::<f32>::uniform([401, 517], 0.0, 1.0, &mut rng).unwrap();
    let columns = x.transpose(0, 1).unwrap();
    let exact: f64 = x.to_vec().iter().map(|&x| f64::from(x)).sum();
    for sum in [x.sum(), columns.sum(), x.flip(1).unwrap().sum()] {
        let error = (f64::from(sum.item().unwrap()) - exact).abs() / exact;
        assert!(error < 1e-6, "relative error {error:e} over {} elements", x.len());
    }
    // Added one by one, a million times 0.1 is off by a tenth of a percent.
    let tenths = Tensor::full([1 << 20], 0.1_f32).sum().item().unwrap();
    assert!((f64::from(tenths) / (0.1 * f64::from(1 << 20)) - 1.0).abs() < 1e-5, "{tenths}");
    let var = (&x + 1000.0).var_axes(&[0, 1], false, 1).unwrap().item().unwrap();
    assert!((var - 1.0 / 12.0).abs() < 1e-3, "nothing cancels, yet the variance is {var}");
}

#[test]
fn unbiased_variance_divides_by_one_less() {
    let x = Tensor::vector([1.0_f64, 2.0, 6.0]);
    assert_eq!(x.var_axes(&[0], false, 1).unwrap().item().unwrap(), 7.0);
    assert!(Tensor::vector([1.0_f64]).var_axes(&[0], false, 1).unwrap().item().unwrap().is_nan());
}

#[test]
fn nan_is_the_largest_and_the_smallest() {
    for n in [2, 31, 32, 33, 100, 40_000] {
        for at in [0, n / 2, n - 1] {
            let mut x = Tensor::<f32>::arange(n);
            x.as_mut_slice()[at] = f32::NAN;
            assert!(x.max().unwrap().item().unwrap().is_nan(), "{n} {at}");
            assert!(x.min().unwrap().item().unwrap().is_nan(), "{n} {at}");
            assert_eq!(x.argmax(0).unwrap().item().unwrap(), at as i64);
            assert_eq!(x.argmin(0).unwrap().item().unwrap(), at as i64);
            let column = x.reshape([n, 1]).unwrap().expand([n, 2]).unwrap();
            assert!(column.max_axes(&[0], false).unwrap().to_vec().iter().all(|x| x.is_nan()));
        }
    }
    let low = Tensor::vector([f32::NEG_INFINITY; 3]);
    assert_eq!(low.max().unwrap().item().unwrap(), f32::NEG_INFINITY);
}

#[test]
fn positions_of_extremes() {
    let mut rng = Rng::new(13);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty() && !s.contains(&0)) {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            for axis in 0..shape.len() {
                let kept = reduced_shape(shape, &[axis as isize], false);
                let want = built(&kept, |index| {
                    let at = |i| {
                        let mut full = index.to_vec();
                        full.insert(axis, i);
                        x.get(full).unwrap()
                    };
                    let first = |best, i| if at(i) > at(best) { i } else { best };
                    (1..shape[axis]).fold(0, first) as i64
                });
                assert_eq!(x.argmax(axis as isize).unwrap(), want, "{name} {axis}");
                assert_eq!((-&x).argmin(axis as isize - shape.len() as isize).unwrap(), want);
            }
        }
    }
}

#[test]
fn softmax_and_its_kin_on_every_layout() {
    let mut rng = Rng::new(14);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for (_, x) in layouts::<f32>(shape, &mut rng) {
            let exact = x.cast::<f64>();
            for axis in 0..shape.len() as isize {
                let log_sum = judged(&exact, &[axis], true, |g| {
                    let m = g.iter().copied().fold(f64::MIN, f64::max);
                    m + g.iter().map(|x| (x - m).exp()).sum::<f64>().ln()
                });
                let log = exact.sub(&log_sum).unwrap();
                assert_close(&x.log_softmax(axis).unwrap(), &log, 1e-5);
                assert_close(&x.softmax(axis).unwrap(), &log.exp(), 1e-5);
                if shape[axis as usize] > 0 {
                    assert_close(&x.logsumexp(axis, true).unwrap(), &log_sum, 1e-5);
                }
            }
        }
    }
    let empty = Tensor::<f32>::zeros([2, 0]).logsumexp(1, false).unwrap();
    assert_eq!(empty.to_vec(), [f32::NEG_INFINITY; 2]);
    let masked = Tensor::vector([f32::NEG_INFINITY, 0.0]);
    assert_eq!(masked.softmax(0).unwrap().to_vec(), [0.0, 1.0]);
}

#[test]
fn running_sums_on_every_layout() {
    let mut rng = Rng::new(15);
    for &shape in SHAPES.iter().filter(|s| !s.is_empty()) {
        for (_, x) in layouts::<i64>(shape, &mut rng) {
            for axis in 0..shape.len() {
                let want = built(shape, |index| {
                    let at = |i| {
                        let mut index = index.to_vec();
                        index[axis] = i;
                        x.get(index).unwrap()
                    };
                    (0..=index[axis]).map(at).sum()
                });
                assert_eq!(x.cumsum(axis as isize).unwrap(), want);
            }
        }
    }
}

#[test]
fn sum_to_undoes_broadcasting() {
    let mut rng = Rng::new(16);
    for (_, x) in layouts::<i64>(&[2, 3, 4], &mut rng) {
        for shape in [vec![2, 3, 4], vec![3, 4], vec![3, 1], vec![1, 1, 4], vec![4], vec![]] {
            let got = x.sum_to(&shape).unwrap();
            assert_eq!(got.shape(), shape);
            // The sum of x * expand(y) is the sum of sum_to(x) * y.
            let y = random::<i64>(&shape, &mut rng);
            assert_eq!(x.mul(&y).unwrap().sum(), got.mul(&y).unwrap().sum());
        }
    }
}
