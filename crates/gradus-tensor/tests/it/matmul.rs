//! Products of matrices against three loops.

use gradus_tensor::{Float, Rng, Tensor};

use super::common::{Sample, assert_close, built, layouts, random};

/// `C[…, i, j] = Σ A[…, i, k] B[…, k, j]` with leading axes repeated, in double precision.
fn judged<T: Float + Into<f64>>(a: &Tensor<T>, b: &Tensor<T>, lead: &[usize]) -> Tensor<f64> {
    let [m, k] = [a.rank() - 2, a.rank() - 1].map(|axis| a.shape()[axis]);
    let n = b.shape()[b.rank() - 1];
    let a = a.expand([lead, &[m, k]].concat()).unwrap();
    let b = b.expand([lead, &[k, n]].concat()).unwrap();
    built(&[lead, &[m, n]].concat(), |index| {
        let (lead, place) = index.split_at(index.len() - 2);
        let term = |k: usize| {
            let x: f64 = a.get([lead, &[place[0], k]].concat()).unwrap().into();
            let y: f64 = b.get([lead, &[k, place[1]]].concat()).unwrap().into();
            x * y
        };
        (0..k).map(term).sum()
    })
}

fn every_layout<T: Float + Sample + Into<f64>>(tolerance: f64) {
    let mut rng = Rng::new(20);
    for [m, k, n] in [[1, 1, 1], [3, 4, 5], [2, 0, 3], [0, 2, 3], [2, 3, 0], [17, 33, 9]] {
        for (name, a) in layouts::<T>(&[m, k], &mut rng) {
            for (other, b) in layouts::<T>(&[k, n], &mut rng) {
                let product = a.matmul(&b).unwrap();
                println!("{name} times {other}, {m} {k} {n}");
                assert_close(&product, &judged(&a, &b, &[]), tolerance);
            }
        }
    }
}

#[test]
fn singles_of_every_layout() {
    // 33 products of numbers up to 24 that cancel: without fused multiply-adds each of the sums on
    // the way is off by up to 2⁻²⁴ of a few thousand.
    every_layout::<f32>(1e-3);
}

#[test]
fn doubles_of_every_layout() {
    every_layout::<f64>(1e-12);
}

#[test]
fn stacks_are_broadcast() {
    let mut rng = Rng::new(21);
    let cases: [(&[usize], &[usize], &[usize]); 7] = [
        (&[2, 3, 4], &[2, 4, 5], &[2]),
        (&[2, 3, 4], &[4, 5], &[2]),
        (&[3, 4], &[2, 4, 5], &[2]),
        (&[2, 1, 3, 4], &[3, 4, 5], &[2, 3]),
        (&[0, 3, 4], &[4, 5], &[0]),
        (&[2, 3, 0], &[2, 0, 5], &[2]),
        (&[1, 3, 4], &[0, 4, 5], &[0]),
    ];
    for (a, b, lead) in cases {
        for (_, a) in layouts::<f32>(a, &mut rng) {
            for (_, b) in layouts::<f32>(b, &mut rng) {
                assert_close(&a.matmul(&b).unwrap(), &judged(&a, &b, lead), 1e-4);
            }
        }
    }
}

/// The error relative to the largest element of the product.
fn large<T: Float + Sample + Into<f64>>(tolerance: f64) {
    let mut rng = Rng::new(22);
    for [m, k, n] in [[130, 300, 70], [1, 2000, 64], [300, 3, 257], [600, 40, 3]] {
        let (a, b) = (random::<T>(&[m, k], &mut rng), random::<T>(&[k, n], &mut rng));
        let want = judged(&a, &b, &[]);
        let scale = want.abs().max().unwrap().item().unwrap();
        for [left, right] in [[false, false], [true, false], [false, true], [true, true]] {
            let turn = |x: &Tensor<T>, turned: bool| match turned {
                true => x.transpose(0, 1).unwrap().contiguous().transpose(0, 1).unwrap(),
                false => x.clone(),
            };
            let product = turn(&a, left).matmul(&turn(&b, right)).unwrap();
            let product = product.map(|x| x / T::from_f64(scale));
            assert_close(&product, &(&want / scale), tolerance);
        }
    }
}

#[test]
fn large_products_of_singles() {
    large::<f32>(1e-5);
}

#[test]
fn large_products_of_doubles() {
    large::<f64>(1e-13);
}

#[test]
fn flipped_matrices_lie_before_their_first_element() {
    let x = Tensor::<f64>::arange(6).reshape([3, 2]).unwrap();
    let one = Tensor::<f64>::eye(2);
    let flipped = [[4.0, 5.0], [2.0, 3.0], [0.0, 1.0]];
    let want = Tensor::vector(flipped.concat()).reshape([3, 2]).unwrap();
    assert_eq!(x.flip(0).unwrap().matmul(&one).unwrap(), want);
    let both = x.flip(0).unwrap().flip(1).unwrap();
    assert_eq!(both.matmul(&one.flip(1).unwrap()).unwrap(), want);
}

#[test]
fn no_terms_make_zeros_even_in_used_memory() {
    // Blocks from the pool hold stale values; a product over nothing must still be zero.
    for _ in 0..4 {
        drop(Tensor::full([64, 64], f32::NAN));
        let product = Tensor::<f32>::zeros([64, 0]).matmul(&Tensor::zeros([0, 64])).unwrap();
        assert_eq!(product, Tensor::zeros([64, 64]));
        drop(Tensor::full([64, 64], f32::NAN));
        let product = Tensor::<f32>::ones([64, 2]).matmul(&Tensor::ones([2, 64])).unwrap();
        assert_eq!(product, Tensor::full([64, 64], 2.0));
    }
}
