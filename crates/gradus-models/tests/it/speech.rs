//! The recognisers of speech beside the same layers in PyTorch (`tests/record_speech.py`), whatever they are padded to, and
//! what they refuse.

use gradus_autograd::Var;
use gradus_models::*;
use gradus_nn::{Context, Error, Result};
use gradus_tensor::{Rng, Tensor};

use super::formula;
use super::pytorch::{compare, filled, largest, recorded, tolerances};

const LENGTHS: [usize; 3] = [23, 9, 16];
const FRAMES: usize = 23;
const BANDS: usize = 18;

macro_rules! recognisers {
    ($($case:ident: $model:expr;)*) => { $(
        #[test]
        fn $case() -> Result<()> {
            recognisers!(@in f32, stringify!($case), $model);
            recognisers!(@in f64, stringify!($case), $model);
            Ok(())
        }
    )* };
    (@in $T:ty, $case:expr, $model:expr) => {
        let mut net = $model.init::<$T>(&mut Rng::new(0))?;
        filled::<$T>($case, &mut net);
        let x = formula::tensor::<$T>("x", &[3, FRAMES, BANDS]);
        let mut cx = Context::eval();
        let (y, lengths) = net.forward(&x.clone().into(), Some(&LENGTHS), &mut cx)?;
        // What lies behind a recording is nothing.
        let row = |t: usize| lengths.iter().map(move |&length| t < length);
        let within: Vec<bool> = (0..y.shape()[0]).flat_map(row).collect();
        let within = Tensor::from_vec(within, [y.shape()[0], 3, 1])?;
        let y = Var::choose(&within, &y, &Var::constant(Tensor::scalar(0.0)))?;
        compare::<$T>($case, y.clone(), &net, &recorded()["cases"][$case]["eval"])?;

        // The second alone, and with other numbers behind it.
        let alone = x.slice(0, 1..2)?.slice(1, ..9)?;
        let other = Tensor::full([1, 4, BANDS], 7.0);
        let longer = Tensor::concat(&[&alone, &other], 1)?;
        let wanted = y.value().slice(1, 1..2)?.slice(0, ..lengths[1])?;
        for (x, length) in [(alone, None), (longer, Some(&[9][..]))] {
            let (y, frames) = net.forward(&x.into(), length, &mut cx)?;
            assert_eq!(frames, [lengths[1]]);
            let gap = largest(&y.value().slice(0, ..frames[0])?.sub(&wanted)?)?;
            assert!(gap < tolerances::<$T>()[0] * 0.1, "{}: {gap} beside the recording alone", $case);
        }
    };
}

recognisers! {
    bilstm_ctc: BiLstmCtc::new(BANDS, 5).hidden(6).stride(3);
    crnn: Crnn::new(BANDS, 5).channels(3).hidden(6).layers(1);
    conformer: Conformer::new(BANDS, 5).width(8).layers(2).heads(2).hidden(12).kernel(5);
}

#[test]
fn what_does_not_fit_is_refused() -> Result<()> {
    let rng = &mut Rng::new(0);
    let cx = &mut Context::eval();
    let says = |result: Result<Spoken>, message: &str| {
        let error = result.expect_err(message);
        assert!(matches!(error, Error::Setting { .. }), "{error:?}");
        assert_eq!(error.to_string(), message);
    };
    let x = Var::from(Tensor::zeros([2, 9, 18]));
    let net: BiLstmCtc = BiLstmCtc::new(18, 5).hidden(2).init(rng)?;
    let message = "BiLstmCtc: got length 10 of recording 1, wanted 1 to 9";
    says(net.forward(&x, Some(&[9, 10]), cx), message);
    says(
        net.forward(&x, Some(&[9]), cx),
        "BiLstmCtc: got 1 lengths, wanted one for each of 2 recordings",
    );
    let wrong = Var::from(Tensor::zeros([2, 9, 17]));
    let message =
        "BiLstmCtc: got features [2, 9, 17], wanted [recordings, frames, 18], one frame or more";
    says(net.forward(&wrong, None, cx), message);
    let net: Crnn = Crnn::new(18, 5).channels(1).hidden(2).init(rng)?;
    let message =
        "Crnn: got length 3 of recording 0, wanted at least 4, of which one frame is left";
    says(net.forward(&x, Some(&[3, 9]), cx), message);
    let says = |result: Result<Conformer>, message: &str| {
        assert_eq!(result.expect_err(message).to_string(), message);
    };
    let message = "Conformer: got width 144 and 5 heads, wanted a multiple of the heads";
    says(Conformer::new(40, 5).heads(5).init(rng), message);
    let message = "Conformer: got a kernel of 4 frames, wanted an odd number, with a middle";
    says(Conformer::new(40, 5).kernel(4).init(rng), message);
    Ok(())
}
