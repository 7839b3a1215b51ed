//! `#[derive(Module)]`: the paths it gives, and what it skips.

use gradus_autograd::Param;
use gradus_nn::{Buffer, Linear, Module, ModuleExt, Result};
use gradus_tensor::{Float, Rng, Tensor};

#[derive(Module)]
struct Block<T: Float = f32> {
    linear: Linear<T>,
    extra: Option<Linear<T>>,
    #[module(skip)]
    _name: String,
}

#[derive(Module)]
struct Net<L>
where
    L: Module,
{
    blocks: Vec<Block>,
    r#type: Param,
    mean: Buffer,
    head: L,
}

#[derive(Module)]
struct Pair(Param, #[module(skip)] (), Box<Param>);

#[derive(Module)]
struct Empty;

fn block(extra: bool) -> Result<Block> {
    let mut rng = Rng::new(0);
    let mut linear = || Linear::new(2, 3).init(&mut rng);
    let extra = if extra { Some(linear()?) } else { None };
    Ok(Block { linear: linear()?, extra, _name: "block".into() })
}

#[test]
fn paths_are_the_names_of_the_fields() -> Result<()> {
    let net = Net {
        blocks: vec![block(false)?, block(true)?],
        r#type: Param::new(Tensor::zeros([4])),
        mean: Buffer::new(Tensor::zeros([5])),
        head: Pair(Param::new(Tensor::zeros([1])), (), Box::new(Param::new(Tensor::zeros([2])))),
    };
    let mut all = Vec::new();
    net.for_each(|path, _| all.push(path.to_string()));
    assert_eq!(
        all,
        [
            "blocks.0.linear.weight",
            "blocks.0.linear.bias",
            "blocks.1.linear.weight",
            "blocks.1.linear.bias",
            "blocks.1.extra.weight",
            "blocks.1.extra.bias",
            "type",
            "mean",
            "head.0",
            "head.2",
        ]
    );
    assert_eq!(net.paths().len(), 9, "a buffer is no parameter");
    assert_eq!(net.count_params(), 3 * 9 + 4 + 3);
    assert!(ModuleExt::<f32>::paths(&Empty).is_empty());
    Ok(())
}

#[test]
fn changes_reach_the_parameters() -> Result<()> {
    let mut block = block(true)?;
    block.for_each_param_mut(|_, param| param.value_mut().map_inplace(|_| 7.0));
    assert_eq!(block.linear.weight.value(), &Tensor::full([3, 2], 7.0));
    assert_eq!(block.freeze("linear."), 2);
    assert!(block.linear.weight.is_frozen() && !block.extra.as_ref().unwrap().weight.is_frozen());
    assert_eq!(block.unfreeze(""), 4);
    Ok(())
}

#[test]
fn a_clone_has_parameters_of_its_own() -> Result<()> {
    let one: Linear = Linear::new(2, 2).init(&mut Rng::new(1))?;
    let two = one.clone();
    assert_ne!(one.weight.id(), two.weight.id());
    assert_eq!(one.weight.value(), two.weight.value());
    Ok(())
}

#[test]
fn layers_can_be_sent_and_shared() {
    fn check<T: Send + Sync>() {}
    check::<Block<f64>>();
    check::<gradus_nn::Sequential>();
    check::<gradus_nn::BatchNorm2d>();
    check::<gradus_nn::Context>();
}
