//! Parameters and the gradients for them.

use gradus_autograd::{Error, Gradients, Param, Var};
use gradus_tensor::Tensor;

#[test]
fn everything_can_go_to_another_thread() {
    fn sendable<X: Send + Sync + 'static>() {}
    sendable::<Var<f32>>();
    sendable::<Var<f64>>();
    sendable::<Param<f32>>();
    sendable::<Param<f64>>();
    sendable::<Gradients<f32>>();
    sendable::<Gradients<f64>>();
    sendable::<Error>();
}

#[test]
fn a_frozen_parameter_gets_no_gradient() {
    let (mut a, b) = (Param::new(Tensor::scalar(2.0_f32)), Param::new(Tensor::scalar(3.0)));
    a.freeze();
    assert!(a.is_frozen() && !a.var().is_tracked());
    let gradients = a.var().mul(&b.var()).unwrap().backward().unwrap();
    assert_eq!(gradients.get(a.id()), None);
    assert_eq!(gradients.get(b.id()).unwrap().item(), Ok(2.0));
    assert_eq!(a.var().exp().backward().unwrap_err(), Error::Constant);
    a.unfreeze();
    let gradients = a.var().mul(&b.var()).unwrap().backward().unwrap();
    assert_eq!(gradients.get(a.id()).unwrap().item(), Ok(3.0));
}

#[test]
fn a_clone_is_a_parameter_of_its_own() {
    let mut a = Param::new(Tensor::scalar(2.0_f32));
    a.freeze();
    let mut b = a.clone();
    assert!(a.id() != b.id() && b.is_frozen() && a.value() == b.value());
    b.unfreeze();
    b.set(Tensor::scalar(7.0));
    assert_eq!(a.value().item(), Ok(2.0));
    let gradients = b.var().backward().unwrap();
    assert!(gradients.get(a.id()).is_none() && gradients.get(b.id()).is_some());
}

#[test]
fn a_parameter_used_in_several_places_has_one_gradient() {
    let a = Param::new(Tensor::scalar(2.0_f32));
    let gradients = a.var().mul(&a.var()).unwrap().backward().unwrap();
    assert_eq!(gradients.len(), 1);
    assert_eq!(gradients.get(a.id()).unwrap().item(), Ok(4.0));
    assert_eq!(gradients.of(&a.var()).unwrap().item(), Ok(4.0));
}

/// Gradients 3 for the first parameter and (0, 4) for the second.
fn sample() -> (Param<f32>, Param<f32>, Gradients<f32>) {
    let (a, b) = (Param::new(Tensor::scalar(1.0)), Param::new(Tensor::vector([1.0, 1.0])));
    let weights = Var::constant(Tensor::vector([0.0, 4.0]));
    let loss = a.var().scale(3.0).add(&b.var().mul(&weights).unwrap().sum()).unwrap();
    let gradients = loss.backward().unwrap();
    (a, b, gradients)
}

#[test]
fn gradients_come_in_the_order_of_their_parameters() {
    let (a, b, gradients) = sample();
    let ids: Vec<_> = gradients.iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [a.id(), b.id()]);
    assert!(gradients.len() == 2 && !gradients.is_empty());
    assert!(gradients.of(&Var::constant(Tensor::scalar(1.0))).is_none());
}

#[test]
fn gradients_are_merged_and_scaled() {
    let (a, b, mut gradients) = sample();
    let c = Param::new(Tensor::scalar(5.0_f32));
    let other = a.var().mul(&c.var()).unwrap().backward().unwrap();
    gradients.merge(other).unwrap();
    gradients.scale(0.5);
    assert_eq!(gradients.get(a.id()).unwrap().item(), Ok(4.0));
    assert_eq!(gradients.get(b.id()).unwrap().to_vec(), [0.0, 2.0]);
    assert_eq!(gradients.get(c.id()).unwrap().item(), Ok(0.5));
}

#[test]
fn small_batches_add_up_to_the_large_one() {
    let weight = Param::new(Tensor::vector([0.5_f64, -1.0]));
    let loss = |rows: &[f64]| {
        let x = Var::constant(Tensor::from_slice(rows, [rows.len() / 2, 2]).unwrap());
        x.mul(&weight.var()).unwrap().tanh().sum()
    };
    let rows = [1.0, 2.0, 3.0, 4.0, -1.0, 0.5, 0.0, 2.0];
    let whole = loss(&rows).backward().unwrap();
    let mut parts = loss(&rows[..4]).backward().unwrap();
    parts.merge(loss(&rows[4..]).backward().unwrap()).unwrap();
    let (whole, parts) = (whole.get(weight.id()).unwrap(), parts.get(weight.id()).unwrap());
    assert!(whole.sub(parts).unwrap().abs().max().unwrap().item().unwrap() < 1e-15);
}

#[test]
fn the_norm_is_that_of_all_gradients_together() {
    let (a, b, mut gradients) = sample();
    assert_eq!(gradients.global_norm(), 5.0);
    // Below the limit nothing changes.
    assert_eq!(gradients.clip_global_norm(5.0), 5.0);
    assert_eq!(gradients.get(a.id()).unwrap().item(), Ok(3.0));
    assert_eq!(gradients.clip_global_norm(2.5), 5.0);
    assert_eq!(gradients.get(a.id()).unwrap().item(), Ok(1.5));
    assert_eq!(gradients.get(b.id()).unwrap().to_vec(), [0.0, 2.0]);
    assert_eq!(gradients.global_norm(), 2.5);
}

#[test]
fn the_norm_of_huge_gradients_does_not_overflow() {
    let x = Var::leaf(Tensor::vector([3.0_f32, 4.0]));
    let gradients = x.square().scale(0.5e30).sum().backward().unwrap();
    let norm = gradients.global_norm();
    assert!((norm / 5e30 - 1.0).abs() < 1e-6, "{norm}");
}
