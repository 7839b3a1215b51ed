//! What is saved is what is loaded, bit for bit.

use std::collections::BTreeMap;

use gradus_optim::OptimizerState;
use gradus_serialize::{AnyTensor, Checkpoint, Dtype, Further, StateDict, TensorBytes};
use gradus_tensor::{Rng, Tensor};

use crate::fixtures::{assert_same_bits, full, odd_tensors};

#[test]
fn a_checkpoint_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.ckpt");
    let saved = full();
    saved.save(&path).unwrap();
    let loaded = Checkpoint::load(&path).unwrap();
    assert_same_bits(&saved.model, &loaded.model);
    assert_same_bits(&saved.further.weights["best"], &loaded.further.weights["best"]);
    let rest = |mut it: Checkpoint| {
        // These have a NaN.
        it.further.weights.remove("best");
        Checkpoint { model: StateDict::new(), ..it }
    };
    assert_eq!(rest(saved.clone()), rest(loaded));
    assert_eq!(std::fs::read(&path).unwrap(), saved.to_bytes().unwrap(), "the same bytes twice");
}

#[test]
fn a_run_with_nothing_further_is_written_in_the_first_version_of_the_format() {
    let version = |it: &Checkpoint| it.to_bytes().unwrap()[8];
    let mut saved = full();
    assert_eq!(version(&saved), 2);
    saved.further = Further::default();
    assert_eq!(version(&saved), 1);
    let loaded = Checkpoint::from_bytes(&saved.to_bytes().unwrap()).unwrap();
    assert_eq!((loaded.optimizer, loaded.further), (saved.optimizer, Further::default()));
}

#[test]
fn an_empty_checkpoint_comes_back() {
    let bytes = Checkpoint::<f32>::default().to_bytes().unwrap();
    assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), Checkpoint::default());
}

#[test]
fn tensors_longer_than_the_buffer_come_back() {
    let mut saved = Checkpoint::<f32>::default();
    let x = Tensor::<f32>::normal([3, 33_333], 0.0, 1.0, &mut Rng::new(2)).unwrap();
    saved.model.insert("a", x.transpose(0, 1).unwrap());
    saved.model.insert("b", x.map(|x| x > 0.0));
    let loaded = Checkpoint::from_bytes(&saved.to_bytes().unwrap()).unwrap();
    assert_same_bits(&saved.model, &loaded.model);
}

#[test]
fn an_optimizer_of_doubles_is_loaded_as_doubles_only() {
    let tensors = BTreeMap::from([("w".into(), vec![Tensor::scalar(1.0_f64 / 3.0)])]);
    let optimizer = OptimizerState::new("sgd", 1, tensors);
    let saved = Checkpoint { optimizer: Some(optimizer), ..Checkpoint::<f64>::default() };
    let bytes = saved.to_bytes().unwrap();
    assert_eq!(Checkpoint::<f64>::from_bytes_as(&bytes).unwrap(), saved);
    assert_eq!(
        Checkpoint::from_bytes(&bytes).unwrap_err().to_string(),
        "the checkpoint's optimizer holds f64, wanted f32; a model of f64 is loaded with \
         Checkpoint::<f64>::load_as"
    );
}

#[test]
fn every_tensor_comes_back_from_its_bytes() {
    for (name, tensor) in odd_tensors() {
        let bytes = tensor.to_le_bytes();
        assert_eq!(bytes.len() as u64, tensor.size_in_bytes(), "{name}");
        let again = AnyTensor::from_le_bytes(tensor.dtype(), tensor.shape(), &bytes).unwrap();
        assert_eq!(again.to_le_bytes(), bytes, "{name}");
        assert_eq!(again.shape(), tensor.shape(), "{name}");
    }
    let transposed = odd_tensors().tensor::<f32>("transposed").unwrap();
    let first = AnyTensor::from(transposed).to_le_bytes()[4..8].to_vec();
    assert_eq!(first, 4.0_f32.to_le_bytes(), "row-major order of the view, not of the memory");
}

#[test]
fn bytes_that_do_not_fit_a_shape_are_errors() {
    let error = |dtype, shape: &[usize], bytes: &[u8]| {
        AnyTensor::from_le_bytes(dtype, shape, bytes).unwrap_err().to_string()
    };
    assert_eq!(
        error(Dtype::F32, &[2], &[0; 7]),
        "from_le_bytes: wanted f32 in shape [2], but that takes 8 bytes, got 7"
    );
    assert_eq!(
        error(Dtype::Bool, &[2], &[1, 2]),
        "from_le_bytes: wanted bool in shape [2], but there is a byte that is no bool"
    );
    for shape in [&[usize::MAX, 2][..], &[0, usize::MAX], &[1 << 31, 1 << 31, 1 << 31]] {
        assert!(error(Dtype::U8, shape, &[]).ends_with("but that is more than memory can hold"));
    }
}

#[test]
fn a_tensor_is_asked_for_by_name_and_type() {
    let dict = odd_tensors();
    assert_eq!(
        dict.tensor::<f32>("f33").unwrap_err().to_string(),
        "wanted the tensor `f33` of f32: there is none of that name"
    );
    assert_eq!(
        dict.tensor::<u8>("i64").unwrap_err().to_string(),
        "wanted the tensor `i64` of u8: its elements are i64"
    );
    let error = dict.renamed(|_| Some("same".into())).unwrap_err().to_string();
    assert!(error.starts_with("two tensors are called `same`"), "{error}");
}
