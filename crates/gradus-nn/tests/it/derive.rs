//! `#[derive(Module)]`: the paths it gives, and what it skips.

use std::collections::BTreeMap;

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

#[derive(Module)]
struct Bounded<T>
where
    T: Float,
{
    linear: Linear<T>,
}

#[derive(Module)]
struct Doubles {
    linear: Linear<f64>,
    all: Vec<Param<f64>>,
}

#[derive(Module)]
struct Held {
    pair: (Linear, Param),
    array: [Param; 2],
    map: BTreeMap<String, Param>,
}

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

#[test]
fn the_type_of_number_is_found_wherever_it_is_named() -> Result<()> {
    let bounded = Bounded { linear: Linear::new(2, 3).init::<f64>(&mut Rng::new(0))? };
    assert_eq!(ModuleExt::<f64>::count_params(&bounded), 9);
    let all = vec![Param::new(Tensor::zeros([4]))];
    let doubles = Doubles { linear: bounded.linear.clone(), all };
    assert_eq!(ModuleExt::<f64>::count_params(&doubles), 13);
    Ok(())
}

#[test]
fn tuples_arrays_and_maps_are_modules() -> Result<()> {
    let param = || Param::new(Tensor::zeros([1]));
    let held = Held {
        pair: (Linear::new(1, 1).init(&mut Rng::new(0))?, param()),
        array: [param(), param()],
        map: [("b".to_string(), param()), ("a".to_string(), param())].into(),
    };
    assert_eq!(
        held.paths(),
        ["pair.0.weight", "pair.0.bias", "pair.1", "array.0", "array.1", "map.a", "map.b"]
    );
    Ok(())
}

#[test]
fn a_part_is_frozen_by_whole_names() {
    let param = || Param::new(Tensor::<f32>::zeros([1]));
    let mut many: Vec<Param> = (0..12).map(|_| param()).collect();
    assert_eq!(many.freeze("1"), 1, "not 10 and 11");
    assert!(many[1].is_frozen() && !many[10].is_frozen());
    let mut maps: BTreeMap<String, Vec<Param>> = BTreeMap::new();
    maps.insert("head".into(), vec![param(), param()]);
    maps.insert("head2".into(), vec![param()]);
    assert_eq!((maps.freeze("head"), maps.unfreeze("head."), maps.freeze("hea")), (2, 2, 0));
}
