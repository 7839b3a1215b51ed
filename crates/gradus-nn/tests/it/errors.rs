//! What layers say to inputs and settings that do not fit.

use gradus_autograd::Var;
use gradus_nn::*;
use gradus_tensor::{Rng, Tensor};

fn zeros(shape: &[usize]) -> Var {
    Var::constant(Tensor::zeros(shape))
}

#[track_caller]
fn says<T>(result: Result<T>, parts: &[&str]) {
    let error = result.err().expect("an error").to_string();
    for part in parts {
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    }
}

#[test]
fn every_layer_names_the_shape_it_got_and_the_one_it_wanted() -> Result<()> {
    let mut rng = Rng::new(0);
    let cx = &mut Context::eval();
    let linear: Linear = Linear::new(4, 2).init(&mut rng)?;
    says(linear.forward(&zeros(&[3, 5]), cx), &["linear: got shape [3, 5]", "4"]);
    says(linear.forward(&zeros(&[]), cx), &["linear: got shape []"]);

    let conv: Conv2d = Conv2d::new(3, 8, 3).init(&mut rng)?;
    says(conv.forward(&zeros(&[1, 4, 8, 8]), cx), &["conv2d", "[1, 4, 8, 8]", "3"]);
    says(conv.forward(&zeros(&[3, 8, 8]), cx), &["conv2d", "[3, 8, 8]"]);
    says(conv.forward(&zeros(&[1, 3, 2, 8]), cx), &["conv2d"]);

    let pool = MaxPool2d::new(3);
    says(pool.forward(&zeros(&[1, 3, 2, 2]), cx), &["max_pool2d"]);
    says(pool.forward(&zeros(&[3, 9]), cx), &["max_pool2d", "[3, 9]"]);
    says(AvgPool2d::new(3).forward(&zeros(&[1, 3, 2, 2]), cx), &["avg_pool2d"]);
    says(GlobalAvgPool2d.forward(&zeros(&[3, 9]), cx), &["global_avg_pool2d", "[3, 9]"]);

    let norm: BatchNorm2d = BatchNorm2d::new(3).init()?;
    says(
        norm.forward(&zeros(&[2, 4, 8, 8]), cx),
        &["BatchNorm2d: got shape [2, 4, 8, 8]", "3 channels"],
    );
    says(norm.forward(&zeros(&[2, 3]), cx), &["BatchNorm2d: got shape [2, 3]", "4 axes"]);
    let train = &mut Context::train(0);
    says(norm.forward(&zeros(&[1, 3, 1, 1]), train), &["two values or more for each channel"]);
    let norm: BatchNorm1d = BatchNorm1d::new(3).init()?;
    says(norm.forward(&zeros(&[2, 4]), cx), &["BatchNorm1d: got shape [2, 4]", "2 or 3 axes"]);

    let norm: LayerNorm = LayerNorm::new([4]).init()?;
    says(norm.forward(&zeros(&[2, 3]), cx), &["layer_norm", "[2, 3]"]);

    says(Flatten.forward(&zeros(&[3]), cx), &["flatten: axis 1 is out of range"]);
    says(Softmax::new(2).forward(&zeros(&[3, 4]), cx), &["softmax: axis 2 is out of range"]);

    let lstm: Lstm = Lstm::new(3, 2).init(&mut rng)?;
    says(lstm.forward(&zeros(&[5, 3]), None, cx), &["Lstm: got shape [5, 3]", "[T, N, 3]"]);
    says(lstm.forward(&zeros(&[5, 2, 4]), None, cx), &["Lstm: got shape [5, 2, 4]", "[T, N, 3]"]);
    let two = (zeros(&[2, 2, 2]), zeros(&[1, 2, 2]));
    says(
        lstm.forward(&zeros(&[5, 2, 3]), Some(&two), cx),
        &["Lstm: got shape [2, 2, 2]", "[1, 2, 2]"],
    );
    says(lstm.forward(&zeros(&[0, 2, 3]), None, cx), &["lstm: got shape [0, 2, 3]"]);

    let gru: Gru = Gru::new(3, 2).batch_first(true).init(&mut rng)?;
    says(gru.forward(&zeros(&[5, 3]), None, cx), &["Gru: got shape [5, 3]", "[N, T, 3]"]);
    says(gru.forward(&zeros(&[5, 2, 4]), None, cx), &["Gru: got shape [5, 2, 4]", "3 inputs"]);
    let state = zeros(&[1, 4, 2]);
    says(
        gru.forward(&zeros(&[5, 2, 3]), Some(&state), cx),
        &["Gru: got shape [1, 4, 2]", "[1, 5, 2]"],
    );

    let table: Embedding = Embedding::new(10, 4).init(&mut rng)?;
    says(table.forward(&Tensor::vector([3, 10]), cx), &["Embedding: got word 10", "0 to 9"]);
    says(table.forward(&Tensor::vector([-1]), cx), &["-1"]);
    Ok(())
}

#[test]
fn an_error_inside_a_container_says_where() -> Result<()> {
    let mut rng = Rng::new(0);
    let inner = Sequential::new().push(Relu).push(Linear::new(3, 2).init(&mut rng)?);
    let net: Sequential = Sequential::new().push(Linear::new(4, 5).init(&mut rng)?).push(inner);
    says(net.forward(&zeros(&[1, 4]), &mut Context::eval()), &["in layer 1.1: linear", "[1, 5]"]);
    Ok(())
}

#[test]
fn settings_are_checked_when_a_layer_is_built() {
    let rng = &mut Rng::new(0);
    says(Linear::new(0, 2).init::<f32>(rng), &["Linear: got inputs 0, wanted at least 1"]);
    says(Conv2d::new(1, 2, 0).init::<f32>(rng), &["Conv2d: got kernel 0, wanted at least 1"]);
    says(
        Conv2d::new(1, 2, 3).stride(0).init::<f32>(rng),
        &["Conv2d: got stride 0, wanted at least 1"],
    );
    says(Conv2d::new(1, 2, [3, 0]).init::<f32>(rng), &["Conv2d: got kernel2 0, wanted at least 1"]);
    let up = ConvTranspose2d::new(1, 2, 2).stride([2, 1]).extra(1);
    says(up.init::<f32>(rng), &["ConvTranspose2d: got extra [1, 1] and stride [2, 1]"]);
    says(Conv2d::new(3, 4, 3).groups(2).init::<f32>(rng), &["2 groups for 3 to 4 channels"]);
    let cx = &mut Context::eval();
    says(
        Dropout::new(1.0).forward(&zeros(&[2]), cx),
        &["Dropout: got p 1, wanted a number in [0, 1)"],
    );
    says(Dropout::new(f64::NAN).forward(&zeros(&[2]), cx), &["Dropout: got p NaN"]);
    says(Lstm::new(3, 0).init::<f32>(rng), &["Lstm: got hidden 0, wanted at least 1"]);
    says(
        Gru::new(3, 2).layers(0).init::<f32>(rng),
        &["Gru: got layers 0, wanted a number in [1, 1024]"],
    );
    says(Embedding::new(5, 0).init::<f32>(rng), &["Embedding"]);
    says(LayerNorm::new([0_usize; 0]).init::<f32>(), &["LayerNorm"]);
    says(BatchNorm2d::new(0).init::<f32>(), &["BatchNorm2d: got channels 0"]);
    says(BatchNorm2d::new(2).eps(0.0).init::<f32>(), &["eps 0"]);
    says(BatchNorm2d::new(2).momentum(2.0).init::<f32>(), &["momentum 2"]);
    says(Init::KaimingNormal.tensor::<f32>(&[3], rng), &["Init: got shape [3]"]);
    says(Init::Normal(0.0, -1.0).tensor::<f32>(&[3], rng), &["standard deviation -1"]);
}

#[test]
fn losses_name_the_label_at_fault() {
    let scores = zeros(&[3, 10]);
    let labels = Tensor::vector([1, 12, 3]);
    says(cross_entropy(&scores, &labels), &["12", "position 1", "10 classes"]);
    says(cross_entropy(&scores, &Tensor::vector([1, 2])), &["cross_entropy: got shape [2]"]);
    says(mse_loss(&zeros(&[2]), &zeros(&[3])), &["mse_loss", "[2]", "[3]"]);
    says(bce_with_logits(&zeros(&[2]), &zeros(&[3])), &["bce_with_logits", "[3]"]);
    let smooth = CrossEntropy::new().label_smoothing(1.5);
    says(smooth.forward(&scores, &Tensor::vector([1, 2, 3])), &["label_smoothing 1.5"]);
}

#[test]
fn a_batch_of_no_samples_is_fine_where_the_mathematics_is() -> Result<()> {
    let mut rng = Rng::new(0);
    let net: Sequential = Sequential::new()
        .push(Conv2d::new(1, 2, 3).padding(1).init(&mut rng)?)
        .push(MaxPool2d::new(2))
        .push(Flatten)
        .push(Linear::new(8, 3).init(&mut rng)?);
    let y = net.forward(&zeros(&[0, 1, 4, 4]), &mut Context::eval())?;
    assert_eq!(y.shape(), [0, 3]);
    Ok(())
}

/// A network whose parts are fields, in which a layer does not fit the one before.
#[derive(Module)]
struct Broken {
    blocks: Vec<(Conv2d, BatchNorm2d)>,
    body: Sequential,
}

#[test]
fn an_error_says_where_in_the_model_it_arose() -> Result<()> {
    let rng = &mut Rng::new(0);
    let block = |inputs, rng: &mut Rng| -> Result<_> {
        Ok((Conv2d::new(inputs, 4, 3).init(rng)?, BatchNorm2d::new(4).init()?))
    };
    let blocks = vec![block(1, rng)?, block(3, rng)?];
    let body = Sequential::new().push(Flatten).push(Linear::new(5, 2).init(rng)?);
    let net = Broken { blocks, body };
    let x = Var::from(Tensor::ones([1, 1, 8, 8]));
    let run = |cx: &mut Context| {
        let mut x = x.clone();
        for (conv, norm) in &net.blocks {
            x = norm.forward(&conv.forward(&x, cx)?, cx)?;
        }
        Ok::<_, Error>(x)
    };
    let says = |cx: &mut Context| run(cx).unwrap_err().to_string();
    let named = says(&mut Context::train(1).naming(&net));
    assert!(named.starts_with("in layer blocks.1.0: conv2d: got shape [1, 4, 6, 6]"), "{named}");
    assert!(says(&mut Context::train(1)).starts_with("conv2d: got shape"));
    // A container does not say it again.
    let mut cx = Context::eval().naming(&net);
    let inner = net.body.forward(&x, &mut cx).unwrap_err().to_string();
    assert!(inner.starts_with("in layer body.1: linear: got shape [1, 64]"), "{inner}");
    Ok(())
}

#[test]
fn parameters_of_no_path_or_another_shape_are_not_put_in() -> Result<()> {
    let net: Linear = Linear::new(2, 3).init(&mut Rng::new(0))?;
    let with = |path: &str, shape: [usize; 2]| {
        let params = [(path.to_string(), Var::from(Tensor::ones(shape)))];
        net.with_params(params, || ()).unwrap_err().to_string()
    };
    assert_eq!(
        with("wight", [3, 2]),
        "with_params: got parameter \"wight\", wanted one of [\"bias\", \"weight\"]"
    );
    assert_eq!(with("weight", [2, 2]), "with_params: got shape [2, 2] for weight, wanted [3, 2]");
    Ok(())
}
