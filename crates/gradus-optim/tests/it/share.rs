//! The same result for any number of threads and any layout of gradient, parameter and state.

use gradus_autograd::Var;
use gradus_optim::settings::Value;
use gradus_optim::{Adam, AdamW, Optimizer, RULES, Rule, Sgd, rule};
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
    .into_iter()
    .chain(others())
    .collect()
}

/// All but the ones above, and those that are not for a step down given gradients of any shape.
fn others() -> impl Iterator<Item = Vec<u32>> {
    let rest = RULES.iter().filter(|about| !["Muon", "Lbfgs"].contains(&about.name));
    rest.map(|about| {
        run(Optimizer::new(rule(about.name, &[("lr", Value::Number(0.1))]).unwrap()).clip_norm(1.0))
    })
}

/// One number, its state, its gradient, and the number of the step.
type Formula<'a> = &'a dyn Fn(&mut f32, &mut [f32; 2], f32, i32);

/// The fused rules beside the same formulas for one number, to the bit: what was trained before goes on as it was.
#[test]
fn the_bits_of_the_oldest_rules_stay() {
    let start = random::<f32>(&[150, 401], 1);
    let with = |rule: Box<dyn Rule>, formula: Formula<'_>| {
        let mut model = Pair::new(start.clone(), random(&[401], 2));
        let mut optimizer = Optimizer::new(rule);
        let mut wanted: Vec<(f32, [f32; 2])> =
            model.values().into_iter().map(|w| (w, [0.0; 2])).collect();
        for step in 0..3 {
            let gradients = gradients(&model, step);
            let of = |p: &gradus_autograd::Param| gradients.get(p.id()).unwrap().to_vec();
            let all = [of(&model.weight), of(&model.bias)].concat();
            optimizer.step(&mut model, &gradients).unwrap();
            for ((w, state), g) in wanted.iter_mut().zip(all) {
                formula(w, state, g, step as i32 + 1);
            }
        }
        assert!(
            model.values().iter().zip(&wanted).all(|(got, want)| got.to_bits() == want.0.to_bits())
        );
    };
    let momentum = Sgd::new(0.1).momentum(0.9).weight_decay(0.01);
    with(Box::new(Sgd::new(0.1).weight_decay(0.01)), &|w, _, g, _| *w -= 0.1 * (g + 0.01 * *w));
    with(Box::new(momentum), &|w, [v, _], g, _| {
        *v = 0.9 * *v + (g + 0.01 * *w);
        *w -= 0.1 * *v;
    });
    with(Box::new(momentum.nesterov(true)), &|w, [v, _], g, _| {
        let g = g + 0.01 * *w;
        *v = 0.9 * *v + g;
        *w -= 0.1 * (g + 0.9 * *v);
    });
    let adam = |shrink: f32, l2: f32| {
        move |w: &mut f32, [m, v]: &mut [f32; 2], g: f32, t: i32| {
            let t = f64::from(t);
            let [size, root] =
                [0.1 / (1.0 - 0.9_f64.powf(t)), 1.0 / (1.0 - 0.999_f64.powf(t)).sqrt()]
                    .map(|x| x as f32);
            let [new1, new2] = [1.0 - 0.9_f64, 1.0 - 0.999_f64].map(|x| x as f32);
            let start = *w * shrink;
            let g = g + l2 * start;
            *m += new1 * (g - *m);
            *v = 0.999 * *v + new2 * g * g;
            *w = start - size * (*m / (v.sqrt() * root + 1e-8));
        }
    };
    with(Box::new(Adam::new(0.1).weight_decay(0.1)), &adam(1.0, 0.1));
    with(Box::new(AdamW::new(0.1)), &adam((1.0 - 0.1 * 0.01_f64) as f32, 0.0));
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
