//! Graphs that cross from one type of float to the other, and gradients of both.

use gradus_autograd::{Gradients, Param, Result, Var, checkpoint, grad};
use gradus_tensor::Tensor;

#[test]
fn a_loss_in_double_precision() -> Result<()> {
    let weight = Param::new(Tensor::vector([1.0_f32, 2.0]));
    let scale = Param::new(Tensor::scalar(3.0_f64));
    let loss = weight.var().square().cast::<f64>().mul(&scale.var())?.sum();
    let gradients = loss.backward()?;
    assert_eq!(gradients.len(), 2);
    assert_eq!(gradients.get(scale.id()).unwrap().item()?, 5.0);
    let gradients = gradients.of_type::<f32>();
    assert_eq!(gradients.get(weight.id()).unwrap().to_vec(), [6.0, 12.0]);
    assert!(gradients.get(scale.id()).is_none(), "it is of the other type");
    Ok(())
}

#[test]
fn casts_there_and_back_of_any_order() -> Result<()> {
    let x = Var::leaf(Tensor::scalar(0.5_f32));
    let cube = |x: &Var<f32>| -> Result<Var<f32>> {
        let y = x.cast::<f64>();
        y.square().cast::<f32>().mul(&y.cast::<f32>())
    };
    for y in [cube(&x)?, checkpoint(|| cube(&x))?] {
        let [first] = grad(&y, [&x], None)?;
        let [second] = grad(&first, [&x], None)?;
        assert_eq!([first.item()?, second.item()?], [0.75, 3.0]);
    }
    // Between the same types it is the variable itself.
    assert_eq!(x.cast::<f32>().backward()?.of(&x).unwrap().item()?, 1.0);
    assert!(!Var::from(Tensor::scalar(1.0_f32)).cast::<f64>().is_tracked());
    Ok(())
}

#[test]
fn a_long_chain_of_casts_is_dropped_by_a_loop() {
    let mut x = Var::leaf(Tensor::scalar(0.5_f32));
    for _ in 0..100_000 {
        x = x.cast::<f64>().cast::<f32>();
    }
    drop(x);
}

#[test]
fn gradients_are_changed_and_made() -> Result<()> {
    let [a, b] = [[3.0_f32, -4.0], [0.0, 1.0]].map(|x| Param::new(Tensor::vector(x)));
    let mut gradients = a.var().square().sum().backward()?;
    gradients.clip_value(7.0);
    assert_eq!(gradients.get(a.id()).unwrap().to_vec(), [6.0, -7.0]);
    gradients.get_mut(a.id()).unwrap().map_inplace(|g| g + 1.0);
    assert!(gradients.insert(b.id(), Tensor::vector([1.0, 1.0])).is_none());
    let ids: Vec<_> = gradients.iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [a.id(), b.id()]);
    let before = gradients.insert(b.id(), Tensor::vector([2.0, 2.0]));
    assert_eq!(before.unwrap().to_vec(), [1.0, 1.0]);
    for (_, gradient) in gradients.iter_mut() {
        gradient.map_inplace(|g| g * 2.0);
    }
    let made: Gradients = gradients.iter().map(|(id, g)| (id, g.clone())).collect();
    assert_eq!(made.get(b.id()).unwrap().to_vec(), [4.0, 4.0]);
    assert_eq!(gradients.remove(a.id()).unwrap().to_vec(), [14.0, -12.0]);
    assert_eq!((gradients.len(), made.len()), (1, 2));
    let nan = Var::leaf(Tensor::scalar(f32::NAN));
    let mut of_nan = nan.square().backward()?;
    of_nan.clip_value(1.0);
    assert!(of_nan.of(&nan).unwrap().item()?.is_nan());
    Ok(())
}
