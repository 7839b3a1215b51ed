//! Explanations: against formulas, differences, and the promises of their papers.

use gradus_autograd::{Var, no_grad};
use gradus_nn::{Context, Conv2d, GlobalAvgPool2d, Layer, Linear, ModuleExt};
use gradus_tensor::{Rng, Tensor};
use gradus_train::explain::{grad_cam, integrated_gradients, magnitude, saliency};
use gradus_train::{Error, Result};

use crate::message;

/// A convolution, a smooth activation, a mean, a linear layer.
struct Net {
    conv: Conv2d<f64>,
    head: Linear<f64>,
}

impl Net {
    fn new() -> Result<Self> {
        let mut rng = Rng::new(5);
        let conv = Conv2d::new(2, 6, 3).padding(1).init(&mut rng)?;
        Ok(Self { conv, head: Linear::new(6, 4).init(&mut rng)? })
    }

    fn features(&self, x: &Var<f64>) -> Result<Var<f64>> {
        Ok(self.conv.forward(x, &mut Context::eval())?.scale(3.0).gelu())
    }

    fn scores(&self, features: &Var<f64>) -> Result<Var<f64>> {
        let pooled = GlobalAvgPool2d.forward(features, &mut Context::eval())?;
        Ok(self.head.forward(&pooled, &mut Context::eval())?)
    }

    fn forward(&self, x: &Var<f64>) -> Result<Var<f64>> {
        self.scores(&self.features(x)?)
    }
}

fn images() -> Result<Tensor<f64>> {
    Ok(Tensor::normal([3, 2, 5, 4], 0.0, 1.0, &mut Rng::new(9))?)
}

fn classes() -> Tensor<i64> {
    Tensor::vector([2, 0, 3])
}

#[test]
fn saliency_is_the_slope_that_differences_give() -> Result<()> {
    let (net, x) = (Net::new()?, images()?);
    let gradient = saliency(&x, &classes(), |x| net.forward(x))?;
    let score = |x: Vec<f64>, sample: usize| -> Result<f64> {
        let scores = no_grad(|| net.forward(&Tensor::from_vec(x, [3, 2, 5, 4])?.into()))?;
        Ok(scores.value().get([sample, classes().to_vec()[sample] as usize])?)
    };
    let (values, h) = (x.to_vec(), 1e-5);
    for (i, found) in gradient.to_vec().into_iter().enumerate() {
        let moved = |by: f64| {
            let mut x = values.clone();
            x[i] += by;
            score(x, i / 40)
        };
        let wanted = (moved(h)? - moved(-h)?) / (2.0 * h);
        assert!((found - wanted).abs() < 1e-8, "{i}: {found}, not {wanted}");
    }
    let map = magnitude(&gradient)?;
    let largest = gradient.get([1, 0, 2, 3])?.abs().max(gradient.get([1, 1, 2, 3])?.abs());
    assert_eq!(map.get([1, 2, 3])?, largest);
    Ok(())
}

#[test]
fn before_a_mean_and_a_linear_layer_grad_cam_is_the_class_activation_map() -> Result<()> {
    let (net, x) = (Net::new()?, images()?);
    let run = |net: &Net| {
        grad_cam(&x, &classes(), |x| {
            let features = net.features(x)?;
            let scores = net.scores(&features)?;
            Ok((features, scores))
        })
    };
    let maps = run(&net)?;
    let features = net.features(&x.clone().into())?;
    let mut positive = 0;
    for sample in 0..3 {
        let class = classes().to_vec()[sample] as usize;
        for (i, j) in (0..5).flat_map(|i| (0..4).map(move |j| (i, j))) {
            let share = |k: usize| -> Result<f64> {
                let weight = net.head.weight.value().get([class, k])?;
                Ok(weight / 20.0 * features.value().get([sample, k, i, j])?)
            };
            let sum = (0..6).map(share).sum::<Result<f64>>()?.max(0.0);
            positive += usize::from(sum > 0.0);
            assert!((maps.get([sample, i, j])? - sum).abs() < 1e-12);
        }
    }
    assert!(positive > 5 && positive < 55, "both sides of the ReLU are seen: {positive}");

    // Frozen parameters change nothing.
    let mut frozen = Net::new()?;
    frozen.conv.freeze("");
    frozen.head.freeze("");
    assert_eq!(run(&frozen)?.to_vec(), maps.to_vec());
    Ok(())
}

#[test]
fn grad_cam_of_sequences_has_their_places() -> Result<()> {
    let x = Tensor::normal([2, 3, 7], 0.0, 1.0, &mut Rng::new(1))?;
    let map = grad_cam(&x, &Tensor::vector([0, 1]), |x: &Var| {
        let features = x.tanh();
        let scores = features.mean_axes(&[2], false)?;
        Ok((features, scores))
    })?;
    assert_eq!(map.shape(), [2, 7]);
    // Score c is the mean of channel c, so its map is that channel where it is positive, over 7.
    let wanted = (x.get([1, 1, 4])?.tanh() / 7.0).max(0.0);
    assert!((map.get([1, 4])? - wanted).abs() < 1e-6);
    Ok(())
}

#[test]
fn shares_add_up_to_the_difference_of_the_scores() -> Result<()> {
    let (net, x) = (Net::new()?, images()?);
    let baseline = Tensor::full([2, 5, 4], 0.1);
    let run = |steps| integrated_gradients(&x, &baseline, &classes(), steps, |x| net.forward(x));
    let worst = |steps| -> Result<f64> { Ok(run(steps)?.gap()?.max()?.item()?) };
    let found = run(100)?;
    assert_eq!(found.shares.shape(), x.shape());
    let difference = found.score.sub(&found.baseline)?;
    assert!(difference.abs().min()?.item()? > 0.01, "there is something to share: {difference:?}");
    assert!(worst(100)? < 1e-4, "{}", worst(100)?);
    // The midpoint rule: ten times the steps, a hundredth of the error.
    let ratio = worst(20)? / worst(200)?;
    assert!((50.0..200.0).contains(&ratio), "{ratio}");
    let sums = found.summed(1)?;
    assert!(sums.sub(&difference)?.abs().max()?.item()? < 1e-4);
    assert_eq!(found.summed(4)?.to_vec(), found.shares.to_vec());
    Ok(())
}

#[test]
fn shares_of_a_square_are_exact_and_nothing_goes_to_what_has_no_say() -> Result<()> {
    // y = x₀² + x₀ x₁, and x₂ is not read: by hand, from 0, x₀² + x₀ x₁ / 2, x₀ x₁ / 2, 0.
    let x = Tensor::from_vec(vec![2.0, 3.0, 5.0, -1.0, 4.0, 7.0], [2, 3])?;
    let forward = |x: &Var<f64>| {
        let [a, b] = [x.slice(1, 0..1)?, x.slice(1, 1..2)?];
        Ok(a.square().add(&a.mul(&b)?)?)
    };
    let zero = Tensor::scalar(0.0);
    let found = integrated_gradients(&x, &zero, &Tensor::vector([0, 0]), 1, forward)?;
    assert_eq!(found.shares.to_vec(), [7.0, 3.0, 0.0, -1.0, -2.0, 0.0]);
    assert_eq!(found.score.to_vec(), [10.0, -3.0]);
    assert_eq!(found.baseline.to_vec(), [0.0, 0.0]);
    assert_eq!(found.gap()?.to_vec(), [0.0, 0.0]);
    Ok(())
}

#[test]
fn what_does_not_fit_is_named() -> Result<()> {
    let (net, x, zero) = (Net::new()?, images()?, Tensor::scalar(0.0));
    let forward = |x: &Var<f64>| net.forward(x);
    let says = |text: String, wanted: &str| assert!(text.contains(wanted), "{text:?}: {wanted}");

    says(message(saliency(&x, &Tensor::vector([0, 1]), forward)), "got classes of shape [2]");
    says(message(saliency(&x, &Tensor::vector([0, 1, 4]), forward)), "got class 4, wanted 0 to 3");
    says(message(saliency(&x, &Tensor::vector([0, -1, 0]), forward)), "got class -1");
    let constant = |x: &Var<f64>| net.forward(&x.detach().detach()).map(|y| y.detach());
    says(message(saliency(&x, &classes(), constant)), "do not depend on the input");
    says(
        message(saliency(&x, &classes(), |x| net.features(x))),
        "got scores of shape [3, 6, 5, 4]",
    );
    let empty = Tensor::zeros([0, 2, 5, 4]);
    says(message(saliency(&empty, &classes(), forward)), "got an input of shape [0, 2, 5, 4]");
    says(
        message(saliency(&x, &classes(), |_| Err(Error::other("no such layer")))),
        "no such layer",
    );

    says(message(magnitude(&Tensor::<f32>::zeros([3]))), "got a gradient of shape [3]");
    let flat = |x: &Var<f64>| net.forward(x).map(|scores| (scores.clone(), scores));
    says(message(grad_cam(&x, &classes(), flat)), "got features of shape [3, 4]");
    let detached = |x: &Var<f64>| Ok((net.features(x)?.detach(), net.forward(x)?));
    says(message(grad_cam(&x, &classes(), detached)), "got features that do not depend");

    let run = |baseline: &Tensor<f64>, steps| {
        integrated_gradients(&x, baseline, &classes(), steps, forward)
    };
    says(message(run(&zero, 0)), "got steps = 0, wanted 1 or more");
    says(message(run(&Tensor::zeros([7]), 5)), "got a baseline of shape [7], wanted [3, 2, 5, 4]");
    says(message(run(&zero, 1)?.summed(5)), "got kept = 5, wanted 1 to 4");
    Ok(())
}
