//! English to Chinese: a Transformer reads a sentence and writes another.
//!
//! ```text
//! cargo run --release --example translate -- --data tatoeba-en-zh.tsv     # learn
//! cargo run --release --example translate -- say "Where is the station?"  # ask
//! ```
//!
//! In training the decoder sees the right beginning and says what comes next, at all places at once; to translate it sees
//! what it wrote itself, and beam search looks for the likeliest sentence. BLEU says how many runs of one to four
//! characters of what it writes stand in a translation of the file.

mod data;
mod net;
mod picture;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use gradus::data::EncodedPairs;
use gradus::data::samplers::BucketSampler;
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::serialize::load;
use gradus::train::RunFolder;
use gradus::train::metrics::{Bleu, BleuTokenizer, Metric};

use data::{Data, Languages, pairs};

#[derive(Parser)]
#[command(name = "translate", about = "A Transformer that translates English into Chinese")]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// A file with an English sentence, a TAB and a Chinese one in each line, in UTF-8
    #[arg(long, default_value = "tatoeba-en-zh.tsv")]
    data: String,
    /// Times that training goes through the pairs
    #[arg(long, default_value_t = 15)]
    epochs: u64,
    /// Folder for history, curves, checkpoints and both vocabularies
    #[arg(long, default_value = "runs/translate", global = true)]
    out: String,
    /// Seed of everything random but which sentences are the test
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Translate a sentence with the best network in the output folder
    Say {
        text: String,
        /// A file for a picture of what it looked at, in SVG
        #[arg(long)]
        picture: Option<PathBuf>,
    },
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("translate: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    let Some(Command::Say { text, picture }) = &options.command else { return learn(options) };
    let folder = Path::new(&options.out);
    let languages = Languages::open(folder)?;
    let mut net = net::net(&languages, &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("best.ckpt"))?.model)?;
    println!("{}", net::say(&net, &languages, text)?);
    if let Some(path) = picture {
        picture::draw(&net, &languages, text, path)?;
    }
    Ok(())
}

fn learn(Options { data, epochs, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    let Data { train, test } = Data::open(data)?;
    let (train, tests) = (pairs(&train), pairs(&test));
    let languages = Languages::learn(&train)?;
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    languages.save(folder.path())?;
    let encode = |pairs: &[_]| EncodedPairs::new(pairs, &languages.english, &languages.chinese);
    let (train, validation) = (encode(&train)?, encode(&tests)?);
    println!("{}", gradus::runtime_info());
    println!("{} pairs, {} more to test", train.len(), validation.len());

    let order = BucketSampler::new(&train.lengths(), 64, *seed)?;
    let train = DataLoader::new(train).batch_size(64).sampler(order);
    let validation = DataLoader::new(validation).batch_size(64);
    let net = net::net(&languages, &mut Rng::new(*seed))?;
    println!("{} parameters", net.count_params());
    let schedule = Warmup::new(400).then(Cosine::new(epochs * train.len() as u64));
    let optimizer = AdamW::new(1.5e-3).betas(0.9, 0.98).weight_decay(0.01).optimizer();
    let mut trainer = Trainer::new(net, optimizer.schedule(schedule), *seed)
        .epochs(*epochs)
        .clip_norm(1.0)
        .run_folder(folder)
        .show_progress("pairs");
    if *resume {
        trainer.resume_if_any(&train)?;
    }
    trainer.fit(&train, Some(&validation), net::step)?;

    let mut bleu = Bleu::new().tokenizer(BleuTokenizer::Zh);
    for (i, (text, translations)) in test.iter().enumerate() {
        let said = net::say(&trainer.model, &languages, text)?;
        // Some of them to look at.
        if i % test.len().div_ceil(8) == 0 {
            println!("{text}\n  {said}   ({})", translations.join(", "));
        }
        bleu.add((&[said], std::slice::from_ref(translations)))?;
    }
    println!("BLEU of {} sentences: {:.1}", test.len(), bleu.value());
    Ok(())
}
