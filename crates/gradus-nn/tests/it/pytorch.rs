//! Layers and losses against numbers that PyTorch computed: `tests/pytorch.py` wrote them.

use gradus_autograd::Var;
use gradus_nn::*;
use gradus_tensor::{AttentionMask, Rng, Tensor};
use serde_json::Value;

/// Both sides compute in single precision, in other orders.
const TOLERANCE: f32 = 2e-5;

fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("pytorch.json")).expect("JSON");
    file["cases"].as_array().expect("a list").clone()
}

fn case(name: &str) -> Value {
    let found = cases().into_iter().find(|case| case["name"] == name);
    found.unwrap_or_else(|| panic!("no case {name}"))
}

fn tensor(value: &Value) -> Tensor {
    let list = |key: &str| value[key].as_array().unwrap_or_else(|| panic!("no {key}")).iter();
    let shape: Vec<usize> = list("shape").map(|n| n.as_u64().expect("a size") as usize).collect();
    let values = list("values").map(|x| x.as_f64().expect("a number") as f32).collect();
    Tensor::from_vec(values, shape).expect("as many values as the shape says")
}

#[track_caller]
fn near(what: &str, got: &Tensor, wanted: &Value) {
    let wanted = tensor(wanted);
    assert_eq!(got.shape(), wanted.shape(), "{what}");
    for (got, wanted) in got.to_vec().into_iter().zip(wanted.to_vec()) {
        let gap = (got - wanted).abs();
        assert!(gap <= TOLERANCE * (1.0 + wanted.abs()), "{what}: {got} instead of {wanted}");
    }
}

/// Output, gradients and running averages of a layer.
fn check(name: &str, mut layer: impl Layer, mut cx: Context) -> Result<()> {
    let case = case(name);
    layer.for_each_mut(|path, entry| {
        let value = tensor(&case["state"][path]);
        match entry {
            EntryMut::Param(param) => {
                assert_eq!(param.shape(), value.shape(), "{name} {path}");
                param.set(value);
            }
            EntryMut::Buffer(buffer) => assert!(buffer.put(&value.into()), "{name} {path}"),
        }
    });
    let x = Var::leaf(tensor(&case["x"]));
    let y = layer.forward(&x, &mut cx)?;
    near(&format!("{name}: output"), y.value(), &case["y"]);
    let gradients = y.mul(&Var::constant(tensor(&case["w"])))?.sum().backward()?;
    let dx = gradients.of(&x).expect("a gradient for the input");
    near(&format!("{name}: gradient of the input"), dx, &case["dx"]);
    layer.for_each(|path, entry| match entry {
        Entry::Param(param) => {
            let gradient = gradients.get(param.id()).expect("a gradient for each parameter");
            near(&format!("{name}: gradient of {path}"), gradient, &case["grads"][path]);
        }
        Entry::Buffer(buffer) => near(path, &buffer.tensor().cast(), &case["after"][path]),
    });
    Ok(())
}

#[test]
fn layers_give_the_numbers_of_pytorch() -> Result<()> {
    let rng = &mut Rng::new(0);
    let train = || Context::train(0);
    check("linear", Linear::new(5, 4).init(rng)?, train())?;
    check("conv2d", Conv2d::new(3, 4, 3).stride(2).padding(1).init(rng)?, train())?;
    let conv = Conv2d::new(4, 6, [3, 2]).dilation(2).groups(2).bias(false).init(rng)?;
    check("conv2d_groups", conv, train())?;
    check("batch_norm2d", BatchNorm2d::new(3).init()?, train())?;
    check("batch_norm1d", BatchNorm1d::new(3).init()?, train())?;
    check("batch_norm2d_eval", BatchNorm2d::new(3).init()?, Context::eval())?;
    check("layer_norm", LayerNorm::new([3, 4]).init()?, train())?;
    check("max_pool2d", MaxPool2d::new(3).stride(2).padding(1), train())?;
    check("avg_pool2d", AvgPool2d::new(2), train())?;
    check("gelu", Gelu, train())?;
    check("gelu_tanh", GeluTanh, train())?;
    check("silu", Silu, train())?;
    check("softplus", Softplus, train())?;
    check("elu", Elu::default(), train())?;
    check("leaky_relu", LeakyRelu::default(), train())
}

#[test]
fn losses_give_the_numbers_of_pytorch() -> Result<()> {
    let weight = Tensor::vector([1.0, 2.0, 0.5, 1.5]);
    let labels = Tensor::vector([0, 3, -100, 1, 2]);
    type Loss = Box<dyn Fn(&Var, &Value) -> Result<Var>>;
    let by_label = |loss: CrossEntropy| -> Loss {
        let labels = labels.clone();
        Box::new(move |x, _| loss.forward(x, &labels))
    };
    let target = |case: &Value| Var::constant(tensor(&case["target"]));
    let losses: [(&str, Loss); 5] = [
        ("cross_entropy", by_label(CrossEntropy::new())),
        ("smoothed", by_label(CrossEntropy::new().label_smoothing(0.1))),
        ("weighted", by_label(CrossEntropy::new().label_smoothing(0.2).weight(weight))),
        ("mse", Box::new(move |x, case| mse_loss(x, &target(case)))),
        ("bce", Box::new(move |x, case| bce_with_logits(x, &target(case)))),
    ];
    for (name, loss) in losses {
        let case = case(name);
        let x = Var::leaf(tensor(&case["x"]));
        let y = loss(&x, &case)?;
        near(name, y.value(), &case["y"]);
        near(name, y.backward()?.of(&x).expect("a gradient"), &case["dx"]);
    }
    Ok(())
}

/// Output, last state and gradients of a layer that goes on from a state. `forward` gives the output
/// and the parts of the state.
fn check_recurrent<L: Module>(
    name: &str,
    mut layer: L,
    forward: impl Fn(&L, &Var, Vec<Var>) -> Result<(Var, Vec<Var>)>,
) -> Result<()> {
    let case = case(name);
    layer.for_each_mut(|path, entry| {
        if let EntryMut::Param(param) = entry {
            param.set(tensor(&case["state"][path]));
        }
    });
    let x = Var::leaf(tensor(&case["x"]));
    let parts = |key: &str| case[key].as_array().expect("a list").clone();
    let first: Vec<Var> = parts("first").iter().map(|h| Var::leaf(tensor(h))).collect();
    let (y, last) = forward(&layer, &x, first.clone())?;
    near(&format!("{name}: output"), y.value(), &case["y"]);
    assert_eq!(last.len(), parts("last").len());
    let mut loss = y.mul(&Var::constant(tensor(&case["w"])))?.sum();
    for ((part, wanted), weight) in last.iter().zip(&parts("last")).zip(&parts("ws")) {
        near(&format!("{name}: last state"), part.value(), wanted);
        loss = loss.add(&part.mul(&Var::constant(tensor(weight)))?.sum())?;
    }
    let gradients = loss.backward()?;
    near(name, gradients.of(&x).expect("a gradient for the input"), &case["dx"]);
    for (first, wanted) in first.iter().zip(&parts("dfirst")) {
        near(name, gradients.of(first).expect("a gradient for the first state"), wanted);
    }
    layer.for_each(|path, entry| {
        if let Entry::Param(param) = entry {
            let gradient = gradients.get(param.id()).expect("a gradient for each parameter");
            near(&format!("{name}: gradient of {path}"), gradient, &case["grads"][path]);
        }
    });
    Ok(())
}

#[test]
fn recurrent_layers_give_the_numbers_of_pytorch() -> Result<()> {
    let rng = &mut Rng::new(0);
    let lstm: Lstm = Lstm::new(3, 5).layers(2).batch_first(true).init(rng)?;
    check_recurrent("lstm", lstm, |lstm, x, first| {
        let [h, c] = <[Var; 2]>::try_from(first).expect("two parts");
        let (y, (h, c)) = lstm.forward(x, Some(&(h, c)), &mut Context::train(0))?;
        Ok((y, vec![h, c]))
    })?;
    let gru: Gru = Gru::new(3, 5).layers(2).batch_first(true).init(rng)?;
    check_recurrent("gru", gru, |gru, x, first| {
        let (y, h) = gru.forward(x, Some(&first[0]), &mut Context::train(0))?;
        Ok((y, vec![h]))
    })
}

#[test]
fn attention_gives_the_numbers_of_pytorch() -> Result<()> {
    for (name, heads) in [("self_attention", 2), ("attend", 3)] {
        let case = case(name);
        let layer = MultiheadAttention::new(6, heads);
        let mut layer: MultiheadAttention = layer.init(&mut Rng::new(0))?;
        layer.for_each_mut(|path, entry| {
            if let EntryMut::Param(param) = entry {
                param.set(tensor(&case["state"][path]));
            }
        });
        let there = case["there"].as_array().expect("rows").iter().flat_map(|row| {
            row.as_array().expect("a row").iter().map(|token| token.as_bool().expect("a bool"))
        });
        let there = Tensor::from_vec(there.collect(), [2, 5])?;
        let (x, mut cx) = (Var::leaf(tensor(&case["x"])), Context::train(0));
        let other = (name == "attend").then(|| Var::leaf(tensor(&case["other"])));
        let y = match &other {
            None => layer.forward(&x, AttentionMask::causal().keys(there), &mut cx)?,
            Some(other) => {
                layer.attend(&x, other, other, AttentionMask::none().keys(there), &mut cx)?
            }
        };
        near(name, y.value(), &case["y"]);
        let gradients = y.mul(&Var::constant(tensor(&case["w"])))?.sum().backward()?;
        near(name, gradients.of(&x).expect("a gradient"), &case["dx"]);
        if let Some(other) = other {
            near(name, gradients.of(&other).expect("a gradient"), &case["dother"]);
        }
        layer.for_each(|path, entry| {
            if let Entry::Param(param) = entry {
                let gradient = gradients.get(param.id()).expect("a gradient for each parameter");
                near(&format!("{name}: gradient of {path}"), gradient, &case["grads"][path]);
            }
        });
    }
    Ok(())
}
