//! The network, what it learns from a batch, and how it translates.

use gradus::data::Padded;
use gradus::models::{Transformer, generate::BeamSearch};
use gradus::nn::CrossEntropy;
use gradus::prelude::*;
use gradus::train::metrics::{Metric, Perplexity};

use super::data::Languages;

pub fn net(Languages { english, chinese }: &Languages, rng: &mut Rng) -> Result<Transformer> {
    let net = Transformer::new(english.vocab_size(), chinese.vocab_size());
    net.width(128).layers(3).heads(4).hidden(512).dropout(0.2).init(rng)
}

/// At every place of a translation: what comes next?
pub fn step(
    net: &Transformer,
    (read, write): &(Padded<Tensor<i64>>, Padded<Tensor<i64>>),
    cx: &mut Context,
) -> gradus::Result<Step> {
    let last = write.values.shape()[1] - 1;
    let before = write.values.slice(1, ..last)?;
    let logits = net.forward(&read.values, Some(&read.mask), &before, cx)?;
    let logits = logits.reshape([before.len(), logits.shape()[2]])?;
    // What was filled up is left out of the loss.
    let next = write.values.slice(1, 1..)?.to_vec().into_iter();
    let next = next.zip(write.mask.slice(1, 1..)?.to_vec());
    let next: Vec<i64> = next.map(|(token, there)| if there { token } else { -100 }).collect();
    let smoothing = if cx.is_training() { 0.1 } else { 0.0 };
    let loss = CrossEntropy::new().label_smoothing(smoothing);
    let loss = loss.forward(&logits, &Tensor::vector(next))?;
    let tokens = write.lengths.iter().map(|length| length - 1).sum::<usize>();
    let perplexity = Perplexity::new().of((loss.item()?, tokens))?;
    Ok(Step::new(loss, tokens).with(perplexity))
}

/// The likeliest tokens that a search with four beams finds.
pub fn best(net: &Transformer, source: &[u32]) -> gradus::Result<Vec<u32>> {
    let search = BeamSearch::new(50).beams(4).end(Languages::END);
    Ok(net.search(source, Languages::START, search)?.swap_remove(0).tokens)
}

/// A translation.
pub fn say(net: &Transformer, languages: &Languages, text: &str) -> gradus::Result<String> {
    let tokens = best(net, &languages.english.encode(text)?.ids)?;
    Ok(languages.chinese.decode(&tokens)?.replace(' ', ""))
}
