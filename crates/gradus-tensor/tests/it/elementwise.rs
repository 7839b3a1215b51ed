//! Elementwise operations against `ndarray`.

use gradus_tensor::ndarray::{ArrayD, ArrayViewD, Zip};
use gradus_tensor::{Element, Rng, Tensor};

use super::common::{SHAPES, layouts, random};

/// `f` of every pair, by `ndarray`.
fn zipped<T: Element, U: Element>(
    x: &Tensor<T>,
    y: &Tensor<T>,
    shape: &[usize],
    f: impl Fn(T, T) -> U,
) -> ArrayD<U> {
    let (x, y): (ArrayViewD<'_, T>, ArrayViewD<'_, T>) = (x.view(), y.view());
    let (x, y) = (x.broadcast(shape).unwrap(), y.broadcast(shape).unwrap());
    Zip::from(x).and(y).map_collect(|&x, &y| f(x, y))
}

#[test]
fn binary_operations_on_every_pair_of_layouts() {
    let mut rng = Rng::new(1);
    for &shape in SHAPES {
        let xs = layouts::<f32>(shape, &mut rng);
        // Partners that broadcast to the shape: with some axes of size 1, with axes left out.
        let mut partners = layouts::<f32>(shape, &mut rng);
        for first in 0..shape.len() {
            partners.extend(layouts(&shape[first + 1..], &mut rng));
            let mut narrow = shape.to_vec();
            narrow[first] = 1;
            partners.extend(layouts(&narrow, &mut rng));
        }
        for (name, x) in &xs {
            for (other, y) in &partners {
                let case = format!("{shape:?} {name} with {:?} {other}", y.shape());
                let add = zipped(x, y, shape, |x, y| x + y);
                assert_eq!(x.add(y).unwrap().view(), add, "{case}");
                assert_eq!((y + x).view(), add, "{case}");
                let sub = zipped(x, y, shape, |x, y| x - y);
                assert_eq!(x.sub(y).unwrap().view(), sub, "{case}");
                let less = zipped(x, y, shape, |x, y| x < y);
                let mask = x.less(y).unwrap();
                assert_eq!(mask.view(), less, "{case}");
                assert_eq!(mask.choose(x, y).unwrap(), x.minimum(y).unwrap(), "{case}");
                let mut z = x.clone();
                z.mul_assign(y).unwrap();
                assert_eq!(z.view(), zipped(x, y, shape, |x, y| x * y), "{case}");
            }
        }
    }
}

#[test]
fn both_sides_may_be_repeated() {
    let mut rng = Rng::new(2);
    for (_, x) in layouts::<i64>(&[4, 1, 3], &mut rng) {
        for (_, y) in layouts::<i64>(&[5, 1], &mut rng) {
            let want = zipped(&x, &y, &[4, 5, 3], |x, y| x * y);
            assert_eq!(x.mul(&y).unwrap().view(), want);
        }
    }
}

#[test]
fn unary_operations_on_every_layout() {
    let mut rng = Rng::new(3);
    for &shape in SHAPES {
        for (name, x) in layouts::<f32>(shape, &mut rng) {
            let array = x.to_ndarray();
            assert_eq!(x.abs().view(), array.mapv(f32::abs), "{name}");
            assert_eq!((-&x).view(), array.mapv(|x| -x), "{name}");
            assert_eq!((&x * 3.0).view(), array.mapv(|x| x * 3.0), "{name}");
            assert_eq!(x.clamp(-1.0, 2.0).view(), array.mapv(|x| x.clamp(-1.0, 2.0)), "{name}");
            let mut y = x.clone();
            y.map_inplace(|x| x + 1.0);
            assert_eq!(y.view(), array.mapv(|x| x + 1.0), "{name}");
        }
    }
}

#[test]
fn large_tensors_of_every_layout() {
    // Larger than one piece of work, and of a size that pieces do not divide.
    let mut rng = Rng::new(4);
    let shape = [3, 101, 7, 23];
    let row = random::<f32>(&[23], &mut rng);
    for (name, x) in layouts::<f32>(&shape, &mut rng) {
        let want = zipped(&x, &row, &shape, |x, y| x * y);
        assert_eq!(x.mul(&row).unwrap().view(), want, "{name}");
    }
}

#[test]
fn functions_meet_the_standard_library() {
    let x = Tensor::linspace(-8.0_f64, 8.0, 321);
    type Case = (Tensor<f64>, fn(f64) -> f64);
    let cases: [Case; 11] = [
        (x.exp(), f64::exp),
        (x.ln(), f64::ln),
        (x.sin(), f64::sin),
        (x.cos(), f64::cos),
        (x.tanh(), f64::tanh),
        (x.sqrt(), f64::sqrt),
        (x.floor(), f64::floor),
        (x.ceil(), f64::ceil),
        (x.round(), f64::round_ties_even),
        (x.exp_m1(), f64::exp_m1),
        (x.sigmoid(), |x| 1.0 / (1.0 + (-x).exp())),
    ];
    for (i, (got, f)) in cases.into_iter().enumerate() {
        super::common::assert_close(&got, &x.map(f), 1e-12);
        let single = x.cast::<f32>();
        let got = [single.exp(), single.ln(), single.sin(), single.cos(), single.tanh()];
        if let Some(got) = got.get(i) {
            // Compared at the rounded argument.
            super::common::assert_close(got, &single.cast::<f64>().map(f), 1e-5);
        }
    }
}

#[test]
fn nan_goes_through_maximum_and_minimum() {
    let x = Tensor::vector([f32::NAN, 1.0, 2.0]);
    let y = Tensor::vector([1.0, f32::NAN, 3.0]);
    for (got, last) in [(x.maximum(&y).unwrap(), 3.0), (x.minimum(&y).unwrap(), 2.0)] {
        let got = got.to_vec();
        assert!(got[0].is_nan() && got[1].is_nan());
        assert_eq!(got[2], last);
    }
    assert_eq!(x.is_finite().to_vec(), [false, true, true]);
    assert!(x.clamp(0.0, 1.0).to_vec()[0].is_nan());
}

#[test]
fn integers_wrap_and_never_trap() {
    let x = Tensor::vector([i64::MAX, i64::MIN, 7]);
    assert_eq!((&x + 1).to_vec(), [i64::MIN, i64::MIN + 1, 8]);
    assert_eq!((&x / 0).to_vec(), [0, 0, 0]);
    assert_eq!((&x / -1).to_vec(), [-i64::MAX, i64::MIN, -7]);
    assert_eq!((&Tensor::vector([250_u8]) + 10).to_vec(), [4]);
}

#[test]
fn casts_between_all_types() {
    let x = Tensor::vector([0.0, 1.9, -1.9, 300.0, f64::NAN, 1e300]);
    assert_eq!(x.cast::<i64>().to_vec(), [0, 1, -1, 300, 0, i64::MAX]);
    assert_eq!(x.cast::<u8>().to_vec(), [0, 1, 0, 255, 0, 255]);
    assert_eq!(x.cast::<bool>().to_vec(), [false, true, true, true, true, true]);
    assert_eq!(x.cast::<f32>().to_vec()[5], f32::INFINITY);
    let big = Tensor::vector([i64::MAX, i64::MIN, (1 << 53) + 1]);
    assert_eq!(big.cast::<i64>(), big);
    assert_eq!(big.cast::<u8>().to_vec(), [255, 0, 255]);
    assert_eq!(Tensor::vector([true, false]).cast::<f32>().to_vec(), [1.0, 0.0]);
    assert_eq!(Tensor::vector([200_u8]).cast::<f64>().to_vec(), [200.0]);
    let mut rng = Rng::new(5);
    for (_, x) in layouts::<f64>(&[2, 3, 4], &mut rng) {
        assert_eq!(x.cast::<i64>().view(), x.to_ndarray().mapv(|x| x as i64));
    }
}

#[test]
fn logic() {
    let (x, y) = (Tensor::vector([true, true, false]), Tensor::vector([true, false, false]));
    assert_eq!(x.and(&y).unwrap().to_vec(), [true, false, false]);
    assert_eq!(x.or(&y).unwrap().to_vec(), [true, true, false]);
    assert_eq!(x.negate().to_vec(), [false, false, true]);
    assert_eq!(x.equal(&y).unwrap().to_vec(), [true, false, true]);
    assert_eq!(x.not_equal(&y).unwrap().count(), 1);
}
