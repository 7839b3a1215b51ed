//! One parameter under two paths, and two under one.

use gradus_autograd::{Param, Var};
use gradus_nn::{Context, Layer, Module, ModuleExt, Result, Summary, Visitor, VisitorMut};
use gradus_tensor::Tensor;

/// Codes and decodes with the same weight.
struct Tied {
    weight: Param,
    bias: Param,
}

impl Module for Tied {
    fn visit(&self, v: &mut Visitor<'_>) {
        v.field("encoder", &self.weight).field("decoder", &self.weight).field("bias", &self.bias);
    }
    fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
        v.field("encoder", &mut self.weight).field("decoder", &mut self.weight);
        v.field("bias", &mut self.bias);
    }
}

impl Layer for Tied {
    fn forward(&self, x: &Var, cx: &mut Context) -> Result<Var> {
        let code = x.matmul(&self.weight.var())?;
        let decoded = code.matmul(&self.weight.var().transpose(0, 1)?)?;
        cx.layer(self, decoded.add(&self.bias.var()), |y| ("Tied".into(), y.len()))
    }
}

fn tied() -> Tied {
    let (weight, bias) = (Tensor::ones([3, 2]), Tensor::zeros([3]));
    Tied { weight: Param::new(weight), bias: Param::new(bias) }
}

#[test]
fn a_tied_parameter_is_met_once_at_its_first_path() -> Result<()> {
    let mut net = tied();
    assert_eq!(net.paths(), ["encoder", "bias"]);
    assert_eq!((net.count_params(), net.vars().len()), (9, 2));
    let mut every = Vec::new();
    net.for_each(|path, _| every.push(path.to_string()));
    assert_eq!(every, ["encoder", "decoder", "bias"]);
    net.for_each_param_mut(|_, param| param.value_mut().map_inplace(|x| x + 1.0));
    assert_eq!(net.weight.value().to_vec(), [2.0; 6]);

    let summary = Summary::of(&net, &[1, 3])?;
    assert_eq!(summary.params, 9);
    assert!(summary.to_string().contains("9 parameters"), "{summary}");
    Ok(())
}

/// Both uses add to one gradient, which is changed once.
#[test]
fn the_gradient_of_a_tied_parameter_is_one() -> Result<()> {
    let net = tied();
    let x = Var::from(Tensor::ones([1, 3]));
    let loss = || net.forward(&x, &mut Context::eval()).map(|y| y.sum());
    // The sum of x W Wᵀ over ones: d/dW = 2 · 1 1ᵀ W, each number of it 2 · 3.
    let mut gradients = loss()?.backward()?;
    assert_eq!(gradients.get(net.weight.id()).map(Tensor::to_vec), Some(vec![6.0; 6]));
    net.for_each_gradient(&mut gradients, |_, gradient| gradient.map_inplace(|g| g * 0.5));
    assert_eq!(gradients.get(net.weight.id()).map(Tensor::to_vec), Some(vec![3.0; 6]));

    let other = Param::new(Tensor::<f32>::ones([1])).var().sum().backward()?;
    assert_eq!(net.missing(&other), ["encoder", "bias"]);
    // It can be replaced under each of its names.
    for path in ["encoder", "decoder"] {
        let zeros = Var::from(Tensor::zeros([3, 2]));
        let without = net.with_params([(path.to_string(), zeros)], loss)??;
        assert_eq!(without.item()?, 0.0);
    }
    Ok(())
}

#[test]
fn any_of_its_paths_freezes_it() {
    for (part, count) in [("encoder", 1), ("decoder", 1), ("", 2), ("code", 0)] {
        let mut net = tied();
        assert_eq!(net.freeze(part), count, "{part}");
        assert_eq!(net.weight.is_frozen(), count > 0, "{part}");
        assert_eq!(net.unfreeze(part), count, "{part}");
    }
}

/// A clone is no tie, whatever its path.
#[test]
fn a_clone_is_a_parameter_of_its_own() {
    let one = Param::new(Tensor::<f32>::ones([3]));
    let mut two = [one.clone(), one];
    assert_eq!((two.count_params(), two.paths().len()), (6, 2));
    two[0].value_mut().map_inplace(|x| x + 1.0);
    assert_eq!(two[1].value().to_vec(), [1.0; 3]);
}

#[test]
fn two_parameters_under_one_path_cannot_be_replaced() {
    struct Clash(Param, Param);
    impl Module for Clash {
        fn visit(&self, v: &mut Visitor<'_>) {
            v.field("w", &self.0).field("w", &self.1);
        }
        fn visit_mut(&mut self, v: &mut VisitorMut<'_>) {
            v.field("w", &mut self.0).field("w", &mut self.1);
        }
    }
    let param = || Param::new(Tensor::<f32>::ones([1]));
    let clash = Clash(param(), param());
    assert_eq!(clash.count_params(), 2);
    let replaced = clash.with_params([("w".to_string(), Var::from(Tensor::ones([1])))], || ());
    let error = replaced.unwrap_err().to_string();
    assert!(error.contains("two parameters at \"w\""), "{error}");
}
