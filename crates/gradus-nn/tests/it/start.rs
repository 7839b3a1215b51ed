//! Initialisation has the variance that its formula says.

use gradus_nn::{Init, Linear, Result};
use gradus_tensor::{Rng, Tensor};

fn moments(x: &Tensor) -> (f64, f64) {
    let values: Vec<f64> = x.to_vec().into_iter().map(f64::from).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64)
}

#[test]
fn variances_follow_the_fans() -> Result<()> {
    // Weight [out, in, 3, 3]: fan_in = 90, fan_out = 180.
    let shape = [20, 10, 3, 3];
    for (init, variance) in [
        (Init::XavierUniform, 2.0 / 270.0_f64),
        (Init::XavierNormal, 2.0 / 270.0),
        (Init::KaimingUniform, 2.0 / 90.0),
        (Init::KaimingNormal, 2.0 / 90.0),
        (Init::FanIn, 1.0 / 270.0),
        (Init::Normal(0.0, 0.5), 0.25),
        (Init::Uniform(-1.0, 1.0), 1.0 / 3.0),
    ] {
        // Many draws of a small weight have the statistics of one large one.
        let mut rng = Rng::new(7);
        let draws: Vec<Tensor> =
            (0..50).map(|_| init.tensor(&shape, &mut rng)).collect::<Result<_>>()?;
        let all = Tensor::concat(&draws.iter().collect::<Vec<_>>(), 0)?;
        let (mean, got) = moments(&all);
        assert!(mean.abs() < 0.02 * variance.sqrt() * 2.0, "{init:?}: mean {mean}");
        assert!((got / variance - 1.0).abs() < 0.03, "{init:?}: {got} instead of {variance}");
    }
    assert_eq!(Init::Constant(2.0).tensor::<f32>(&[2], &mut Rng::new(0))?.to_vec(), [2.0, 2.0]);
    let cut: Tensor = Init::TruncatedNormal(1.0, 0.5).tensor(&[10_000], &mut Rng::new(0))?;
    assert!(cut.min()?.item()? >= 0.0 && cut.max()?.item()? <= 2.0);
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_layer() -> Result<()> {
    let make = |seed| Linear::new(5, 4).init::<f32>(&mut Rng::new(seed));
    assert_eq!(make(1)?.weight.value(), make(1)?.weight.value());
    assert_ne!(make(1)?.weight.value(), make(2)?.weight.value());
    let bound = 1.0 / 5.0_f32.sqrt();
    assert!(make(1)?.bias.unwrap().value().abs().max()?.item()? <= bound);
    Ok(())
}
