//! Errors name the model, what it got and what it wanted.

use gradus_autograd::Var;
use gradus_models::*;
use gradus_nn::{Context, Error, Layer, Result};
use gradus_tensor::{Rng, Tensor};

#[track_caller]
fn says<T>(result: Result<T>, message: &str) {
    let Err(error) = result else { panic!("no error; wanted: {message}") };
    assert!(matches!(error, Error::Setting { .. }), "{error:?}");
    assert_eq!(error.to_string(), message);
}

#[test]
fn settings() {
    let rng = &mut Rng::new(0);
    says(LeNet::new(0).init::<f32>(rng), "LeNet: got classes 0, wanted at least 1");
    let message = "ResNet: got depth 20, wanted 18, 34, 50, 101 or 152";
    says(ResNet::new(20, 10).init::<f32>(rng), message);
    says(ResNet::new(18, 0).init::<f32>(rng), "ResNet: got classes 0, wanted at least 1");
    let message = "MobileNetV2: got width 0, wanted a number in (0, 16]";
    says(MobileNetV2::new(10).width(0.0).init::<f32>(rng), message);
    let message = "EfficientNet: got depth 0, wanted a number in (0, 16]";
    says(EfficientNet::new(10).depth(0.0).init::<f32>(rng), message);
    let message = "EfficientNet: got stochastic depth 1, wanted a number in [0, 1)";
    says(EfficientNet::new(10).stochastic_depth(1.0).init::<f32>(rng), message);
    let message = "VisionTransformer: got image 224 and patch 15, wanted a multiple of the patch";
    says(VisionTransformer::new(224, 10).patch(15).init::<f32>(rng), message);
    let message = "VisionTransformer: got width 768 and 7 heads, wanted a multiple of the heads";
    says(VisionTransformer::new(224, 10).heads(7).init::<f32>(rng), message);
    says(UNet::new(1, 0).init::<f32>(rng), "UNet: got classes 0, wanted a number in [1, 65536]");
    let message = "mlp: got sizes [4, 0, 2], wanted two or more of at least 1: inputs, hidden layers, outputs";
    says(mlp::<f32>(&[4, 0, 2], rng), message);
    let message = "Gpt: got width 768 and 7 heads, wanted a multiple of the heads";
    says(Gpt::new(100, 10).heads(7).init::<f32>(rng), message);
}

/// What a model says to images of this shape.
#[track_caller]
fn refuses(model: &impl Layer, shape: &[usize], message: &str) {
    let x = Var::from(Tensor::zeros(shape));
    says(model.forward(&x, &mut Context::eval()), message);
}

#[test]
fn images() -> Result<()> {
    let rng = &mut Rng::new(0);
    let net: LeNet = LeNet::new(10).init(rng)?;
    let wanted = "wanted images [samples, 1, height, width] of at least 28 × 28 pixels";
    refuses(&net, &[2, 1, 27, 28], &format!("LeNet: got shape [2, 1, 27, 28], {wanted}"));
    refuses(&net, &[2, 784], &format!("LeNet: got shape [2, 784], {wanted}"));
    let message = "LeNet: got pictures of 32 × 32 pixels, wanted 28 × 28";
    refuses(&net, &[2, 1, 32, 32], message);

    let net: ResNet = ResNet::new(18, 10).width(4).init(rng)?;
    let wanted = "wanted images [samples, 3, height, width] of at least 1 × 1 pixels";
    refuses(&net, &[2, 1, 32, 32], &format!("ResNet: got shape [2, 1, 32, 32], {wanted}"));
    refuses(&net, &[2, 3, 0, 32], &format!("ResNet: got shape [2, 3, 0, 32], {wanted}"));
    let net: MobileNetV2 = MobileNetV2::new(10).width(0.1).init(rng)?;
    refuses(&net, &[2, 3, 0, 0], &format!("MobileNetV2: got shape [2, 3, 0, 0], {wanted}"));
    let net: EfficientNet = EfficientNet::new(10).width(0.1).depth(0.1).init(rng)?;
    refuses(&net, &[2, 1, 32, 32], &format!("EfficientNet: got shape [2, 1, 32, 32], {wanted}"));

    let net: KeywordCnn = KeywordCnn::new(3).channels(2).init(rng)?;
    let wanted = "wanted images [samples, 1, height, width] of at least 2 × 2 pixels";
    refuses(&net, &[1, 1, 49, 1], &format!("KeywordCnn: got shape [1, 1, 49, 1], {wanted}"));

    let net: UNet = UNet::new(1, 2).width(2).depth(3).init(rng)?;
    let wanted = "wanted images [samples, 1, height, width] of at least 8 × 8 pixels";
    refuses(&net, &[1, 1, 4, 8], &format!("UNet: got shape [1, 1, 4, 8], {wanted}"));
    let wanted = "wanted multiples of 8: they are halved 3 times";
    refuses(&net, &[1, 1, 16, 20], &format!("UNet: got pictures of 16 × 20 pixels, {wanted}"));

    let net = VisionTransformer::new(16, 2).patch(8).width(4).layers(1).heads(2).hidden(4);
    let net: VisionTransformer = net.init(rng)?;
    let wanted = "wanted 16 × 16, for which it has positions";
    let message = format!("VisionTransformer: got pictures of 24 × 16 pixels, {wanted}");
    refuses(&net, &[1, 3, 24, 16], &message);
    Ok(())
}

#[test]
fn tokens() -> Result<()> {
    let net = Gpt::new(10, 4).width(4).layers(1).heads(2).init::<f32>(&mut Rng::new(0))?;
    let mut cx = Context::eval();
    let row = |tokens: &[i64]| Tensor::from_vec(tokens.to_vec(), [1, tokens.len()]);
    let wanted = "wanted 0 to 9: the vocabulary has 10 tokens";
    for token in [10, -1, i64::MIN] {
        let message = format!("Gpt: got token {token}, {wanted}");
        says(net.forward(&row(&[1, token])?, &mut cx), &message);
    }
    let message = "Gpt: got a sequence of 5 tokens, wanted at most its block, 4";
    says(net.forward(&row(&[1; 5])?, &mut cx), message);
    let message = "Gpt: got tokens [1, 0], wanted [sequences, tokens], one token or more";
    says(net.forward(&row(&[])?, &mut cx), message);

    // An error leaves the cache as it was.
    let mut cache = net.cache();
    net.forward_cached(&row(&[1, 2, 3])?, &mut cache, &mut cx)?;
    let message = "Gpt: got a sequence of 5 tokens, wanted at most its block, 4";
    says(net.forward_cached(&row(&[1, 2])?, &mut cache, &mut cx), message);
    let two = Tensor::from_vec(vec![1, 2], [2, 1])?;
    let message = "Gpt: got tokens [2, 1], wanted 1 sequences, as in the cache";
    says(net.forward_cached(&two, &mut cache, &mut cx), message);
    assert_eq!(cache.len(), 3);
    net.forward_cached(&row(&[4])?, &mut cache, &mut cx)?;
    Ok(())
}

#[test]
fn texts() -> Result<()> {
    let rng = &mut Rng::new(0);
    let mut cx = Context::eval();
    let tokens = Tensor::from_vec(vec![1, 2, 3, 4, 5, 6], [2, 3])?;
    let bag: BagOfEmbeddings = BagOfEmbeddings::new(6, 2).dim(2).init(rng)?;
    let message = "BagOfEmbeddings: got token 6, wanted 0 to 5: the vocabulary has 6 tokens";
    says(bag.forward(&tokens, None, &mut cx), message);
    let cnn: TextCnn = TextCnn::new(7, 2).dim(2).channels(2).init(rng)?;
    let message = "TextCnn: got 1 lengths, wanted one for each of 2 texts";
    says(cnn.forward(&tokens, Some(&[3]), &mut cx), message);
    let lstm: BiLstmAttention = BiLstmAttention::new(7, 2).dim(2).hidden(2).init(rng)?;
    let message = "BiLstmAttention: got length 0 of text 1, wanted 1 to 3";
    says(lstm.forward(&tokens, Some(&[3, 0]), &mut cx), message);
    let message = "BiLstmAttention: got length 4 of text 0, wanted 1 to 3";
    says(lstm.forward(&tokens, Some(&[4, 1]), &mut cx), message);
    let message = "TextCnn: got vectors [2, 3, 4], wanted [texts, words, 2], one word or more";
    says(cnn.forward_vectors(&Var::from(Tensor::zeros([2, 3, 4])), None, &mut cx), message);
    let none: Result<TextCnn> = TextCnn::new(7, 2).windows(vec![]).init(rng);
    says(none, "TextCnn: got no windows, wanted one size or more");
    Ok(())
}

#[test]
fn masks_and_types() -> Result<()> {
    let net = Bert::new(10).block(3).width(4).layers(1).heads(2).hidden(4);
    let net: Bert = net.init(&mut Rng::new(0))?;
    let mut cx = Context::eval();
    let tokens = Tensor::from_vec(vec![1, 2, 3, 4], [2, 2])?;
    let message = "Bert: got a sequence of 4 tokens, wanted at most its block, 3";
    says(net.forward(&tokens.reshape([1, 4])?, None, None, &mut cx), message);
    let mask = Tensor::from_vec(vec![true; 4], [1, 4])?;
    let message = "Bert: got a mask [1, 4], wanted [2, 2], as the tokens";
    says(net.forward(&tokens, Some(&mask), None, &mut cx), message);
    let message = "Bert: got type 2, wanted 0 to 1";
    says(net.forward(&tokens, None, Some(&tokens.add(&tokens)?), &mut cx), message);
    let message = "Bert: got token 12, wanted 0 to 9: the vocabulary has 10 tokens";
    says(net.forward(&tokens.mul(&Tensor::scalar(3))?, None, None, &mut cx), message);
    Ok(())
}

#[test]
fn sources_and_targets() -> Result<()> {
    let net = Transformer::new(10, 5).width(4).layers(1).heads(2).hidden(4);
    let net: Transformer = net.init(&mut Rng::new(0))?;
    let mut cx = Context::eval();
    let two = Tensor::from_vec(vec![1, 2, 3, 4], [2, 2])?;
    let one = two.slice(0, ..1)?;
    let message = "Transformer: got a memory of shape [1, 2, 4], wanted [2, source, width], as many as targets";
    says(net.forward(&one, None, &two, &mut cx), message);
    let mask = Tensor::from_vec(vec![true; 3], [1, 3])?;
    let message = "Transformer: got a mask [1, 3], wanted [1, 2], as the source";
    says(net.forward(&one, Some(&mask), &one, &mut cx), message);
    let message = "Transformer: got token 6, wanted 0 to 4: the vocabulary has 5 tokens";
    says(net.forward(&two, None, &two.add(&two)?, &mut cx), message);
    let search = generate::BeamSearch::new(3);
    let message = "Transformer: got token 10, wanted 0 to 9: the vocabulary has 10 tokens";
    says(net.search(&[10], 0, search), message);
    let message = "Transformer: got tokens [1, 0], wanted [sequences, tokens], one token or more";
    says(net.search(&[], 0, search), message);
    Ok(())
}
