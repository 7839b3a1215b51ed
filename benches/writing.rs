//! How many tokens a second GPT writes, with its cache: `cargo run --release -p gradus-benches --bin writing`.
//!
//! Random weights of the size of GPT-2 and of the model of the example `shakespeare`; greedy, one sequence. Beside it
//! `benches/peers/text.py writing` runs the same models in transformers.

use std::time::Instant;

use gradus::models::Gpt;
use gradus::models::generate::Sampling;
use gradus::tensor::Rng;

fn main() -> gradus::Result<()> {
    let small = Gpt::new(65, 256).width(128).layers(4).heads(4);
    let gpt2 = Gpt::new(50257, 1024);
    for (name, settings, count) in [("128 wide, 4 layers", small, 200), ("gpt2", gpt2, 50)] {
        let net: Gpt = settings.init(&mut Rng::new(0))?;
        let prompt: Vec<u32> = (0..16).collect();
        let mut rates = Vec::new();
        for _ in 0..4 {
            let mut writer = net.write(&prompt, Sampling::greedy(), 0)?;
            // The prompt is read with the first token.
            writer.next().transpose()?;
            let clock = Instant::now();
            for token in writer.take(count) {
                token?;
            }
            rates.push(count as f64 / clock.elapsed().as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        println!("{name}: {:.0} tokens a second, best of 4 {:.0}", rates[1], rates[3]);
    }
    Ok(())
}
