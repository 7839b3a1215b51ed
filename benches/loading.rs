//! How many images a second train the digits network while 0 to 4 workers make its batches:
//! `cargo run --release -p gradus-benches --bin loading`.
//!
//! Each image is made large, changed some times with operations on tensors that are large enough for several threads, and
//! made small again. So the workers and the training want the processors at the same time. Beside it stands what training
//! takes without the changes, and what the changes take without training.
//!
//! Two quiet processors (AMD EPYC, AVX-512): 10,800 images a second with 4 changes and 4,600 with 16 when the training thread
//! makes its batches itself, and as many, within 4 %, with two to four workers beside it. A worker computes on one
//! thread, so that a single one, which makes heavy changes, keeps a training waiting that has little to do. benches/RESULTS.md has
//! the table.

#[path = "../examples/digits/net.rs"]
mod net;

use std::time::Instant;

use gradus::data::{Digits, Map};
use gradus::prelude::*;
use gradus::tensor::threads;
use gradus_benches::clock::processor_seconds;
use net::Net;

/// Times as long and as wide as it was: 256 by 256 pixels are four pieces of work.
const LARGER: usize = 32;

/// A digit changed `times` times.
fn changed(image: &Tensor, times: usize) -> gradus::data::Result<Tensor> {
    let mut x = image
        .reshape([8, 1, 8, 1])?
        .expand([8, LARGER, 8, LARGER])?
        .reshape([8 * LARGER, 8 * LARGER])?;
    for _ in 0..times {
        x = x.exp().map(|x| x.min(2.0) - 1.0);
    }
    Ok(x.reshape([8, LARGER, 8, LARGER])?.mean_axes(&[1, 3], false)?.reshape([1, 8, 8])?)
}

fn loader(
    times: usize,
    workers: usize,
) -> gradus::Result<DataLoader<impl Dataset<Item = (Tensor, i64)>>> {
    let digits: Map<_, _> = Digits::load()?.map(1, move |(image, label), _| match times {
        0 => Ok((image, label)),
        times => Ok((changed(&image, times)?, label)),
    });
    Ok(DataLoader::new(digits).batch_size(64).shuffle(1).workers(workers))
}

/// Images a second, the median of some epochs after one that does not count; and microseconds of processor time for an
/// image.
fn measure(
    loader: &DataLoader<impl Dataset<Item = (Tensor, i64)>>,
    train: bool,
) -> gradus::Result<(f64, f64)> {
    let mut net = Net::new([8, 8], 10, &mut Rng::new(1))?;
    let (mut rule, mut cx) = (Adam::new(1e-3).optimizer(), Context::train(1));
    let (mut rates, mut processors, mut all) = (Vec::new(), 0.0, 0);
    for epoch in 0..4 {
        if epoch == 1 {
            processors = processor_seconds();
        }
        let (clock, mut images) = (Instant::now(), 0);
        for batch in loader {
            let (x, labels) = batch?;
            images += labels.len();
            if train {
                let loss = cross_entropy(&net.forward(&x, &mut cx)?, &labels)?;
                rule.step(&mut net, &loss.backward()?)?;
            }
        }
        if epoch > 0 {
            rates.push(images as f64 / clock.elapsed().as_secs_f64());
            all += images;
        }
    }
    rates.sort_by(f64::total_cmp);
    Ok((rates[rates.len() / 2], 1e6 * (processor_seconds() - processors) / all as f64))
}

fn main() -> gradus::Result<()> {
    println!("{}, {} threads", gradus::runtime_info(), threads::count());
    println!("Images a second, and processor time for an image in µs.\n");
    println!("| changes | workers | trained | µs | changed alone | µs |");
    println!("|---:|---:|---:|---:|---:|---:|");
    let (rate, cost) = measure(&loader(0, 0)?, true)?;
    println!("| 0 | 0 | {rate:.0} | {cost:.0} | | |");
    for times in [4, 16] {
        for workers in 0..=4 {
            let loader = loader(times, workers)?;
            let [trained, alone] = [measure(&loader, true)?, measure(&loader, false)?];
            let [(trained, with), (alone, without)] = [trained, alone];
            println!(
                "| {times} | {workers} | {trained:.0} | {with:.0} | {alone:.0} | {without:.0} |"
            );
        }
    }
    Ok(())
}
