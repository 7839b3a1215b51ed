//! Names and shapes of the models are those of torchvision and transformers.

use gradus_models::*;
use gradus_nn::{Entry, Module, ModuleExt, Result};
use gradus_tensor::Rng;

use super::formula::fnv64;
use super::pytorch::recorded;

pub fn check<M: Module>(name: &str, model: &M) {
    let mut lines = Vec::new();
    model.for_each(|path, entry| {
        let shape = match entry {
            Entry::Param(param) => param.shape().to_vec(),
            Entry::Buffer(buffer) => buffer.shape(),
        };
        lines.push(format!("{path} {shape:?}\n"));
    });
    lines.sort();
    let wanted = &recorded()["lists"][name];
    assert_eq!(lines.len() as u64, wanted["tensors"], "{name}");
    assert_eq!(model.count_params() as u64, wanted["parameters"], "{name}");
    let hash = format!("{:016x}", fnv64(&lines.concat()));
    assert_eq!(hash, wanted["hash"], "{name}: other names or shapes: {}", lines.concat());
}

#[test]
fn resnets_have_torchvisions_names() -> Result<()> {
    for depth in [18, 34, 50, 101, 152] {
        let model: ResNet = ResNet::new(depth, 1000).width(4).init(&mut Rng::new(0))?;
        check(&format!("resnet{depth}"), &model);
    }
    Ok(())
}

#[test]
fn transformers_have_their_names() -> Result<()> {
    let rng = &mut Rng::new(0);
    let vit = VisionTransformer::new(48, 1000).layers(12).heads(2).width(8).hidden(16);
    check::<VisionTransformer>("vit_12", &vit.init(rng)?);
    let bert = Bert::new(30).block(9).width(24).heads(3).hidden(40);
    check::<Bert>("bert_12", &bert.init(rng)?);
    check::<Gpt>("gpt2_12", &Gpt::new(50, 20).width(8).layers(12).heads(2).init(rng)?);
    Ok(())
}
