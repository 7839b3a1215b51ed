//! One parameter under two paths: saved once, loaded from any of them. And two under one.

use gradus_autograd::Param;
use gradus_nn::{Module, Visitor, VisitorMut};
use gradus_serialize::{Checkpoint, StateDict, check, load, load_matching, state_dict};
use gradus_tensor::Tensor;

struct Tied(Param);

impl Module for Tied {
    fn visit(&self, v: &mut Visitor<'_>) {
        v.field("encoder", &self.0).field("decoder", &self.0);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
        v.field("encoder", &mut self.0).field("decoder", &mut self.0);
    }
}

fn tied(value: f32) -> Tied {
    Tied(Param::new(Tensor::full([2], value)))
}

fn dict(entries: &[(&str, f32)]) -> StateDict {
    entries.iter().map(|&(name, value)| (name, Tensor::full([2], value))).collect()
}

#[test]
fn a_tied_parameter_is_saved_once_and_loaded_as_one() {
    let saved = state_dict(&tied(1.0)).unwrap();
    assert_eq!(saved.names().collect::<Vec<_>>(), ["encoder"]);
    let file = Checkpoint { model: saved, ..Checkpoint::<f32>::default() }.to_bytes().unwrap();
    let read = Checkpoint::<f32>::from_bytes(&file).unwrap();
    let mut fresh = tied(0.0);
    let report = load(&mut fresh, &read.model).unwrap();
    assert_eq!(
        (report.loaded.join(" "), fresh.0.value().to_vec()),
        ("encoder".into(), vec![1.0; 2])
    );
}

/// Other libraries keep it under the other path, or under both.
#[test]
fn each_of_its_paths_is_enough_and_both_must_agree() {
    for entries in [&[("decoder", 2.0)][..], &[("decoder", 2.0), ("encoder", 2.0)]] {
        let mut fresh = tied(0.0);
        load(&mut fresh, &dict(entries)).unwrap();
        assert_eq!(fresh.0.value().to_vec(), [2.0; 2]);
    }
    let apart = dict(&[("decoder", 3.0), ("encoder", 2.0)]);
    let mut fresh = tied(0.0);
    let error = load(&mut fresh, &apart).unwrap_err().to_string();
    assert!(
        error.contains(
            "one parameter in the model, different numbers in the weights: encoder and decoder"
        ),
        "{error}"
    );
    assert_eq!(fresh.0.value().to_vec(), [0.0; 2]);
    // What fits is taken on request: from the first path.
    assert!(!load_matching(&mut fresh, &apart).is_complete());
    assert_eq!(fresh.0.value().to_vec(), [2.0; 2]);

    let missing = check(&fresh, &dict(&[("other", 1.0)]));
    assert_eq!(
        (missing.missing, missing.unexpected),
        (vec!["encoder".into()], vec!["other".into()])
    );
}

#[test]
fn two_parameters_under_one_path_are_neither_saved_nor_loaded() {
    struct Clash(Param, Param);
    impl Module for Clash {
        fn visit(&self, v: &mut Visitor<'_>) {
            v.field("w", &self.0).field("w", &self.1);
        }
        fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
            v.field("w", &mut self.0).field("w", &mut self.1);
        }
    }
    let param = || Param::new(Tensor::full([2], 0.0));
    let mut clash = Clash(param(), param());
    let errors = [
        state_dict(&clash).unwrap_err().to_string(),
        load(&mut clash, &dict(&[("w", 1.0)])).unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.contains("two tensors are called `w`"), "{error}");
    }
    assert_eq!(clash.1.value().to_vec(), [0.0; 2]);
}
