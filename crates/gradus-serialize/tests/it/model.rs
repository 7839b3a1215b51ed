//! Weights out of a model and into it.

use gradus_autograd::Param;
use gradus_nn::{Buffer, Module, Visitor, VisitorMut};
use gradus_optim::{Adam, Optimizer, Sgd};
use gradus_serialize::{
    AnyTensor, Checkpoint, Dtype, Error, StateDict, check, load, load_matching, state_dict,
};
use gradus_tensor::{Float, Tensor};

use crate::fixtures::assert_same_bits;

/// Two parameters and a buffer, one floor down.
struct Net<T: Float = f32> {
    fc: Layer<T>,
}

struct Layer<T: Float> {
    weight: Param<T>,
    bias: Param<T>,
    mean: Buffer<T>,
}

impl<T: Float> Net<T> {
    fn new(value: f64, width: usize) -> Self {
        let full = |shape: &[usize]| Tensor::full(shape, T::from_f64(value));
        let (weight, bias) = (Param::new(full(&[2, width])), Param::new(full(&[2])));
        Self { fc: Layer { weight, bias, mean: Buffer::new(full(&[2])) } }
    }
}

impl<T: Float> Module<T> for Net<T> {
    fn visit(&self, v: &mut Visitor<'_, T>) {
        v.field("fc", &self.fc);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_, T>) {
        v.field("fc", &mut self.fc);
    }
}

impl<T: Float> Module<T> for Layer<T> {
    fn visit(&self, v: &mut Visitor<'_, T>) {
        v.field("weight", &self.weight).field("bias", &self.bias).field("mean", &self.mean);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_, T>) {
        v.field("weight", &mut self.weight).field("bias", &mut self.bias);
        v.field("mean", &mut self.mean);
    }
}

/// State that is not of floats: how many were seen, and which are masked.
#[derive(Module)]
struct Counting {
    seen: Buffer<i64>,
    masked: Buffer<bool>,
    mean: Buffer,
}

impl Counting {
    fn new(seen: i64) -> Self {
        Self {
            seen: Buffer::new(Tensor::scalar(seen)),
            masked: Buffer::new(Tensor::vector([seen > 0, false])),
            mean: Buffer::new(Tensor::vector([seen as f32])),
        }
    }
}

#[test]
fn buffers_of_any_type_come_back() {
    let path = tempfile::tempdir().unwrap();
    let path = path.path().join("counting.ckpt");
    let many = (1 << 60) + 1; // which no float holds
    let model = state_dict::<f32, _>(&Counting::new(many)).unwrap();
    Checkpoint { model, ..Checkpoint::<f32>::default() }.save(&path).unwrap();
    let mut fresh = Counting::new(0);
    let mut saved = Checkpoint::<f32>::load(&path).unwrap().model;
    load::<f32, _>(&mut fresh, &saved).unwrap();
    assert_eq!(fresh.seen.get().item().unwrap(), many);
    assert_eq!(fresh.masked.get().to_vec(), [true, false]);
    // Another type is named, and nothing is changed.
    saved.insert("seen", AnyTensor::from(Tensor::scalar(2.0_f32)));
    let error = load::<f32, _>(&mut fresh, &saved).unwrap_err().to_string();
    assert!(error.contains("seen"), "{error}");
    assert_eq!(fresh.seen.get().item().unwrap(), many);
}

/// A module that was written carelessly: two fields under one name.
struct Careless(Net, Net);

impl Module for Careless {
    fn visit(&self, v: &mut Visitor<'_>) {
        v.field("net", &self.0).field("net", &self.1);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
        v.field("net", &mut self.0).field("net", &mut self.1);
    }
}

fn weights(value: f32) -> StateDict {
    state_dict(&Net::<f32>::new(value.into(), 3)).unwrap()
}

#[test]
fn a_model_comes_back_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.ckpt");
    let trained = Net::<f32>::new(0.1, 3);
    let model = state_dict(&trained).unwrap();
    assert_eq!(model.names().collect::<Vec<_>>(), ["fc.bias", "fc.mean", "fc.weight"]);
    Checkpoint { model, ..Checkpoint::<f32>::default() }.save(&path).unwrap();

    let mut fresh = Net::<f32>::new(7.0, 3);
    let id = fresh.fc.weight.id();
    let report = load(&mut fresh, &Checkpoint::load(&path).unwrap().model).unwrap();
    assert_eq!(report.loaded, ["fc.bias", "fc.mean", "fc.weight"]);
    assert_same_bits(&state_dict(&fresh).unwrap(), &state_dict(&trained).unwrap());
    assert_eq!(fresh.fc.weight.id(), id, "an optimizer still knows the parameter");
}

#[test]
fn a_state_dict_does_not_change_with_its_model() {
    let mut net = Net::<f32>::new(1.0, 3);
    let before = state_dict(&net).unwrap();
    load(&mut net, &weights(2.0)).unwrap();
    assert_same_bits(&before, &weights(1.0));
    assert_same_bits(&state_dict(&net).unwrap(), &weights(2.0));
}

#[test]
fn another_model_is_refused_with_every_difference_and_stays_as_it_was() {
    let mut other = weights(2.0);
    other.remove("fc.mean");
    other.insert("fc.bias", Tensor::vector([1_i64, 2]));
    other.insert("head.weight", Tensor::<f32>::zeros([1]));
    let mut net = Net::<f32>::new(1.0, 4);
    let before = state_dict(&net).unwrap();
    let error = load(&mut net, &other).unwrap_err();
    assert!(matches!(error, Error::OtherModel(_)));
    assert_eq!(
        error.to_string(),
        "the weights are of another model: 0 of the model's 3 tensors fit the weights\n  \
         missing from the weights: fc.mean\n  \
         not in the model: head.weight\n  \
         wrong shape: fc.weight has shape [2, 4] in the model, [2, 3] in the weights\n  \
         wrong type: fc.bias holds i64 in the weights, wanted f32 or f64"
    );
    assert_same_bits(&state_dict(&net).unwrap(), &before);
}

#[test]
fn a_prefix_before_every_name_is_pointed_out() {
    let prefixed = weights(2.0).renamed(|name| Some(format!("module.{name}"))).unwrap();
    let mut net = Net::<f32>::new(1.0, 3);
    let message = load(&mut net, &prefixed).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "every name in the weights begins with \"module.\"; take it off with \
             `weights.renamed(|name| name.strip_prefix(\"module.\").map(String::from))`"
        ),
        "{message}"
    );
    let named = prefixed.renamed(|name| name.strip_prefix("module.").map(String::from)).unwrap();
    load(&mut net, &named).unwrap();
}

#[test]
fn one_difference_is_enough_to_leave_the_model_alone() {
    let mut extra = weights(2.0);
    extra.insert("more", Tensor::<f32>::zeros([1]));
    let mut net = Net::<f32>::new(1.0, 3);
    load(&mut net, &extra).unwrap_err();
    assert_same_bits(&state_dict(&net).unwrap(), &weights(1.0));
}

#[test]
fn weights_that_fit_can_be_loaded_alone() {
    let mut other = weights(2.0);
    other.insert("fc.weight", Tensor::<f32>::zeros([2, 9]));
    let mut net = Net::<f32>::new(1.0, 3);
    let report = load_matching(&mut net, &other);
    assert_eq!(report.loaded, ["fc.bias", "fc.mean"]);
    assert_eq!((report.wrong_shape.len(), report.is_complete()), (1, false));
    assert_eq!(net.fc.weight.value().to_vec(), [1.0; 6]);
    assert_eq!(net.fc.bias.value().to_vec(), [2.0; 2]);
    assert_eq!(net.fc.mean.get().to_vec(), [2.0; 2]);
}

#[test]
fn counts_that_pytorch_adds_are_ignored() {
    let mut theirs = weights(2.0);
    theirs.insert("fc.num_batches_tracked", Tensor::scalar(5_i64));
    theirs.insert("num_batches_tracked", Tensor::scalar(5_i64));
    assert!(check(&Net::<f32>::new(1.0, 3), &theirs).is_complete());
    theirs.insert("fc.not_num_batches_tracked", Tensor::scalar(5_i64));
    let report = check(&Net::<f32>::new(1.0, 3), &theirs);
    assert_eq!(report.unexpected, ["fc.not_num_batches_tracked"]);
}

#[test]
fn floats_of_the_other_precision_are_converted() {
    let mut net = Net::<f64>::new(1.0, 3);
    load(&mut net, &weights(0.1)).unwrap();
    assert_eq!(net.fc.bias.value().to_vec(), [f64::from(0.1_f32); 2]);
    let doubles = state_dict(&Net::<f64>::new(0.1, 3)).unwrap();
    assert!(doubles.iter().all(|(_, tensor)| tensor.dtype() == Dtype::F64));
    let mut net = Net::<f32>::new(1.0, 3);
    load(&mut net, &doubles).unwrap();
    assert_eq!(net.fc.bias.value().to_vec(), [0.1_f32; 2]);
}

#[test]
fn elements_keep_their_order_in_memory() {
    let mut net = Net::<f32>::new(1.0, 3);
    net.fc.weight.set(Tensor::<f32>::zeros([3, 2]).transpose(0, 1).unwrap());
    let strides = net.fc.weight.value().strides().to_vec();
    let mut new = weights(0.0);
    let rows = Tensor::<f32>::arange(6).reshape([2, 3]).unwrap();
    new.insert("fc.weight", rows.clone());
    load(&mut net, &new).unwrap();
    assert_eq!(net.fc.weight.value(), &rows);
    assert_eq!(net.fc.weight.value().strides(), strides);
}

#[test]
fn two_fields_of_one_name_are_an_error() {
    let careless = Careless(Net::new(1.0, 3), Net::new(2.0, 3));
    let message = state_dict(&careless).unwrap_err().to_string();
    assert!(message.starts_with("two tensors are called `net.fc.weight`"), "{message}");
}

#[test]
fn a_long_report_stays_readable() {
    let weights: StateDict =
        (0..25).map(|i| (format!("t{i:02}"), AnyTensor::from(Tensor::scalar(1_u8)))).collect();
    let text = check(&Net::<f32>::new(1.0, 3), &weights).to_string();
    assert!(text.contains("not in the model: t00, t01"), "{text}");
    assert!(text.ends_with("t09 and 15 more"), "{text}");
}

/// One step down the gradient of the sum of squares of all weights.
fn step(net: &mut Net, adam: &mut Optimizer<Adam>) {
    let square = |param: &Param| param.var().mul(&param.var()).unwrap().sum();
    let loss = square(&net.fc.weight).add(&square(&net.fc.bias)).unwrap();
    adam.step(net, &loss.backward().unwrap()).unwrap();
}

#[test]
fn training_goes_on_from_a_file_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let (mut net, mut adam) = (Net::new(0.3, 3), Adam::new(0.1).optimizer());
    (0..3).for_each(|_| step(&mut net, &mut adam));
    Checkpoint::capture(&net, &adam).unwrap().save(&path).unwrap();
    (0..3).for_each(|_| step(&mut net, &mut adam));

    let (mut again, mut fresh) = (Net::new(9.0, 3), Adam::new(0.1).optimizer());
    Checkpoint::load(&path).unwrap().restore(&mut again, &mut fresh).unwrap();
    assert_eq!(fresh.steps(), 3);
    (0..3).for_each(|_| step(&mut again, &mut fresh));
    assert_same_bits(&state_dict(&again).unwrap(), &state_dict(&net).unwrap());
    assert_eq!(fresh.state(), adam.state());
}

#[test]
fn a_restore_that_fails_changes_nothing() {
    let (mut net, mut adam) = (Net::new(0.3, 3), Adam::new(0.1).optimizer());
    let start = Checkpoint::capture(&net, &adam).unwrap();
    step(&mut net, &mut adam);
    let now = Checkpoint::capture(&net, &adam).unwrap();

    let weights_only = Checkpoint { optimizer: None, ..start.clone() };
    let other_rule =
        Checkpoint { optimizer: Some(Sgd::new(0.1).optimizer::<f32>().state()), ..start.clone() };
    let other_model = Checkpoint { model: StateDict::new(), ..start.clone() };
    let mut message = |checkpoint: Checkpoint| {
        let error = checkpoint.restore(&mut net, &mut adam).unwrap_err();
        assert_eq!(Checkpoint::capture(&net, &adam).unwrap(), now);
        error.to_string()
    };
    assert!(message(weights_only).starts_with("the checkpoint holds no optimizer state"));
    assert!(message(other_rule).contains("wanted a state of Adam"));
    assert!(message(other_model).starts_with("the weights are of another model"));
    start.restore(&mut net, &mut adam).unwrap();
    assert_eq!(Checkpoint::capture(&net, &adam).unwrap(), start);
}
