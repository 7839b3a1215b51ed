//! Spam among short messages: a network that finds it, and says by which words.
//!
//! ```text
//! cargo run --release --example spam -- --data sms-spam.tsv         # learn
//! cargo run --release --example spam -- check "You won a prize!"    # ask
//! ```
//!
//! The file has a message a line: `ham` or `spam`, a TAB, the text. One message in seven is spam, so that who always
//! says "ham" is right six times in seven; what counts is F1 of spam, the harmonic mean of how much of what was called
//! spam is spam and how much of the spam was found. A message is read character by character, since numbers, capitals and odd
//! spellings tell much; runs of three, five and seven are looked for. Spam is sent more than once: `--once` leaves copies out
//! before the test part is taken. (Data: Almeida, Gómez Hidalgo and Yamakami, *SMS Spam Collection*, 2011, CC BY 4.0.)
use std::ops::Range;
use std::path::Path;

use clap::{Parser, Subcommand};
use gradus::data::samplers::BucketSampler;
use gradus::data::text::{Invalid, Tokenizer, Truncation, WordLevelTrainer};
use gradus::data::{EncodedTexts, LabelledTexts, Padded};
use gradus::models::{TextClassifier, TextCnn};
use gradus::optim::Cosine;
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
    #[arg(long, default_value_t = 15)]
    epochs: u64,
    /// Leave out copies of messages
    #[arg(long)]
    once: bool,
    /// Folder for history, pictures, checkpoints, characters
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

/// The test part is the same whatever the seed is.
const SPLIT: u64 = 42;

fn net(characters: usize, rng: &mut Rng) -> Result<TextCnn> {
    TextCnn::new(characters, 2).dim(64).windows(vec![3, 5, 7]).init(rng)
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("spam: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    let Some(Command::Check { text }) = &options.command else { return learn(options) };
    check(text, Path::new(&options.out))
}

fn learn(Options { data, epochs, once, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    let all = LabelledTexts::from_tsv(data, Invalid::Refuse)?;
    let all = if *once { all.without_duplicates() } else { all };
    let [train, test] = all.stratified(0.8, SPLIT)?;
    let trainer = WordLevelTrainer::characters(1000).min_count(2).unknown("<unknown>");
    let characters = trainer.train(train.texts())?.truncation(Truncation::new(500));
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    characters.save(folder.file("tokenizer.json"))?;
    let [train, test] = [&train, &test].map(|texts| EncodedTexts::new(texts, &characters));
    let (train, test) = (train?, test?);
    println!("{} messages, {} more to test", train.len(), test.len());
    let order = BucketSampler::new(&train.lengths(), 32, *seed)?;
    let train = DataLoader::new(train).batch_size(32).sampler(order);
    let test = DataLoader::new(test).batch_size(100);
    let net = net(characters.vocab_size(), &mut Rng::new(*seed))?;
    let schedule = Cosine::new(epochs * train.len() as u64);
    let optimizer = AdamW::new(1.5e-3).weight_decay(0.01).optimizer().schedule(schedule);
    let mut trainer = Trainer::new(net, optimizer, *seed)
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

/// Integrated gradients share the score for spam out among the characters of a text; a word has the sum of its own.
fn check(text: &str, folder: &Path) -> gradus::Result<()> {
    let characters = Tokenizer::open(folder.join("tokenizer.json"))?;
    let mut net = net(characters.vocab_size(), &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("last.ckpt"))?.model)?;
    let encoding = characters.encode(text)?;
    let ids: Vec<i64> = encoding.ids.iter().map(|&id| i64::from(id)).collect();
    let (count, ids) = (ids.len(), Tensor::vector(ids));
    let scores = no_grad(|| net.forward(&ids.reshape([1, count])?, None, &mut Context::eval()))?;
    println!("spam: {:.1} %", 100.0 * scores.softmax(1)?.value().get([0, 1])?);

    let vectors = net.embedding.forward(&ids.reshape([1, count])?, &mut Context::eval())?;
    let (zeros, spam) = (Tensor::scalar(0.0), Tensor::vector([1]));
    let found = integrated_gradients(vectors.value(), &zeros, &spam, 50, |x| {
        Ok(net.forward_vectors(x, None, &mut Context::eval())?)
    })?;
    let shares = found.summed(2)?.to_vec();
    for word in text[..encoding.offsets[count - 1].end].split_whitespace() {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        let within = |place: &Range<usize>| (start..start + word.len()).contains(&place.start);
        let shares = shares.iter().zip(&encoding.offsets).filter(|(_, place)| within(place));
        let share: f32 = shares.map(|(share, _)| share).sum();
        let bar = if share > 0.0 { "+" } else { "-" }.repeat((share.abs() * 10.0) as usize);
        println!("{share:7.2}  {word:16} {bar}");
    }
    Ok(())
}
