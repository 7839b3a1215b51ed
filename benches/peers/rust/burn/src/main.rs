//! Times burn, with its `flex` backend, on one workload.
#![forbid(unsafe_code)]

mod image;
mod text;

use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{
    AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig, decay::WeightDecayConfig,
    momentum::MomentumConfig,
};
use burn::prelude::*;
use burn::tensor::TensorData;
use peer_timing::{Options, Report, below, repeat};

/// A network: scores of classes, one row for each label.
pub trait Net<X>: Module {
    fn scores(&self, x: X) -> Tensor<2>;
}

/// A batch for training, and its first sample on the device without gradients.
struct Data<X> {
    x: X,
    labels: Tensor<1, Int>,
    first: X,
}

/// Times a network under a rule.
fn measure<X: Clone, N: Net<X>>(
    net: N,
    mut rule: ModuleOptimizer,
    lr: f64,
    data: &Data<X>,
    options: &Options,
    report: &mut Report,
) -> Result<(), String> {
    let cross_entropy = CrossEntropyLossConfig::new().init(&data.labels.device());
    let mut slot = Some(net);
    let mut last = None;
    if options.trains() {
        let timed = repeat(options.seconds, || {
            let net = slot.take().ok_or("error: the network was lost")?;
            let loss = cross_entropy.forward(net.scores(data.x.clone()), data.labels.clone());
            last = Some(loss.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            slot = Some(rule.step(lr, net, gradients));
            Ok::<_, String>(())
        })?;
        report.trained(&timed, last.map_or(f32::NAN, |loss| loss.into_scalar::<f32>()));
    }
    if options.infers() {
        let net = slot.take().ok_or("error: the network was lost")?.valid();
        let timed = repeat(options.seconds / 3.0, || {
            std::hint::black_box(net.scores(data.first.clone()));
            Ok::<_, String>(())
        })?;
        report.inferred(&timed);
    }
    Ok(())
}

fn adam() -> ModuleOptimizer {
    // Its own epsilon is 1e-5.
    AdamConfig::new().with_epsilon(1e-8).init()
}

fn momentum() -> ModuleOptimizer {
    // Its own dampening is 0.1.
    let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
    let decay = WeightDecayConfig::new(1e-4);
    SgdConfig::new().with_momentum(Some(momentum)).with_weight_decay(Some(decay)).init()
}

fn run() -> Result<(), String> {
    let options = Options::read()?;
    let threads = rayon::current_num_threads();
    if threads != options.threads {
        return Err(format!("error: rayon has {threads} threads: set RAYON_NUM_THREADS"));
    }
    let plain = Device::flex();
    plain.seed(0);
    let device = plain.clone().autodiff();
    let (mut report, batch) = (Report::new("burn", "0.22.0", &options), options.batch());
    let labels = |count: usize, classes| {
        let labels: Vec<_> = below(classes, count, 1).map(i64::from).collect();
        Tensor::<1, Int>::from_data(TensorData::new(labels, [count]), &device)
    };
    let images = |shape: [usize; 3]| {
        let [c, h, w] = shape;
        let x = image::normal([batch, c, h, w], &plain);
        let first = Tensor::<4>::from_data(x.clone(), &plain).slice([0..1]);
        Data { x: Tensor::<4>::from_data(x, &device), labels: labels(batch, 10), first }
    };
    let vectors = || {
        let Data { x, labels, first } = images([1, 28, 28]);
        Data { x: x.flatten::<2>(1, 3), labels, first: first.flatten::<2>(1, 3) }
    };
    let sequences = || {
        let tokens: Vec<_> = below(65, batch * 64, 2).map(i64::from).collect();
        let tokens = TensorData::new(tokens, [batch, 64]);
        let first = Tensor::<2, Int>::from_data(tokens.clone(), &plain).slice([0..1]);
        let x = Tensor::<2, Int>::from_data(tokens, &device);
        Data { x, labels: labels(batch * 64, 65), first }
    };
    let (o, r) = (&options, &mut report);
    match options.workload.as_str() {
        "mlp1" => {
            let net = image::Mlp::new(&[784, 128, 10], &device);
            measure(net, SgdConfig::new().init(), 0.01, &vectors(), o, r)
        }
        "mlp2" => {
            let net = image::Mlp::new(&[784, 512, 512, 10], &device);
            measure(net, adam(), 1e-3, &vectors(), o, r)
        }
        "cnn" => measure(image::Cnn::new(&device), adam(), 1e-3, &images([1, 28, 28]), o, r),
        "resnet" => {
            measure(image::ResNet20::new(&device), momentum(), 0.1, &images([3, 32, 32]), o, r)
        }
        "lstm" => measure(text::CharLstm::new(&device), adam(), 1e-3, &sequences(), o, r),
        "gpt" => {
            let adamw = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init();
            measure(text::Gpt::new(&device), adamw, 1e-3, &sequences(), o, r)
        }
        other => Err(format!("error: no workload '{other}'")),
    }?;
    report.print();
    Ok(())
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("{problem}");
        std::process::exit(2);
    }
}
