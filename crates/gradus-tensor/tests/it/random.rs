//! Random numbers: their moments, their streams, and that a seed determines them.

use gradus_tensor::{Rng, RngState, Tensor};

fn moments(x: &Tensor<f64>) -> (f64, f64) {
    let var = x.var_axes(&[0], false, 0).unwrap().item().unwrap();
    (x.mean().item().unwrap(), var)
}

#[test]
fn distributions_have_their_moments() {
    const N: usize = 200_000;
    let mut rng = Rng::new(50);
    let x = Tensor::<f64>::uniform([N], -1.0, 3.0, &mut rng).unwrap();
    let (mean, var) = moments(&x);
    assert!((mean - 1.0).abs() < 0.02 && (var - 16.0 / 12.0).abs() < 0.02, "{mean} {var}");
    assert!(x.min().unwrap().item().unwrap() >= -1.0 && x.max().unwrap().item().unwrap() <= 3.0);

    let x = Tensor::<f64>::normal([N], 2.0, 3.0, &mut rng).unwrap();
    let (mean, var) = moments(&x);
    assert!((mean - 2.0).abs() < 0.04 && (var - 9.0).abs() < 0.15, "{mean} {var}");

    // Cut at two standard deviations the variance is 1 - 4 φ(2) / (Φ(2) - Φ(-2)).
    let x = Tensor::<f64>::truncated_normal([N], 1.0, 0.5, &mut rng).unwrap();
    let (mean, var) = moments(&x);
    let want = 0.25 * 0.773_741;
    assert!((mean - 1.0).abs() < 0.01 && (var - want).abs() < 0.005, "{mean} {var}");
    assert!(x.min().unwrap().item().unwrap() >= 0.0 && x.max().unwrap().item().unwrap() <= 2.0);

    let x = Tensor::<f64>::bernoulli([N], 0.3, &mut rng).unwrap();
    let (mean, var) = moments(&x);
    assert!((mean - 0.3).abs() < 0.01 && (var - 0.21).abs() < 0.005, "{mean} {var}");
    for (p, want) in [(0.0, 0.0), (1.0, 1.0)] {
        let x = Tensor::<f32>::bernoulli([1000], p, &mut rng).unwrap();
        assert_eq!(x, Tensor::full([1000], want));
    }
}

#[test]
fn a_seed_determines_the_numbers() {
    let draw = |rng: &mut Rng| Tensor::<f32>::normal([100], 0.0, 1.0, rng).unwrap();
    let first = draw(&mut Rng::new(1));
    assert_eq!(first, draw(&mut Rng::new(1)));
    assert_ne!(first, draw(&mut Rng::new(2)));
    let mut rng = Rng::new(1);
    assert_ne!(draw(&mut rng), draw(&mut rng));
    // These very numbers, on any machine and in any version.
    let mut rng = Rng::new(42);
    let drawn: Vec<usize> = (0..5).map(|_| rng.below(1000)).collect();
    assert_eq!(drawn, FROM_SEED_42);
}

/// Written down from version 0.1.0.
const FROM_SEED_42: [usize; 5] = [224, 681, 146, 950, 772];

#[test]
fn streams_are_independent_of_use_and_of_each_other() {
    let draw = |mut rng: Rng| Tensor::<f64>::normal([50_000], 0.0, 1.0, &mut rng).unwrap();
    let root = Rng::new(9);
    let mut used = root.clone();
    used.below(100);
    assert_eq!(draw(root.stream(5)), draw(used.stream(5)));
    let (x, y) = (draw(root.stream(1)), draw(root.stream(2)));
    let correlation = x.mul(&y).unwrap().mean().item().unwrap();
    assert!(correlation.abs() < 0.02, "{correlation}");
    assert_eq!(draw(root.stream(0)), draw(root.clone()), "stream 0 is the first");
}

#[test]
fn a_saved_state_continues_where_it_stood() {
    let mut rng = Rng::new(3).stream(7);
    Tensor::<f32>::normal([33], 0.0, 1.0, &mut rng).unwrap();
    let state = rng.state();
    assert_eq!((state.seed, state.stream), (3, 7));
    let mut copy = Rng::from_state(state);
    assert_eq!(copy, rng);
    let next = |rng: &mut Rng| Tensor::<f32>::uniform([40], 0.0, 1.0, rng).unwrap();
    assert_eq!(next(&mut copy), next(&mut rng));
    assert_eq!(Rng::from_state(RngState { seed: 4, ..Default::default() }), Rng::new(4));
}

#[test]
fn permutations_are_fair() {
    let mut rng = Rng::new(6);
    let mut counts = [[0; 4]; 4];
    for _ in 0..24_000 {
        let order = Tensor::permutation(4, &mut rng).to_vec();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3]);
        order.iter().enumerate().for_each(|(place, &i)| counts[place][i as usize] += 1);
    }
    for count in counts.as_flattened() {
        assert!((5600..6400).contains(count), "{counts:?}");
    }
    assert_eq!(Tensor::permutation(0, &mut rng).len(), 0);
    assert_eq!(rng.below(0), 0);
}
