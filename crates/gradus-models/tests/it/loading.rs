//! Weights load by the names that torchvision and transformers give them.

use gradus_autograd::Var;
use gradus_models::*;
use gradus_nn::{Context, Layer, Linear, ModuleExt, Summary};
use gradus_serialize::{StateDict, load, safetensors, state_dict};
use gradus_tensor::{Rng, Tensor};

use super::lists::check;

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

#[test]
fn files_of_gpt2_load_with_their_prefix_and_masks() -> Result {
    let small = Gpt::new(11, 6).width(8).layers(2).heads(2);
    let theirs: Gpt = small.init(&mut Rng::new(1))?;
    let mut file = StateDict::new();
    for (name, tensor) in state_dict(&theirs)? {
        file.insert(format!("transformer.{name}"), tensor);
    }
    file.insert("lm_head.weight", theirs.wte.weight.value().clone());
    file.insert("transformer.h.0.attn.bias", Tensor::<f32>::ones([1, 1, 6, 6]));
    file.insert("transformer.h.0.attn.masked_bias", Tensor::<f32>::scalar(-1e4));
    let bytes = safetensors::to_bytes(&file, &Default::default())?;

    let mut ours: Gpt = small.init(&mut Rng::new(2))?;
    ours.load(safetensors::from_bytes(&bytes)?.tensors)?;
    assert_eq!(state_dict(&ours)?, state_dict(&theirs)?);

    let mut other: Gpt = small.width(4).init(&mut Rng::new(2))?;
    let error = other.load(file).unwrap_err().to_string();
    assert!(
        error.contains(
            "h.0.attn.c_attn.weight has shape [4, 12] in the model, [8, 24] in the weights"
        ),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_frozen_body_carries_another_head() -> Result {
    let rng = &mut Rng::new(0);
    let trained: MobileNetV2 = MobileNetV2::new(10).width(0.1).init(rng)?;
    let mut net: MobileNetV2 = MobileNetV2::new(10).width(0.1).init(rng)?;
    load(&mut net, &state_dict(&trained)?)?;
    net.freeze("features");
    net.classifier.1 = Linear::new(1280, 3).init(rng)?;
    let x = Var::from(Tensor::normal([2, 3, 32, 32], 0.0, 1.0, rng)?);
    let y = net.forward(&x, &mut Context::eval())?;
    assert_eq!(y.shape(), [2, 3]);
    assert_eq!(y.sum().backward()?.len(), 2);
    Ok(())
}

/// At full size: names and shapes, and the multiplications with an addition that torchvision's tables name (1.81,
/// 0.30 and 0.39 thousand millions).
#[test]
fn full_sizes() -> Result {
    let rng = &mut Rng::new(0);
    let count = |net: &dyn Layer, shape: &[usize]| -> gradus_nn::Result<u64> {
        Ok(Summary::of(net, shape)?.multiply_adds / 1_000_000)
    };
    let net: ResNet = ResNet::new(18, 1000).init(rng)?;
    check("resnet18_full", &net);
    assert_eq!(count(&net, &[1, 3, 224, 224])?, 1814);
    let net: MobileNetV2 = MobileNetV2::new(1000).init(rng)?;
    check("mobilenet_v2", &net);
    assert_eq!(count(&net, &[1, 3, 224, 224])?, 300);
    let net: EfficientNet = EfficientNet::new(1000).init(rng)?;
    check("efficientnet_b0", &net);
    assert_eq!(count(&net, &[1, 3, 224, 224])?, 385);
    check::<EfficientNet>(
        "efficientnet_b3",
        &EfficientNet::new(1000).width(1.2).depth(1.4).init(rng)?,
    );
    Ok(())
}

#[test]
fn summaries_count_attention() -> Result {
    let rng = &mut Rng::new(0);

    let net: Gpt = Gpt::new(50, 16).width(8).layers(1).heads(2).init(rng)?;
    let tokens = Tensor::zeros([1, 10]);
    let summary = Summary::trace(&net, |cx| net.forward(&tokens, cx))?;
    assert_eq!(summary.multiply_adds, 10 * (12 * 8 * 8 + 8 * 50) + 2 * 10 * 10 * 8);
    Ok(())
}

/// Blocks that are left out are drawn from the seed of the context, and from nothing else.
#[test]
fn blocks_are_left_out_by_the_seed() -> Result {
    let settings = EfficientNet::new(3).width(0.1).depth(0.5).dropout(0.0);
    let net: EfficientNet = settings.stochastic_depth(0.9).init(&mut Rng::new(0))?;
    let x = Var::from(Tensor::normal([4, 3, 32, 32], 0.0, 1.0, &mut Rng::new(1))?);
    let y = |mut cx: Context| Ok::<_, gradus_nn::Error>(net.forward(&x, &mut cx)?.into_value());
    assert_eq!(y(Context::train(1))?, y(Context::train(1))?);
    assert_ne!(y(Context::train(1))?, y(Context::train(2))?);
    assert_eq!(y(Context::eval())?, y(Context::eval())?);

    let whole: EfficientNet = settings.stochastic_depth(0.0).init(&mut Rng::new(0))?;
    let forward = |seed| {
        Ok::<_, gradus_nn::Error>(whole.forward(&x, &mut Context::train(seed))?.into_value())
    };
    assert_eq!(forward(1)?, forward(2)?);
    Ok(())
}
