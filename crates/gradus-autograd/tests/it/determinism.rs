//! The same bits, for any number of threads, and how far singles are from doubles.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Rng, Tensor, threads};

/// A network with two hidden layers on a batch large enough to be cut into many pieces: the loss
/// and all gradients, in order.
fn network<T: Float>(seed: u64) -> Vec<Tensor<T>> {
    let mut rng = Rng::new(seed);
    let mut normal = |shape: &[usize]| -> Tensor<T> {
        let std = 1.0 / (shape[0] as f64).sqrt();
        Tensor::random(shape, gradus_tensor::rand_distr::StandardNormal, &mut rng)
            .map(move |x: T| x * T::from_f64(std))
    };
    let x = Var::constant(normal(&[256, 300]));
    let shapes: [&[usize]; 6] = [&[300, 130], &[130], &[130, 70], &[70], &[70, 10], &[10]];
    let params = shapes.map(|shape| Param::new(normal(shape)));
    let [w1, b1, w2, b2, w3, b3] = params.each_ref().map(Param::var);
    let labels = Tensor::filled_by([256, 1], |out: &mut [i64]| {
        out.iter_mut().enumerate().for_each(|(i, label)| *label = (i * 7 % 10) as i64);
    });
    let layer = |x: &Var<T>, w: &Var<T>, b: &Var<T>| x.matmul(w).and_then(|y| y.add(b)).unwrap();
    let hidden = layer(&layer(&x, &w1, &b1).tanh(), &w2, &b2).gelu();
    let scores = layer(&hidden, &w3, &b3).log_softmax(-1).unwrap();
    let loss = -scores.gather(1, &labels).unwrap().mean();
    let mut results = vec![loss.value().clone()];
    let gradients = loss.backward().unwrap();
    results.extend(params.iter().map(|p| gradients.get(p.id()).unwrap().clone()));
    results
}

fn bits(results: &[Tensor<f32>]) -> Vec<Vec<u32>> {
    results.iter().map(|x| x.to_vec().into_iter().map(f32::to_bits).collect()).collect()
}

#[test]
fn gradients_have_the_same_bits_on_any_number_of_threads() {
    let one = threads::with_count(1, || bits(&network(3))).unwrap();
    for count in [2, 4] {
        assert_eq!(
            threads::with_count(count, || bits(&network(3))).unwrap(),
            one,
            "{count} threads"
        );
    }
    assert_ne!(one, bits(&network(4)));
}

#[test]
fn singles_are_close_to_doubles() {
    // Both draw the same doubles and round them.
    for (single, double) in network::<f32>(5).iter().zip(network::<f64>(5)) {
        let gap = single.cast::<f64>().sub(&double).unwrap().abs().max().unwrap().item().unwrap();
        let size = double.abs().max().unwrap().item().unwrap();
        assert!(gap <= 1e-5 * size, "{:?}: {gap} apart at size {size}", single.shape());
    }
}

#[test]
fn gradients_are_added_from_the_last_use_to_the_first() {
    // Numbers whose sum depends on the order.
    let weights: Vec<f32> = (0..40).map(|i| (1.1_f32 + i as f32).powi(i % 7 - 3)).collect();
    let x = Var::leaf(Tensor::scalar(1.0_f32));
    let uses: Vec<Var> = weights.iter().map(|&w| x.scale(w)).collect();
    let loss = Var::stack(&uses.iter().collect::<Vec<_>>(), 0).unwrap().sum();
    let want = weights.iter().rev().copied().reduce(|sum, w| sum + w).unwrap();
    let other = weights.iter().copied().reduce(|sum, w| sum + w).unwrap();
    assert_ne!(want.to_bits(), other.to_bits(), "the order must matter for this test");
    let gradient = loss.backward().unwrap().of(&x).unwrap().item().unwrap();
    assert_eq!(gradient.to_bits(), want.to_bits());
}
