//! The same result for any number of threads and any layout of gradient, parameter and state.

use gradus_autograd::Var;
use gradus_optim::{Adam, AdamW, Optimizer, Rule, Sgd};
use gradus_tensor::{Tensor, threads};

use super::common::{Pair, gradients, random};

/// A weight of more than one piece of work, after three clipped steps.
fn run<R: Rule>(mut optimizer: Optimizer<R>) -> Vec<u32> {
    let mut model = Pair::new(random(&[150, 401], 1), random(&[401], 2));
    for step in 0..3 {
        let gradients = gradients(&model, step);
        optimizer.step(&mut model, &gradients).unwrap();
    }
    model.values().into_iter().map(f32::to_bits).collect()
}

fn every_rule() -> Vec<Vec<u32>> {
    let sgd = Sgd::new(0.1).weight_decay(0.01);
    vec![
        run(sgd.optimizer()),
        run(sgd.momentum(0.9).optimizer().clip_norm(1.0)),
        run(sgd.momentum(0.9).nesterov(true).optimizer()),
        run(Adam::new(0.1).weight_decay(0.1).optimizer().clip_norm(1.0)),
        run(AdamW::new(0.1).optimizer()),
    ]
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let alone = threads::with_count(1, every_rule).unwrap();
    for count in [2, 4] {
        assert!(threads::with_count(count, every_rule).unwrap() == alone, "{count} threads");
    }
}

#[test]
fn a_transposed_gradient_gives_what_a_contiguous_one_gives() {
    let c: Tensor = random(&[37, 21], 5);
    let turned = c.transpose(0, 1).unwrap();
    let start: Tensor = random(&[21, 37], 6);
    // A weight whose memory order is the gradient's, or the other.
    let other = start.transpose(0, 1).unwrap().contiguous().transpose(0, 1).unwrap();
    let mut results = Vec::new();
    for weight in [start.clone(), other] {
        for gradient in [turned.clone(), turned.contiguous()] {
            let mut model = Pair::new(weight.clone(), Tensor::zeros([1]));
            let mut adam = Adam::new(0.1).weight_decay(0.1).optimizer().clip_norm(1.0);
            for _ in 0..3 {
                let constant = Var::constant(gradient.clone());
                let loss = model.weight.var().mul(&constant).unwrap().sum();
                let gradients = loss.backward().unwrap();
                adam.step(&mut model, &gradients).unwrap();
            }
            results.push((model.weight.value().to_vec(), adam.state()));
        }
    }
    assert!(!turned.contiguous().strides().eq(turned.strides()));
    assert!(results.iter().all(|result| *result == results[0]));
    assert_ne!(results[0].0, start.to_vec());
}

#[test]
fn optimizers_may_go_to_another_thread() {
    fn both<T: Send + Sync + Clone + std::fmt::Debug>() {}
    both::<Optimizer<Adam>>();
    both::<Optimizer<Sgd, f64>>();
    both::<gradus_optim::OptimizerState>();
}
