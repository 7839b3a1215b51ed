//! Both halves of a workload, timed.

use gradus::optim::{Optimizer, Rule};
use gradus::prelude::*;
use gradus_benches::clock::time;

use crate::net::{Batch, Net, infer, train_step};
use crate::{Mode, Options};

/// Times the steps, and gives the figures as fields of JSON.
pub fn run<N: Net, R: Rule>(
    mut net: N,
    data: &Batch<N::Input>,
    mut optimizer: Optimizer<R>,
    options: &Options,
) -> gradus::Result<String> {
    let mut figures = Vec::new();
    if options.mode != Mode::Infer {
        let mut cx = Context::train(0);
        let mut loss = f32::NAN;
        let timed = time(options.seconds, || {
            loss = train_step(&mut net, data, &mut optimizer, &mut cx)?;
            Ok(())
        })?;
        figures.push(format!(
            "\"train_ms\":{:.5},\"train_ms_min\":{:.5},\"steps\":{},\"faults_per_step\":{:.2},\
             \"loss\":{loss}",
            timed.median * 1e3,
            timed.least * 1e3,
            timed.steps,
            timed.faults,
        ));
    }
    if options.mode != Mode::Train {
        let mut cx = Context::eval();
        let timed = time(options.seconds / 3.0, || {
            infer(&net, data, &mut cx)?;
            Ok(())
        })?;
        figures.push(format!("\"infer_us\":{:.3}", timed.median * 1e6));
    }
    Ok(figures.join(","))
}
