//! Praise or blame? A network reads reviews, in Chinese or in English.
//!
//! ```text
//! cargo run --release --example reviews                                # learn, from 5,000 Chinese reviews
//! cargo run --release --example reviews -- --data blame.txt praise.txt # from texts of yours, one a line
//! cargo run --release --example reviews -- judge "这家酒店很干净，服务也好"
//! ```
//!
//! A text is cut into words by Unicode's rules, by which every Chinese character is a word; each word becomes a vector, and
//! windows of three, four and five words look for phrases that speak for one class or the other (`TextCnn`). Texts of
//! like length come in one batch, so that little is filled up. Of files, copies are left out before a fifth is kept for the test.
use std::path::Path;

use clap::{Parser, Subcommand};
use gradus::data::samplers::BucketSampler;
use gradus::data::text::{Form, Invalid, Normalizer, Tokenizer, Truncation, WordLevelTrainer};
use gradus::data::{EncodedTexts, LabelledTexts, Padded, Reviews};
use gradus::models::{TextClassifier, TextCnn};
use gradus::prelude::*;
use gradus::serialize::load;
use gradus::train::metrics::ConfusionMatrix;
use gradus::train::{Outcome, RunFolder};

#[derive(Parser)]
#[command(name = "reviews", about = "A network that tells praise from blame")]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Two files with a review a line, in UTF-8; without them Chinese reviews that are part of Gradus
    #[arg(long, num_args = 2, value_names = ["BLAME", "PRAISE"])]
    data: Vec<String>,
    /// Times that training goes through the reviews
    #[arg(long, default_value_t = 8)]
    epochs: u64,
    /// Folder for history, pictures, checkpoints and the words
    #[arg(long, default_value = "runs/reviews", global = true)]
    out: String,
    /// Seed of everything random but which reviews are the test
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Say what the network in the output folder thinks of a text
    Judge { text: String },
}

/// The test part of a file is the same whatever the seed is.
const SPLIT: u64 = 42;

fn net(words: usize, rng: &mut Rng) -> Result<TextCnn> {
    TextCnn::new(words, 2).dim(128).channels(100).dropout(0.5).init(rng)
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("reviews: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    match &options.command {
        None => learn(options),
        Some(Command::Judge { text }) => judge(text, Path::new(&options.out)),
    }
}

/// Texts to train on and to test with.
fn texts(data: &[String]) -> gradus::Result<[LabelledTexts; 2]> {
    let [blame, praise] = data else {
        let Reviews { train, test } = Reviews::load()?;
        return Ok([train, test]);
    };
    let all = LabelledTexts::from_lines([("blame", blame), ("praise", praise)], Invalid::Refuse)?;
    Ok(all.without_duplicates().stratified(0.8, SPLIT)?)
}

fn learn(Options { data, epochs, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    let [train, test] = texts(data)?;
    // Wide letters and digits become plain ones, capitals small ones.
    let same = Normalizer::Sequence(vec![Normalizer::Form(Form::Nfkc), Normalizer::Lowercase]);
    let trainer = WordLevelTrainer::words(20_000).min_count(2).unknown("<unknown>");
    let words = trainer.normalizer(same).train(train.texts())?.truncation(Truncation::new(300));
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    words.save(folder.file("tokenizer.json"))?;

    let (train, test) = (EncodedTexts::new(&train, &words)?, EncodedTexts::new(&test, &words)?);
    println!("{}", gradus::runtime_info());
    println!("{} reviews, {} more to test; {} words", train.len(), test.len(), words.vocab_size());
    let order = BucketSampler::new(&train.lengths(), 32, *seed)?;
    let train = DataLoader::new(train).batch_size(32).sampler(order);
    let test = DataLoader::new(test).batch_size(100);
    let net = net(words.vocab_size(), &mut Rng::new(*seed))?;
    let mut trainer = Trainer::new(net, AdamW::new(1e-3).weight_decay(0.01).optimizer(), *seed)
        .epochs(*epochs)
        .run_folder(folder.clone())
        .show_progress("reviews");
    if *resume {
        trainer.resume_if_any(&train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (texts, labels), cx| {
        Step::classification(&scores(net, texts, cx)?, labels)
    })?;
    if outcome == Outcome::Finished {
        let mut matrix = ConfusionMatrix::with_names(Reviews::CLASS_NAMES)?;
        for batch in test.iter() {
            let (texts, labels) = batch?;
            let scores = no_grad(|| scores(&trainer.model, &texts, &mut Context::eval()))?;
            matrix.add_logits(scores.value(), &labels)?;
        }
        println!("\n{matrix}\n\n{:.2} % of {} right", 100.0 * matrix.accuracy()?, matrix.total());
        folder.write_confusion(&matrix)?;
    }
    Ok(())
}

fn scores(net: &TextCnn, texts: &Padded<Tensor<i64>>, cx: &mut Context) -> Result<Var> {
    net.forward(&texts.values, Some(&texts.lengths), cx)
}

fn judge(text: &str, folder: &Path) -> gradus::Result<()> {
    let words = Tokenizer::open(folder.join("tokenizer.json"))?;
    let mut net = net(words.vocab_size(), &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("last.ckpt"))?.model)?;
    let texts = LabelledTexts::new(vec![(text.into(), 0)], ["unknown"])?;
    let (texts, _) = EncodedTexts::new(&texts, &words)?.get_batch(&[0], 0)?;
    let p = no_grad(|| scores(&net, &texts, &mut Context::eval()))?.softmax(1)?;
    for (name, p) in Reviews::CLASS_NAMES.into_iter().zip(p.value().to_vec()) {
        println!("{name:>6} {:5.1} %", 100.0 * p);
    }
    Ok(())
}
