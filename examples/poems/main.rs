//! A network that writes quatrains: four lines of five characters, as the poets of the Tang did.
//!
//! ```text
//! cargo run --release --example poems -- --data tang_quatrains_5.txt   # learn
//! cargo run --release --example poems -- write                         # a poem
//! cargo run --release --example poems -- write 春夏秋冬                 # its lines begin with these
//! ```
//!
//! The file has a poem a line: `床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。` A GPT reads it character by character. The
//! form is kept by forbidding: where a sign of punctuation must stand all other characters get a logit of minus infinity,
//! elsewhere the signs do. What is left shares the probability, so that the network chooses the words and the form is certain.
mod form;

use std::path::Path;

use clap::{Parser, Subcommand};
use gradus::data::text::Tokenizer;
use gradus::models::Gpt;
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::serialize::load;
use gradus::train::RunFolder;
use gradus::train::metrics::{Metric, Perplexity};

use form::{LENGTH, poem, poems};

#[derive(Parser)]
#[command(name = "poems", about = "A network that writes quatrains of five-character lines")]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// A file with a quatrain a line, in UTF-8
    #[arg(long, default_value = "tang_quatrains_5.txt")]
    data: String,
    /// Times that training goes through the poems
    #[arg(long, default_value_t = 15)]
    epochs: u64,
    /// Folder for history, curves, checkpoints and the characters
    #[arg(long, default_value = "runs/poems", global = true)]
    out: String,
    /// Seed of everything random: the same seed gives the same bits
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// Go on from the last checkpoint in the output folder
    #[arg(long)]
    resume: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Write with the best network in the output folder
    Write {
        /// Up to four characters with which the lines begin
        #[arg(default_value = "")]
        heads: String,
    },
}

fn net(characters: usize, rng: &mut Rng) -> Result<Gpt> {
    Gpt::new(characters, 1 + LENGTH).width(128).layers(3).heads(4).dropout(0.3).init(rng)
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("poems: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    let Some(Command::Write { heads }) = &options.command else { return learn(options) };
    let folder = Path::new(&options.out);
    let characters = Tokenizer::open(folder.join("tokenizer.json"))?;
    let mut net = net(characters.vocab_size(), &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("best.ckpt"))?.model)?;
    println!("{}", poem(&net, &characters, heads, options.seed)?);
    Ok(())
}

fn learn(Options { data, epochs, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    let (characters, poems) = poems(data)?;
    let (train, validation) = poems.split(0.95, 42)?;
    println!("{}", gradus::runtime_info());
    println!("{} poems, {} characters", train.len() + validation.len(), characters.vocab_size());
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    characters.save(folder.file("tokenizer.json"))?;
    let train = DataLoader::new(train).batch_size(32).shuffle(*seed);
    let validation = DataLoader::new(validation).batch_size(64);
    let net = net(characters.vocab_size(), &mut Rng::new(*seed))?;
    let schedule = Warmup::new(100).then(Cosine::new(epochs * train.len() as u64));
    let optimizer = AdamW::new(1e-3).weight_decay(0.1).optimizer().schedule(schedule);
    let mut trainer = Trainer::new(net, optimizer, *seed)
        .epochs(*epochs)
        .clip_norm(1.0)
        .run_folder(folder)
        .show_progress("poems")
        .on_epoch(move |event| {
            let text = poem(event.model, &characters, "", event.epoch())?;
            event.log(text.replace('\n', ""));
            Ok(())
        });
    if *resume {
        trainer.resume_if_any(&train)?;
    }
    trainer.fit(&train, Some(&validation), |net, (tokens, next), cx| {
        let logits = net.forward(tokens, cx)?;
        let logits = logits.reshape([next.len(), logits.shape()[2]])?;
        let loss = cross_entropy(&logits, &next.reshape([next.len()])?)?;
        let perplexity = Perplexity::new().of((loss.item()?, next.len()))?;
        Ok(Step::new(loss, next.shape()[0]).with(perplexity))
    })?;
    Ok(())
}
