//! `Sequential`: looked into, run in part, changed, copied.

use gradus_autograd::Var;
use gradus_nn::{Context, Layer, Linear, Module, ModuleExt, Relu, Result, Sequential};
use gradus_tensor::{Rng, Tensor};

fn net() -> Result<Sequential> {
    let mut rng = Rng::new(7);
    Ok(Sequential::new()
        .push(Linear::new(4, 3).init(&mut rng)?)
        .push(Relu)
        .push(Sequential::new().push(Linear::new(3, 2).init(&mut rng)?)))
}

fn input() -> Var {
    Var::constant(Tensor::normal([5, 4], 0.0, 1.0, &mut Rng::new(1)).unwrap())
}

#[test]
fn parts_in_turn_are_the_whole() -> Result<()> {
    let (net, x, mut cx) = (net()?, input(), Context::eval());
    let whole = net.forward(&x, &mut cx)?;
    for at in 0..=3 {
        let half = net.forward_part(..at, &x, &mut cx)?;
        assert_eq!(net.forward_part(at.., &half, &mut cx)?.value(), whole.value());
    }
    assert_eq!(net.forward_part(0..=2, &x, &mut cx)?.value(), whole.value());
    assert_eq!(net.forward_part(1..1, &x, &mut cx)?.value(), x.value());
    let error = net.forward_part(2..9, &x, &mut cx).unwrap_err().to_string();
    assert_eq!(error, "Sequential: got layer 9, wanted a number of one of the 3 layers");
    Ok(())
}

#[test]
fn layers_are_found_by_number_and_type() -> Result<()> {
    let mut net = net()?;
    assert!(net.get::<Relu>(1).is_some() && net.get::<Linear>(1).is_none());
    assert!(net.get::<Relu>(3).is_none());
    let inner = net.get_mut::<Sequential>(2).unwrap();
    inner.insert(0, Relu)?;
    assert_eq!(net.paths(), ["0.weight", "0.bias", "2.1.weight", "2.1.bias"]);
    net.remove(0)?;
    assert_eq!((net.len(), net.iter().count()), (2, 2));
    for error in [net.replace(2, Relu), net.insert(3, Relu), net.remove(2)] {
        assert!(error.unwrap_err().to_string().starts_with("Sequential: got layer "));
    }
    Ok(())
}

#[test]
fn a_clone_has_parameters_of_its_own() -> Result<()> {
    let net = net()?;
    let mut copy = net.clone();
    copy.for_each_param_mut(|_, param| param.value_mut().map_inplace(|x| 2.0 * x));
    let (x, mut cx) = (input(), Context::eval());
    assert_ne!(net.forward(&x, &mut cx)?.value(), copy.forward(&x, &mut cx)?.value());
    let ids = |net: &Sequential| {
        let mut ids = Vec::new();
        net.for_each_param(|_, param| ids.push(param.id()));
        ids
    };
    assert!(ids(&net).iter().all(|id| !ids(&copy).contains(id)));
    Ok(())
}

#[test]
fn an_error_says_in_which_layer() -> Result<()> {
    let mut net = net()?;
    net.replace(0, Linear::new(4, 9).init(&mut Rng::new(1))?)?;
    let error = net.forward(&input(), &mut Context::eval()).unwrap_err().to_string();
    assert!(error.starts_with("in layer 2.0: linear: got shape [5, 9]"), "{error}");
    Ok(())
}

#[test]
fn a_layer_of_ones_own_goes_in() -> Result<()> {
    #[derive(Module, Clone)]
    struct Doubled;
    impl Layer for Doubled {
        fn forward(&self, x: &Var, _: &mut Context) -> Result<Var> {
            Ok(x.scale(2.0))
        }
    }
    let net = Sequential::new().push(Doubled);
    assert_eq!(format!("{net:?}"), "Sequential\n  0: Doubled");
    let y = net.forward(&input(), &mut Context::eval())?;
    assert_eq!(y.value(), &(input().value() * 2.0));
    Ok(())
}
