//! Outputs, gradients, names, shapes and running averages against numbers that PyTorch, torchvision and
//! transformers computed in double precision: `tests/record.py` wrote them, those of
//! speech `tests/record_speech.py`.

use std::sync::OnceLock;

use gradus_autograd::{Gradients, Var};
use gradus_models::*;
use gradus_nn::{Context, Entry, EntryMut, Layer, Module, ModuleExt, Result};
use gradus_tensor::{Float, Rng, Tensor};
use serde_json::Value;

use super::formula::{self, mark};

/// What PyTorch computed.
pub fn recorded() -> &'static Value {
    static FILE: OnceLock<Value> = OnceLock::new();
    FILE.get_or_init(|| {
        let mut all: Value = serde_json::from_str(include_str!("pytorch.json")).expect("JSON");
        let mut speech: Value = serde_json::from_str(include_str!("speech.json")).expect("JSON");
        let speech = speech["cases"].as_object_mut().expect("cases");
        all["cases"].as_object_mut().expect("cases").append(speech);
        all
    })
}

/// How far outputs and gradients may be off, as a part of their size.
pub fn tolerances<T: Float>() -> [f64; 2] {
    if size_of::<T>() == 4 { [1e-4, 1e-3] } else { [1e-10, 1e-10] }
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().expect("a list").iter();
    list.map(|x| x.as_f64().expect("a number")).collect()
}

/// Fills a model by the formula, and compares its names and shapes.
pub fn filled<T: Float>(name: &str, model: &mut impl Module<T>) {
    let wanted = recorded()["cases"][name]["state"].as_object().expect("a case");
    let mut found = 0;
    model.for_each_mut(|path, entry| {
        let shape = match &entry {
            EntryMut::Param(param) => param.shape().to_vec(),
            EntryMut::Buffer(buffer) => buffer.shape(),
        };
        let theirs = wanted.get(path).unwrap_or_else(|| panic!("{name}: no {path} in PyTorch"));
        assert_eq!(serde_json::json!(shape), *theirs, "{name}: {path}");
        found += 1;
        match entry {
            EntryMut::Param(param) => param.set(formula::start(path, &shape)),
            EntryMut::Buffer(buffer) => {
                assert!(buffer.put(&formula::start::<T>(path, &shape).into()), "{name}: {path}");
            }
        }
    });
    assert_eq!(found, wanted.len(), "{name}: tensors");
}

/// Compares an output with `wanted`, and the gradients of its sum with weights.
pub fn compare<T: Float>(
    what: &str,
    y: Var<T>,
    model: &impl Module<T>,
    wanted: &Value,
) -> Result<Gradients<T>> {
    let [for_outputs, for_gradients] = tolerances::<T>();
    assert_eq!(serde_json::json!(y.shape()), wanted["shape"], "{what}");
    let outputs: Vec<f64> = y.value().to_vec().into_iter().map(T::to_f64).collect();
    let size = outputs.iter().fold(0.0, |size: f64, y| size.max(y.abs()));
    let some = outputs.iter().step_by((outputs.len() / 100).max(1));
    let theirs = numbers(&wanted["y"]);
    assert_eq!(some.len(), theirs.len(), "{what}");
    for (ours, theirs) in some.zip(theirs) {
        let gap = (ours - theirs).abs();
        assert!(gap <= for_outputs * size, "{what}: output {ours} instead of {theirs}");
    }
    close(&format!("{what}: outputs"), mark("y", y.value()), &wanted["mark"], for_outputs);
    let weights = Var::constant(formula::tensor("y", y.shape()));
    let gradients = y.mul(&weights)?.sum().backward()?;
    let grads = wanted["grads"].as_object().expect("gradients");
    let largest = grads.values().fold(0.0, |most: f64, mark| most.max(numbers(mark)[1]));
    model.for_each(|path, entry| match entry {
        Entry::Param(param) => {
            let gradient = gradients.get(param.id()).unwrap_or_else(|| panic!("{what}: {path}"));
            let what = format!("{what}: gradient of {path}");
            close_in(&what, mark(path, gradient), &grads[path], for_gradients, largest);
        }
        Entry::Buffer(buffer) => {
            let ours = mark(path, buffer.tensor().get::<T>().expect("floats"));
            close(&format!("{what}: {path} afterwards"), ours, &wanted["after"][path], for_outputs);
        }
    });
    Ok(gradients)
}

/// Compares two marks, as a part of the size that PyTorch found.
#[track_caller]
fn close(what: &str, ours: [f64; 2], theirs: &Value, tolerance: f64) {
    close_in(what, ours, theirs, tolerance, 0.0);
}

/// The same. What is nothing but rounding beside `largest` (a bias in front of a normalisation has no
/// gradient) is compared as a part of that.
#[track_caller]
fn close_in(what: &str, ours: [f64; 2], theirs: &Value, tolerance: f64, largest: f64) {
    let theirs = numbers(theirs);
    let size = if theirs[1] < 1e-12 * largest { largest } else { theirs[1] };
    for (ours, wanted) in ours.into_iter().zip(&theirs) {
        let gap = (ours - wanted).abs();
        assert!(gap <= tolerance * size, "{what}: {ours} instead of {wanted}, of size {size}");
    }
}

/// Compares a model of images in evaluation and, where that was recorded, in training.
fn images<T: Float, M: Layer<T>>(name: &str, shape: &[usize], mut model: M) -> Result<()> {
    let case = &recorded()["cases"][name];
    for (mode, cx) in [("eval", Context::eval()), ("train", Context::train(0))] {
        let Some(wanted) = case.get(mode) else { continue };
        filled(name, &mut model);
        let mut cx = cx.naming(&model);
        let x: Var<T> = Var::leaf(formula::tensor("x", shape));
        let y = model.forward(&x, &mut cx)?;
        let what = format!("{name}, {mode}");
        let gradients = compare(&what, y, &model, wanted)?;
        let dx = gradients.of(&x).expect("a gradient for the input");
        close(
            &format!("{what}: gradient of the input"),
            mark("x", dx),
            &wanted["dx"],
            tolerances::<T>()[1],
        );
    }
    Ok(())
}

/// A test of a model in single and in double precision.
macro_rules! images {
    ($($case:ident: $shape:expr, $model:expr;)*) => { $(
        #[test]
        fn $case() -> Result<()> {
            let mut rng = Rng::new(0);
            images::<f32, _>(stringify!($case), &$shape, $model.init(&mut rng)?)?;
            images::<f64, _>(stringify!($case), &$shape, $model.init(&mut rng)?)
        }
    )* };
}

images! {
    lenet: [2, 1, 28, 28], LeNet::new(10);
    resnet18: [2, 3, 64, 48], ResNet::new(18, 10).width(16);
    resnet18_small: [3, 3, 20, 24], ResNet::new(18, 10).width(8).small_images(true);
    mobilenet_v2: [2, 3, 64, 48], MobileNetV2::new(10).width(0.5).dropout(0.0);
    efficientnet: [2, 3, 64, 48], EfficientNet::new(10).width(0.5).depth(0.5).dropout(0.0).stochastic_depth(0.0);
    vit: [2, 3, 24, 24], VisionTransformer::new(24, 10).patch(8).layers(2).heads(3).width(36).hidden(48);
    keyword_cnn: [3, 1, 49, 10], KeywordCnn::new(12).channels(8).dropout(0.0);
    unet: [2, 2, 24, 32], UNet::new(2, 3).width(4).depth(3);
    resnet50: [2, 3, 64, 64], ResNet::new(50, 10).width(8);
}

#[test]
fn mlp() -> Result<()> {
    let sizes = [6, 8, 5, 3];
    images::<f32, _>("mlp", &[4, 6], gradus_models::mlp(&sizes, &mut Rng::new(0))?)?;
    images::<f64, _>("mlp", &[4, 6], gradus_models::mlp(&sizes, &mut Rng::new(0))?)
}

/// The largest absolute value.
pub fn largest<T: Float>(x: &Tensor<T>) -> Result<f64> {
    Ok(x.abs().max()?.item()?.to_f64())
}

fn gpt2<T: Float>() -> Result<()> {
    let wanted = &recorded()["cases"]["gpt2"]["eval"];
    let net = Gpt::new(37, 16).width(24).layers(2).heads(3);
    let mut net: Gpt<T> = net.init(&mut Rng::new(0))?;
    filled("gpt2", &mut net);
    let tokens = formula::bits("tokens", 2 * 11).map(|x| i64::from(x % 37)).collect();
    let tokens = Tensor::from_vec(tokens, [2, 11])?;
    let y = net.forward(&tokens, &mut Context::eval())?;
    compare("gpt2", y.clone(), &net, wanted)?;

    // The same with a cache: a prompt, then pieces of several lengths.
    let (mut cache, mut cx) = (net.cache(), Context::eval());
    let mut pieces = Vec::new();
    for piece in [0..4, 4..5, 5..6, 6..9, 9..11] {
        pieces.push(net.forward_cached(&tokens.slice(1, piece)?, &mut cache, &mut cx)?);
    }
    let joined = Var::concat(&pieces.iter().collect::<Vec<_>>(), 1)?;
    let size = largest(y.value())?;
    let gap = largest(&joined.value().sub(y.value())?)?;
    let tolerance = if size_of::<T>() == 4 { 1e-5 } else { 1e-14 };
    assert!(gap <= tolerance * size, "{gap} of {size} between logits with and without a cache");
    Ok(())
}

#[test]
fn gpt2_with_and_without_a_cache() -> Result<()> {
    gpt2::<f32>()?;
    gpt2::<f64>()
}

/// Compares a classifier of texts in evaluation, and holds it to the same scores whatever is behind a text.
macro_rules! texts {
    ($($case:ident: $model:expr;)*) => { $(
        #[test]
        fn $case() -> Result<()> {
            texts!(@in f32, stringify!($case), $model);
            texts!(@in f64, stringify!($case), $model);
            Ok(())
        }
    )* };
    (@in $T:ty, $case:expr, $model:expr) => {
        let mut net = $model.init::<$T>(&mut Rng::new(0))?;
        filled::<$T>($case, &mut net);
        let tokens: Vec<i64> = formula::bits("tokens", 3 * 7).map(|x| i64::from(x % 30)).collect();
        let rows = Tensor::from_vec(tokens.clone(), [3, 7])?;
        let y = net.forward(&rows, Some(&[7, 2, 5]), &mut Context::eval())?;
        compare::<$T>($case, y.clone(), &net, &recorded()["cases"][$case]["eval"])?;

        let vectors = net.embedding.forward(&rows, &mut Context::eval())?;
        let same = net.forward_vectors(&vectors, Some(&[7, 2, 5]), &mut Context::eval())?;
        assert_eq!(same.value(), y.value(), "{}: from vectors", $case);

        let alone = Tensor::from_vec(tokens[7..9].to_vec(), [1, 2])?;
        let alone = net.forward(&alone, None, &mut Context::eval())?;
        let gap = largest(&alone.value().sub(&y.value().slice(0, 1..2)?)?)?;
        assert!(gap < tolerances::<$T>()[0] * 0.1, "{}: {gap} beside the text alone", $case);
    };
}

texts! {
    bag_of_embeddings: BagOfEmbeddings::new(30, 3).dim(6);
    text_cnn: TextCnn::new(30, 3).dim(6).channels(4).windows(vec![2, 3, 5]);
    bilstm_attention: BiLstmAttention::new(30, 3).dim(6).hidden(5);
}

/// Three texts of different lengths, of which the tokens from the third on are of another type.
fn bert<T: Float>() -> Result<()> {
    let settings = Bert::new(30).block(9).width(24).layers(2).heads(3).hidden(40);
    let mut net = settings.init::<T>(&mut Rng::new(0))?;
    filled::<T>("bert", &mut net);
    let tokens = formula::bits("tokens", 3 * 7).map(|x| i64::from(x % 30)).collect();
    let tokens = Tensor::from_vec(tokens, [3, 7])?;
    let place = |i: usize| (i / 7, i % 7);
    let there = (0..21).map(place).map(|(row, t)| t < [7, 2, 5][row]).collect();
    let there = Tensor::from_vec(there, [3, 7])?;
    let types =
        Tensor::from_vec((0..21).map(place).map(|(_, t)| i64::from(t >= 3)).collect(), [3, 7])?;
    let mut cx = Context::eval();
    let states = net.forward(&tokens, Some(&there), Some(&types), &mut cx)?;
    let pooled = net.pooled(&states, &mut cx)?.reshape([3, 1, 24])?;
    let y = Var::concat(&[&states, &pooled], 1)?;
    compare::<T>("bert", y, &net, &recorded()["cases"]["bert"]["eval"])?;

    // A text alone gets what it gets among others.
    let vectors = net.sentences(&tokens, Some(&there), &mut cx)?;
    let alone = net.sentences(&tokens.slice(0, 1..2)?.slice(1, ..2)?, None, &mut cx)?;
    let gap = largest(&alone.value().sub(&vectors.value().slice(0, 1..2)?)?)?;
    assert!(gap < tolerances::<T>()[0] * 0.1, "{gap}");
    Ok(())
}

#[test]
fn bert_is_that_of_transformers() -> Result<()> {
    bert::<f32>()?;
    bert::<f64>()
}

/// Sources of different lengths, and the beginnings of targets.
fn transformer<T: Float>(case: &str, pre_norm: bool) -> Result<()> {
    let settings = Transformer::new(30, 20).width(24).layers(2).heads(3).hidden(40);
    let mut net = settings.dropout(0.0).pre_norm(pre_norm).init::<T>(&mut Rng::new(0))?;
    filled::<T>(case, &mut net);
    let tokens: Vec<i64> = formula::bits("tokens", 3 * 7).map(|x| i64::from(x % 30)).collect();
    let target = tokens.chunks(7).flat_map(|row| &row[..4]).map(|token| token % 20).collect();
    let (source, target) = (Tensor::from_vec(tokens, [3, 7])?, Tensor::from_vec(target, [3, 4])?);
    let there = (0..21).map(|i| i % 7 < [7, 2, 5][i / 7]).collect();
    let there = Tensor::from_vec(there, [3, 7])?;
    let y = net.forward(&source, Some(&there), &target, &mut Context::eval())?;
    compare::<T>(case, y.clone(), &net, &recorded()["cases"][case]["eval"])?;

    // A source alone gets what it gets among longer ones.
    let short = source.slice(0, 1..2)?.slice(1, ..2)?;
    let alone = net.forward(&short, None, &target.slice(0, 1..2)?, &mut Context::eval())?;
    let gap = largest(&alone.value().sub(&y.value().slice(0, 1..2)?)?)?;
    assert!(gap < tolerances::<T>()[0] * 0.1 * largest(y.value())?, "{gap}");
    Ok(())
}

#[test]
fn transformers_are_those_of_pytorch() -> Result<()> {
    for (case, pre_norm) in [("transformer_pre", true), ("transformer_post", false)] {
        transformer::<f32>(case, pre_norm)?;
        transformer::<f64>(case, pre_norm)?;
    }
    Ok(())
}
