//! The six workloads that Gradus is compared on: one training step (forward, loss, backward,
//! optimizer) and one inference of a single sample, timed. Prints one line of JSON, as the runners
//! of the peers in `benches/peers` do.
//!
//! `cargo run --release -p gradus-benches --bin workloads -- --workload resnet --threads 2`
#![forbid(unsafe_code)]

mod image;
mod measure;
mod net;
mod text;

use clap::{Parser, ValueEnum};
use gradus::prelude::*;
use gradus_benches::clock::memory_bytes;

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Workload {
    /// 784-128-10, SGD
    Mlp1,
    /// 784-512-512-10, Adam
    Mlp2,
    /// Two convolutions of 32 and 64 channels, two linear layers, Adam
    Cnn,
    /// ResNet-20 on 3×32×32, SGD with momentum
    ResNet,
    /// Embedding of 64, LSTM of 256 over 64 steps, Adam
    Lstm,
    /// Four blocks of attention, 128 wide, over 64 letters, AdamW
    Gpt,
}

/// Which half is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    Train,
    Infer,
    Both,
}

/// Time one workload of Gradus.
#[derive(Debug, Parser)]
struct Options {
    #[arg(long)]
    workload: Workload,

    /// Threads that compute [default: one for each processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// How long to repeat the step that is timed
    #[arg(long, value_name = "S", default_value_t = 3.0)]
    seconds: f64,

    /// Samples in a batch [default: that of the comparison]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,

    #[arg(long, default_value = "both")]
    mode: Mode,
}

fn main() -> gradus::Result<()> {
    let options = Options::parse();
    if let Some(threads) = options.threads {
        gradus::tensor::threads::set_count(threads)?;
    }
    let base = memory_bytes("VmRSS:");
    let mut rng = Rng::new(0);
    let batch = options.batch.unwrap_or(match options.workload {
        Workload::Lstm | Workload::Gpt => 32,
        _ => 64,
    });
    let figures = match options.workload {
        Workload::Mlp1 => {
            let net = image::mlp(&[784, 128, 10], &mut rng)?;
            let data = image::batch(&[batch, 784], &mut rng)?;
            measure::run(net, &data, Sgd::new(0.01).optimizer(), &options)
        }
        Workload::Mlp2 => {
            let net = image::mlp(&[784, 512, 512, 10], &mut rng)?;
            let data = image::batch(&[batch, 784], &mut rng)?;
            measure::run(net, &data, Adam::new(1e-3).optimizer(), &options)
        }
        Workload::Cnn => {
            let net = image::cnn(&mut rng)?;
            let data = image::batch(&[batch, 1, 28, 28], &mut rng)?;
            measure::run(net, &data, Adam::new(1e-3).optimizer(), &options)
        }
        Workload::ResNet => {
            let net = image::ResNet20::new(&mut rng)?;
            let data = image::batch(&[batch, 3, 32, 32], &mut rng)?;
            let sgd = Sgd::new(0.1).momentum(0.9).weight_decay(1e-4);
            measure::run(net, &data, sgd.optimizer(), &options)
        }
        Workload::Lstm => {
            let net = text::Reader::new(&mut rng)?;
            let data = text::batch([batch, 64], &mut rng)?;
            measure::run(net, &data, Adam::new(1e-3).optimizer(), &options)
        }
        Workload::Gpt => {
            let net = text::Gpt::new(&mut rng)?;
            let data = text::batch([batch, 64], &mut rng)?;
            measure::run(net, &data, AdamW::new(1e-3).optimizer(), &options)
        }
    }?;
    let name = options.workload.to_possible_value().map(|v| v.get_name().to_string());
    let memory = gradus::tensor::memory::stats();
    println!(
        "{{\"runner\":\"gradus\",\"version\":\"{}\",\"workload\":\"{}\",\"threads\":{},\
         \"batch\":{batch},{figures},\"pool_peak_bytes\":{},\"pool_requests\":{},\
         \"base_bytes\":{base},\"peak_bytes\":{}}}",
        env!("CARGO_PKG_VERSION"),
        name.unwrap_or_default(),
        gradus::tensor::threads::count(),
        memory.peak,
        memory.system_requests,
        memory_bytes("VmHWM:"),
    );
    Ok(())
}
