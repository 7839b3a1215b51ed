//! Times candle on one workload.
#![forbid(unsafe_code)]

mod image;
mod rules;
mod text;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{VarBuilder, VarMap, loss};
use peer_timing::{Options, Report, below, repeat};
use rules::Rule;

/// A network: scores of classes, one row for each label.
trait Net {
    fn scores(&self, x: &Tensor, train: bool) -> Result<Tensor>;
}

/// A batch and its labels.
struct Data {
    x: Tensor,
    labels: Tensor,
}

impl Data {
    fn images(shape: &[usize]) -> Result<Self> {
        let x = Tensor::randn(0_f32, 1.0, shape, &Device::Cpu)?;
        Ok(Self { x, labels: numbers(10, &shape[..1], 1)? })
    }

    fn sequences(batch: usize) -> Result<Self> {
        let shape = [batch, text::LENGTH];
        let labels = numbers(text::VOCABULARY, &[batch * text::LENGTH], 1)?;
        Ok(Self { x: numbers(text::VOCABULARY, &shape, 2)?, labels })
    }
}

/// Random numbers below `end`.
fn numbers(end: usize, shape: &[usize], seed: u64) -> Result<Tensor> {
    let values: Vec<_> = below(end as u64, shape.iter().product(), seed).collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// Times a network under a rule.
fn measure(
    net: &dyn Net,
    rule: &mut Rule,
    data: &Data,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    if options.trains() {
        let mut last = Tensor::new(f32::NAN, &Device::Cpu)?;
        let timed = repeat(options.seconds, || {
            last = loss::cross_entropy(&net.scores(&data.x, true)?, &data.labels)?;
            rule.step(&last)
        })?;
        report.trained(&timed, last.to_scalar()?);
    }
    if options.infers() {
        let first = data.x.narrow(0, 0, 1)?.contiguous()?;
        let timed = repeat(options.seconds / 3.0, || {
            std::hint::black_box(net.scores(&first, false)?);
            Ok::<_, candle_core::Error>(())
        })?;
        report.inferred(&timed);
    }
    Ok(())
}

fn run(options: &Options) -> Result<()> {
    let mut report = Report::new("candle", "0.11.1", options);
    let batch = options.batch();
    let parameters = VarMap::new();
    let vb = VarBuilder::from_varmap(&parameters, DType::F32, &Device::Cpu);
    let (net, data): (Box<dyn Net>, Data) = match options.workload.as_str() {
        "mlp1" => (Box::new(image::Mlp::new(&[784, 128, 10], &vb)?), Data::images(&[batch, 784])?),
        "mlp2" => {
            (Box::new(image::Mlp::new(&[784, 512, 512, 10], &vb)?), Data::images(&[batch, 784])?)
        }
        "cnn" => (Box::new(image::Cnn::new(&vb)?), Data::images(&[batch, 1, 28, 28])?),
        "resnet" => (Box::new(image::ResNet20::new(&vb)?), Data::images(&[batch, 3, 32, 32])?),
        "lstm" => (Box::new(text::CharLstm::new(&vb)?), Data::sequences(batch)?),
        "gpt" => (Box::new(text::Gpt::new(&vb)?), Data::sequences(batch)?),
        other => candle_core::bail!("error: no workload '{other}'"),
    };
    let variables = parameters.all_vars();
    let mut rule = match options.workload.as_str() {
        "mlp1" => rules::sgd(variables, 0.01)?,
        "resnet" => rules::momentum(variables, 0.1, 0.9, 1e-4)?,
        "gpt" => rules::adamw(variables, 1e-3, 0.01)?,
        _ => rules::adamw(variables, 1e-3, 0.0)?,
    };
    measure(net.as_ref(), &mut rule, &data, options, &mut report)?;
    report.print();
    Ok(())
}

fn main() {
    let done = Options::read().and_then(|options| {
        let threads = candle_core::utils::get_num_threads();
        if threads != options.threads {
            return Err(format!("error: candle has {threads} threads: set RAYON_NUM_THREADS"));
        }
        run(&options).map_err(|problem| problem.to_string())
    });
    if let Err(problem) = done {
        eprintln!("{problem}");
        std::process::exit(2);
    }
}
