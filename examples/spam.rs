//! Spam among short messages: a network that finds it, and says by which words.
//!
//! ```text
//! cargo run --release --example spam -- --data sms-spam.tsv         # learn
//! cargo run --release --example spam -- check "You won a prize!"    # ask
//! ```
//!
//! The file has a message a line: `ham` or `spam`, a TAB, the text. One message in seven is spam, so that who always
//! says "ham" is right six times in seven; what counts is F1 of spam, the harmonic mean of how much of what was called
//! spam is spam and how much of the spam was found. A message becomes the words in it, each a vector; phrases of three to
//! five of them are looked for. (Data: Almeida, Gómez Hidalgo and Yamakami, *SMS Spam Collection*, UCI, 2011, CC BY 4.0.)
use std::path::Path;

use clap::{Parser, Subcommand};
use gradus::autograd::with_replaced;
use gradus::data::samplers::BucketSampler;
use gradus::data::text::{Invalid, Normalizer, Tokenizer, Truncation, WordLevelTrainer};
use gradus::data::{EncodedTexts, LabelledTexts, Padded};
use gradus::models::TextCnn;
use gradus::prelude::*;
use gradus::serialize::load;
use gradus::train::explain::integrated_gradients;
use gradus::train::metrics::{Average, ConfusionMatrix, F1, Metric};
use gradus::train::{Outcome, RunFolder};

#[derive(Parser)]
#[command(name = "spam", about = "A network that finds spam, and says by which words")]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// A file with "ham" or "spam", a TAB and the message in each line, such as the SMS Spam Collection of UCI
    #[arg(long, default_value = "sms-spam.tsv")]
    data: String,
    /// Times that training goes through the messages
    #[arg(long, default_value_t = 10)]
    epochs: u64,
    /// Folder for history, pictures, checkpoints and the words
    #[arg(long, default_value = "runs/spam", global = true)]
    out: String,
    /// Seed of everything random but which messages are the test
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Say whether a message is spam, and what each word has to do with it
    Check { text: String },
}

/// The test part of a file is the same whatever the seed is.
const SPLIT: u64 = 42;

/// How many numbers a word has.
const DIM: usize = 64;

fn net(words: usize, rng: &mut Rng) -> Result<TextCnn> {
    TextCnn::new(words, 2).dim(DIM).channels(50).dropout(0.5).init(rng)
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("spam: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    match &options.command {
        None => learn(options),
        Some(Command::Check { text }) => check(text, Path::new(&options.out)),
    }
}

fn learn(Options { data, epochs, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    // A message that stands there twice would be in both parts.
    let all = LabelledTexts::from_tsv(data, Invalid::Refuse)?.without_duplicates();
    let [train, test] = all.stratified(0.8, SPLIT)?;
    let trainer = WordLevelTrainer::words(10_000).min_count(2).unknown("<unknown>");
    let words = trainer.normalizer(Normalizer::Lowercase).train(train.texts())?;
    let words = words.truncation(Truncation::new(200));
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    words.save(folder.file("tokenizer.json"))?;

    let (train, test) = (EncodedTexts::new(&train, &words)?, EncodedTexts::new(&test, &words)?);
    println!("{}", gradus::runtime_info());
    println!("{} messages, {} more to test; {} words", train.len(), test.len(), words.vocab_size());
    let order = BucketSampler::new(&train.lengths(), 32, *seed)?;
    let train = DataLoader::new(train).batch_size(32).sampler(order);
    let test = DataLoader::new(test).batch_size(100);
    let net = net(words.vocab_size(), &mut Rng::new(*seed))?;
    let mut trainer = Trainer::new(net, AdamW::new(1e-3).weight_decay(0.01).optimizer(), *seed)
        .epochs(*epochs)
        .run_folder(folder.clone())
        .show_progress("messages");
    if *resume {
        trainer.resume_if_any(&train)?;
    }
    let outcome = trainer.fit(&train, Some(&test), |net, (texts, labels), cx| {
        let scores = scores(net, texts, cx)?;
        let f1 = F1::new(2, Average::Class(1))?.of((scores.value(), labels))?;
        Ok(Step::classification(&scores, labels)?.with(f1))
    })?;
    if outcome == Outcome::Finished {
        let mut matrix = ConfusionMatrix::with_names(all.class_names().to_vec())?;
        for batch in test.iter() {
            let (texts, labels) = batch?;
            let scores = no_grad(|| scores(&trainer.model, &texts, &mut Context::eval()))?;
            matrix.add_logits(scores.value(), &labels)?;
        }
        println!("\n{matrix}\n\n{}", matrix.report()?);
        folder.write_confusion(&matrix)?;
    }
    Ok(())
}

fn scores(net: &TextCnn, texts: &Padded<Tensor<i64>>, cx: &mut Context) -> Result<Var> {
    net.forward(&texts.values, Some(&texts.lengths), cx)
}

/// Integrated gradients share the score for spam out among the words: what each adds to that of a text of zeros.
fn check(text: &str, folder: &Path) -> gradus::Result<()> {
    let words = Tokenizer::open(folder.join("tokenizer.json"))?;
    let mut net = net(words.vocab_size(), &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("last.ckpt"))?.model)?;
    let encoding = words.encode(text)?;
    let ids: Vec<i64> = encoding.ids.iter().map(|&id| i64::from(id)).collect();
    let (count, ids) = (ids.len(), Tensor::vector(ids));
    let scores = no_grad(|| net.forward(&ids.reshape([1, count])?, None, &mut Context::eval()))?;
    println!("spam: {:.1} %", 100.0 * scores.softmax(1)?.value().get([0, 1])?);

    // The table of words is replaced by the vectors of these, and each word by its place in it.
    let vectors = net.embedding.weight.value().select(0, &ids)?.reshape([1, count, DIM])?;
    let places = Tensor::arange(count).reshape([1, count])?;
    let (zeros, spam) = (Tensor::scalar(0.0), Tensor::vector([1]));
    let found = integrated_gradients(&vectors, &zeros, &spam, 50, |x| {
        let table = [(net.embedding.weight.id(), x.reshape([count, DIM])?)];
        Ok(with_replaced(table, || net.forward(&places, None, &mut Context::eval()))?)
    })?;
    for (share, place) in found.summed(2)?.to_vec().into_iter().zip(encoding.offsets) {
        let bar = if share > 0.0 { "+" } else { "-" }.repeat((share.abs() * 10.0) as usize);
        println!("{share:7.2}  {:16} {bar}", &text[place]);
    }
    Ok(())
}
