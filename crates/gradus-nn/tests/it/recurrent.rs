//! Recurrent layers in both directions and over samples of different lengths, against the same layers run
//! one sample, one layer and one direction at a time.

use gradus_autograd::Var;
use gradus_nn::*;
use gradus_tensor::{Float, Rng, Tensor};

/// Outputs of every step, and the parts of the last state.
type Read = (Var<f64>, Vec<Var<f64>>);
/// One layer in one direction, run over one sample.
type Plain = fn(&[RecurrentWeights<f64>], &Var<f64>) -> Result<Read>;

/// One layer, one direction, one sample of all its steps.
fn plain<C: Cell>(weights: &[RecurrentWeights<f64>], x: &Var<f64>) -> Result<Read> {
    let [weights] = weights else { panic!("one layer") };
    let (inputs, hidden) = (weights.weight_ih.shape()[1], weights.weight_hh.shape()[1]);
    let mut layer: Recurrent<C, f64> =
        Recurrent::<C>::new(inputs, hidden).init(&mut Rng::new(0))?;
    layer.layers = vec![weights.clone()];
    let (y, state) = layer.forward(x, None, &mut Context::eval())?;
    Ok((y, C::parts(&state).into_iter().cloned().collect()))
}

/// What the layers should give for one sample: every direction by itself.
#[expect(clippy::type_complexity, reason = "the output, and the parts of each last state")]
fn expected(
    layers: &[RecurrentWeights<f64>],
    directions: usize,
    x: &Var<f64>,
    plain: Plain,
) -> Result<(Var<f64>, Vec<Vec<Var<f64>>>)> {
    let (mut y, mut ends) = (x.clone(), Vec::new());
    for layer in layers.chunks(directions) {
        let (forward, end) = plain(&layer[..1], &y)?;
        ends.push(end);
        y = match layer.get(1..) {
            Some(reverse @ [_]) => {
                let (backward, end) = plain(reverse, &y.flip(0)?)?;
                ends.push(end);
                Var::concat(&[&forward, &backward.flip(0)?], 2)?
            }
            _ => forward,
        };
    }
    Ok((y, ends))
}

fn near<T: Float>(a: &Tensor<T>, b: &Tensor<T>) {
    assert_eq!(a.shape(), b.shape());
    for (a, b) in a.to_vec().into_iter().zip(b.to_vec()) {
        assert!((a.to_f64() - b.to_f64()).abs() < 1e-12, "{a:?} and {b:?}");
    }
}

fn check<C: Cell>(bidirectional: bool, lengths: &[usize]) -> Result<()> {
    let rng = &mut Rng::new(1);
    let builder = Recurrent::<C>::new(3, 4).layers(2).bidirectional(bidirectional);
    let layer: Recurrent<C, f64> = builder.init(rng)?;
    let directions = 1 + usize::from(bidirectional);
    let x = Tensor::normal([6, lengths.len(), 3], 0.0, 1.0, rng)?;
    let x = Var::constant(x);
    let cx = &mut Context::eval();
    let (y, state) = layer.forward(&x, Sequence::new().lengths(lengths), cx)?;
    assert_eq!(y.shape(), [6, lengths.len(), 4 * directions]);
    for (n, &length) in lengths.iter().enumerate() {
        let one = |x: &Var<f64>| x.slice(1, n..=n);
        let (want, ends) =
            expected(&layer.layers, directions, &one(&x)?.slice(0, ..length)?, plain::<C>)?;
        let got = one(&y)?;
        near(got.slice(0, ..length)?.value(), want.value());
        assert!(got.slice(0, length..)?.value().to_vec().iter().all(|&y| y == 0.0));
        for (part, state) in C::parts(&state).into_iter().enumerate() {
            for (i, end) in ends.iter().enumerate() {
                near(one(&state.slice(0, i..=i)?)?.value(), end[part].value());
            }
        }
    }
    Ok(())
}

#[test]
fn each_sample_ends_at_its_own_end_in_both_directions() -> Result<()> {
    for bidirectional in [false, true] {
        for lengths in [&[6, 6, 6][..], &[3, 6, 1], &[2, 2, 5, 2], &[4]] {
            check::<LstmCell>(bidirectional, lengths)?;
            check::<GruCell>(bidirectional, lengths)?;
        }
    }
    Ok(())
}

#[test]
fn names_are_those_of_pytorch() -> Result<()> {
    let builder = Gru::new(3, 4).layers(2).bidirectional(true).bias(false);
    let layer: Gru = builder.init(&mut Rng::new(0))?;
    let mut names = Vec::new();
    layer.for_each_param(|name, param| names.push(format!("{name} {:?}", param.shape())));
    let want = [
        "weight_ih_l0 [12, 3]",
        "weight_hh_l0 [12, 4]",
        "weight_ih_l0_reverse [12, 3]",
        "weight_hh_l0_reverse [12, 4]",
        "weight_ih_l1 [12, 8]",
        "weight_hh_l1 [12, 4]",
        "weight_ih_l1_reverse [12, 8]",
        "weight_hh_l1_reverse [12, 4]",
    ];
    assert_eq!(names, want);
    Ok(())
}

#[test]
fn a_sequence_can_be_read_in_pieces() -> Result<()> {
    let layer: Lstm = Lstm::new(3, 4).layers(2).init(&mut Rng::new(0))?;
    let x = Var::constant(Tensor::normal([7, 2, 3], 0.0, 1.0, &mut Rng::new(1))?);
    let cx = &mut Context::eval();
    let (whole, _) = layer.forward(&x, None, cx)?;
    let (first, state) = layer.forward(&x.slice(0, ..3)?, None, cx)?;
    let (second, _) = layer.forward(&x.slice(0, 3..)?, &state, cx)?;
    assert_eq!(whole.value(), Var::concat(&[&first, &second], 0)?.value());
    Ok(())
}

#[test]
fn what_lies_behind_the_end_is_not_read() -> Result<()> {
    let layer: Lstm = Lstm::new(2, 3).bidirectional(true).init(&mut Rng::new(0))?;
    let x = Tensor::normal([4, 2, 2], 0.0, 1.0, &mut Rng::new(1))?;
    let mut other = x.to_vec();
    // Steps 2 and 3 of the second sample.
    other[2 * 4 + 2..3 * 4].fill(f32::NAN);
    other[3 * 4 + 2..].fill(f32::INFINITY);
    let run = |x: &Tensor| {
        let sequence = Sequence::new().lengths(&[4, 2]);
        layer.forward(&Var::from(x), sequence, &mut Context::eval())
    };
    let other = Tensor::from_vec(other, [4, 2, 2])?;
    assert_eq!(run(&x)?.0.value(), run(&other)?.0.value());
    Ok(())
}

#[test]
fn lengths_that_do_not_fit_are_named() -> Result<()> {
    let layer: Gru = Gru::new(3, 4).init(&mut Rng::new(0))?;
    let x = Var::constant(Tensor::zeros([5, 2, 3]));
    for (lengths, wanted) in [
        (&[5][..], "Gru: got 1 lengths, wanted one for each of 2 samples"),
        (&[5, 6], "Gru: got length 6 of sample 1, wanted 1 to 5, the steps of the batch"),
        (&[0, 5], "Gru: got length 0 of sample 0, wanted 1 to 5, the steps of the batch"),
    ] {
        let sequence = Sequence::new().lengths(lengths);
        let error = layer.forward(&x, sequence, &mut Context::eval()).unwrap_err();
        assert_eq!(error.to_string(), wanted);
    }
    Ok(())
}
