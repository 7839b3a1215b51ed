//! Single precision against double.
//!
//! Rounding each input to `x (1 + δ)`, `|δ| ≤ u = 2⁻²⁴`, is an error that no algorithm avoids. It changes
//! an output `y` by about `u κ`, which is found by trying: the inputs are moved at random, by more than
//! `u` so that doubles see it, and the largest change counts. A stable function is off by no more than a
//! few times `u (κ + |y|)`, and by a little where numbers are so small that single precision has no digits
//! for them. (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, section 1.6.)

use gradus_tensor::{Rng, Tensor};

use super::differences::{Function, constants, gradients};
use super::inputs::normal;
use crate::graph::Mode;
use crate::{Error, Result, Var};

/// The same function in single precision.
pub(super) type Single = dyn Fn(&[Var<f32>]) -> Result<Var<f32>>;

/// How many times the error that cannot be avoided is allowed.
const ALLOWED: f64 = 24.0;
/// How much of the largest error is allowed everywhere.
const SHARED: f64 = 0.1;
/// Half the distance from 1 to the next number.
const UNIT: f64 = 1.0 / (1 << 24) as f64;
/// The inputs are moved by this much of their size, in so many directions.
const MOVED: f64 = 1e-6;
const DIRECTIONS: u64 = 6;
/// Results above are left out: something on the way may be beyond the largest number.
const LARGE: f64 = 1e30;
/// The smallest number with all its digits.
const SMALL: f64 = 1.1754943508222875e-38;

/// How the inputs of a case are changed, and how that is called.
type Change = (&'static str, fn(f64) -> f64);
const SMALL_CHANGES: usize = 3;
const CHANGES: [Change; 6] = [
    ("as they are", |x| x),
    ("a millionth as large", |x| 1e-6 * x),
    ("tiny", |x| 1e-30 * x),
    ("far from zero", |x| x + 1000.0),
    ("a thousand times as large", |x| 1000.0 * x),
    ("a billion times as large", |x| 1e9 * x),
];

/// Compares values and gradients.
pub(super) fn compare(
    double: &Function<'_>,
    single: &Single,
    inputs: &[Tensor<f64>],
    only_small: bool,
) -> Result<()> {
    let changes = if only_small { &CHANGES[..SMALL_CHANGES] } else { &CHANGES };
    for &(how, change) in changes {
        // What single precision can hold, so that both are given the same.
        let inputs: Vec<Tensor<f64>> =
            inputs.iter().map(|x| x.map(|x| f64::from(change(x) as f32))).collect();
        let Ok(first) = double(&constants(&inputs)) else { continue };
        let weight = normal(first.shape(), 7).map(|w| f64::from(w as f32));
        let want = everything(double, &inputs, &weight)?;
        let mut change: Vec<Tensor<f64>> = want.iter().map(Tensor::zeros_like).collect();
        for seed in 0..DIRECTIONS {
            let mut rng = Rng::new(seed + 1);
            let mut moved = |x: &Tensor<f64>| -> Result<Tensor<f64>> {
                let signs = Tensor::<f64>::uniform(x.shape(), -1.0, 1.0, &mut rng)?;
                Ok(x.zip("move", &signs, |x, s| x * (1.0 + MOVED * s))?)
            };
            let inputs: Vec<_> = inputs.iter().map(&mut moved).collect::<Result<_>>()?;
            let weight = moved(&weight)?;
            for ((change, want), other) in
                change.iter_mut().zip(&want).zip(everything(double, &inputs, &weight)?)
            {
                let gap = want.zip("gap", &other, |a, b| (a - b).abs() / MOVED)?;
                *change = change.zip("most", &gap, f64::max)?;
            }
        }
        let got = everything_single(single, &inputs, &weight)?;
        let size = largest(&want[0]);
        for (place, ((got, want), change)) in got.iter().zip(&want).zip(&change).enumerate() {
            // Gradients that cancel are as exact as the sizes of output and input let them be.
            let (what, floor) = match place.checked_sub(1) {
                None => ("the value".to_string(), 0.0),
                Some(i) => {
                    let slope = size / largest(&inputs[i]);
                    (format!("gradient {i}"), largest(&weight) * slope.min(1.0))
                }
            };
            near(got, want, change, floor).map_err(|detail| Error::Check {
                what: format!("{what} in single precision, inputs {how}"),
                detail,
            })?;
        }
    }
    Ok(())
}

/// The value, and the gradient of each input.
fn everything(
    f: &Function<'_>,
    inputs: &[Tensor<f64>],
    weight: &Tensor<f64>,
) -> Result<Vec<Tensor<f64>>> {
    let mut all = vec![f(&constants(inputs))?.into_value()];
    all.extend(gradients(f, inputs, &vec![true; inputs.len()], Mode::FIRST, weight)?);
    Ok(all)
}

/// The same in single precision, as doubles.
fn everything_single(
    f: &Single,
    inputs: &[Tensor<f64>],
    weight: &Tensor<f64>,
) -> Result<Vec<Tensor<f64>>> {
    let variables: Vec<Var<f32>> = inputs.iter().map(|x| Var::leaf(x.cast())).collect();
    let output = f(&variables)?;
    let mut all = vec![output.value().cast()];
    let loss = output.mul(&Var::from(weight.cast::<f32>()))?.sum();
    let gradients = if loss.is_tracked() { Some(loss.backward()?) } else { None };
    for x in &variables {
        let found = gradients.as_ref().and_then(|g| g.of(x));
        all.push(found.map_or_else(|| x.value().zeros_like(), Tensor::clone).cast());
    }
    Ok(all)
}

/// The largest size of an element, of those that are not too large to count.
fn largest(x: &Tensor<f64>) -> f64 {
    let sizes = x.to_vec().into_iter().map(f64::abs);
    sizes.filter(|x| *x < LARGE).fold(0.0, f64::max)
}

fn near(
    got: &Tensor<f64>,
    want: &Tensor<f64>,
    change: &Tensor<f64>,
    floor: f64,
) -> Result<(), String> {
    if got.shape() != want.shape() {
        return Err(format!("shape {:?} instead of {:?}", got.shape(), want.shape()));
    }
    // Where parts of an element cancel, it is as exact as they are.
    let shared = SHARED * (largest(change) + largest(want)) + floor;
    for ((got, want), change) in got.to_vec().into_iter().zip(want.to_vec()).zip(change.to_vec()) {
        if !want.is_finite() && !want.is_nan()
            || want.abs() > LARGE
            || !change.is_finite()
            || change > LARGE
        {
            continue;
        }
        let limit = ALLOWED * UNIT * (change + shared + want.abs()) + ALLOWED * SMALL;
        let off = (got - want).abs();
        if got.is_nan() != want.is_nan() || off > limit {
            let times = off / (UNIT * (change + want.abs()) + SMALL);
            return Err(format!(
                "it is {got:e}, double precision gives {want:e}: off by {times:.1} times what rounding of the inputs changes"
            ));
        }
    }
    Ok(())
}
