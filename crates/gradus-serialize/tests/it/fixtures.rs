//! Checkpoints and tensors for the tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gradus_data::LoaderState;
use gradus_optim::OptimizerState;
use gradus_serialize::{AnyTensor, Checkpoint, Further, StateDict, TensorBytes};
use gradus_tensor::{Rng, RngState, Tensor};

/// A tensor of every type, and every kind of shape and memory that has tripped such code up.
pub fn odd_tensors() -> StateDict {
    let mut dict = StateDict::new();
    let nan = f32::from_bits(0xffc1_2345);
    dict.insert(
        "f32",
        Tensor::vector([1.5_f32, -0.0, f32::INFINITY, nan, f32::MIN_POSITIVE / 2.0]),
    );
    dict.insert("f64", Tensor::vector([1.0_f64 / 3.0, f64::from_bits(0x7ff8_0000_dead_beef)]));
    dict.insert("i64", Tensor::vector([i64::MIN, -1, 0, i64::MAX]));
    dict.insert("u8", Tensor::vector([0_u8, 1, 255]));
    dict.insert("bool", Tensor::vector([true, false, true]));
    dict.insert("empty", Tensor::<f32>::zeros([3, 0, 2]));
    dict.insert("rank 0", Tensor::scalar(7.25_f64));
    let matrix = Tensor::<f32>::arange(12);
    let matrix = matrix.reshape([3, 4]).unwrap();
    dict.insert("transposed", matrix.transpose(0, 1).unwrap());
    dict.insert("expanded", Tensor::scalar(3_i64).expand([2, 3]).unwrap());
    dict.insert("名前 \"quoted\"\n", Tensor::scalar(1_u8));
    dict
}

/// A checkpoint with every part filled.
pub fn full() -> Checkpoint {
    let tensors = BTreeMap::from([
        ("fc.weight".into(), vec![Tensor::full([2, 3], 0.5), Tensor::ones([2, 3])]),
        ("fc.none".into(), vec![]),
    ]);
    let mut optimizer = OptimizerState::new("adam", 12, tensors);
    // Not a number of f32.
    optimizer.numbers = [("lr".into(), vec![0.1]), ("schedule.1".into(), vec![])].into();
    Checkpoint {
        model: odd_tensors(),
        optimizer: Some(optimizer),
        rng: Some(RngState { seed: 3, stream: u64::MAX, position: u128::from(u64::MAX) + 5 }),
        loader: Some(LoaderState { epoch: 2, batch: 17, seed: 9 }),
        epoch: 2,
        step: 117,
        meta: BTreeMap::from([("lr".into(), "0.001".into()), (String::new(), "é".into())]),
        further: further(),
    }
}

/// A checkpoint of a few hundred bytes.
pub fn small() -> Checkpoint {
    let mut checkpoint = Checkpoint { step: 5, ..Checkpoint::default() };
    checkpoint.model.insert("w", Tensor::<f32>::normal([3], 0.0, 1.0, &mut Rng::new(1)).unwrap());
    checkpoint.model.insert("b", Tensor::vector([true, false]));
    checkpoint.meta.insert("k".into(), "v".into());
    let tensors = BTreeMap::from([("w".into(), vec![Tensor::ones([3])])]);
    checkpoint.optimizer = Some(OptimizerState::new("sgd", 5, tensors));
    checkpoint
}

/// That two sets of tensors are the same bits under the same names.
#[track_caller]
pub fn assert_same_bits(a: &StateDict, b: &StateDict) {
    let bits = |dict: &StateDict| -> Vec<_> {
        dict.iter().map(|(name, tensor)| (name.to_owned(), bits_of(tensor))).collect()
    };
    assert_eq!(bits(a), bits(b));
}

fn bits_of(tensor: &AnyTensor) -> (&'static str, Vec<usize>, Vec<u8>) {
    (tensor.dtype().name(), tensor.shape().to_vec(), tensor.to_le_bytes())
}

/// The folder of shared data, if this machine has one.
pub fn shared() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("GRADUS_SHARED") {
        return Some(folder.into());
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|folder| folder.join("shared")).find(|folder| folder.join("data").is_dir())
}

/// What not every run has, with every part filled.
fn further() -> Further {
    let slots = |x| BTreeMap::from([("w".into(), vec![Tensor::full([2], x), Tensor::scalar(3.0)])]);
    let mut critic = OptimizerState::new("adam", 3, slots(0.25));
    critic.numbers = [("lr".into(), vec![0.1])].into();
    let average: StateDict = [("fc.weight", Tensor::<f32>::ones([2, 3]))].into_iter().collect();
    Further {
        optimizers: [
            ("critic".into(), critic),
            ("0".into(), OptimizerState::new("sgd", 1, slots(0.5))),
        ]
        .into(),
        loaders: [("validation".into(), LoaderState { epoch: 1, batch: 0, seed: 4 })].into(),
        weights: [("average".into(), average), ("best".into(), odd_tensors())].into(),
        bytes: [("sums".into(), vec![0, 255, 7]), ("none".into(), vec![])].into(),
    }
}
