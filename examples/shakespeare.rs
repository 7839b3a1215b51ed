//! A network that learns to write like Shakespeare, character by character.
//!
//! ```text
//! cargo run --release --example shakespeare                                # learn, from three plays
//! cargo run --release --example shakespeare -- --data tiny-shakespeare.txt # from a text of yours
//! cargo run --release --example shakespeare -- write "ROMEO:"              # write, with what was learned
//! ```
//!
//! A small GPT sees up to 64 characters and says how likely each character is to come next; the loss is how much the
//! one that came surprised it, in nats. A model that knows nothing of 65 characters is at ln 65 = 4.17. The last
//! tenth of the text is never trained on. After every epoch the network writes, and one can watch it discover words,
//! then lines, then who speaks.
use std::io::Write as _;
use std::path::Path;

use clap::{Parser, Subcommand};
use gradus::data::text::{Invalid, Tokenizer, WordLevelTrainer};
use gradus::data::{Plays, TokenWindows, read_text};
use gradus::models::Gpt;
use gradus::models::generate::{Sampling, TextStream};
use gradus::optim::{Cosine, Warmup};
use gradus::prelude::*;
use gradus::serialize::load;
use gradus::train::RunFolder;
use gradus::train::metrics::{Metric, Perplexity};

#[derive(Parser)]
#[command(name = "shakespeare", about = "A network that learns to write like Shakespeare")]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// A text to learn from, in UTF-8; without it Hamlet, Macbeth, and Romeo and Juliet
    #[arg(long)]
    data: Option<String>,
    /// Times that training goes through the text
    #[arg(long, default_value_t = 12)]
    epochs: u64,
    /// Folder for history, curves, checkpoints and the alphabet
    #[arg(long, default_value = "runs/shakespeare", global = true)]
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
    /// Write on from a prompt, with the best network in the output folder
    Write {
        prompt: String,
        /// How many characters
        #[arg(long, default_value_t = 500)]
        length: usize,
        /// Below 1 the text is more careful, above 1 bolder
        #[arg(long, default_value_t = 0.8)]
        temperature: f64,
    },
}

/// What the network sees.
const BLOCK: usize = 64;

fn net(alphabet: usize, rng: &mut Rng) -> Result<Gpt> {
    Gpt::new(alphabet, BLOCK).width(128).layers(4).heads(4).dropout(0.0).init(rng)
}

fn main() {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("shakespeare: {error}");
        std::process::exit(1);
    }
}

fn run(options: &Options) -> gradus::Result<()> {
    let Some(Command::Write { prompt, length, temperature }) = &options.command else {
        return learn(options);
    };
    let folder = Path::new(&options.out);
    let alphabet = Tokenizer::open(folder.join("tokenizer.json"))?;
    let mut net = net(alphabet.vocab_size(), &mut Rng::new(0))?;
    load(&mut net, &Checkpoint::load(folder.join("best.ckpt"))?.model)?;
    let sampling = Sampling::new().temperature(*temperature);
    print!("{prompt}");
    for piece in written(&net, &alphabet, prompt, sampling, options.seed)?.take(*length) {
        print!("{}", piece?);
        std::io::stdout().flush().map_err(gradus::data::Error::other)?;
    }
    println!();
    Ok(())
}

/// What the network writes, piece by piece.
fn written<'n>(
    net: &'n Gpt,
    alphabet: &'n Tokenizer,
    prompt: &str,
    sampling: Sampling,
    seed: u64,
) -> gradus::Result<impl Iterator<Item = gradus::Result<String>> + use<'n>> {
    let prompt = alphabet.ids(prompt)?;
    let tokens = net.write(&prompt[prompt.len().saturating_sub(BLOCK)..], sampling, seed)?;
    Ok(TextStream::new(tokens, |tokens: &[u32]| Ok(alphabet.decode_bytes(tokens)?)))
}

fn learn(Options { data, epochs, out, seed, resume, .. }: &Options) -> gradus::Result<()> {
    let text = match data {
        Some(file) => read_text(file, Invalid::Refuse)?,
        None => Plays::load()?.together(),
    };
    let alphabet = WordLevelTrainer::characters(10_000).train([&text])?;
    let tokens = alphabet.ids(&text)?;
    let (train, validation) = tokens.split_at(tokens.len() / 10 * 9);
    let train = TokenWindows::new(train, BLOCK)?.shifted(*seed);
    let train = DataLoader::new(train).batch_size(32).shuffle(*seed);
    let validation = DataLoader::new(TokenWindows::new(validation, BLOCK)?).batch_size(128);

    let kinds = alphabet.vocab_size();
    println!("{}\n{} characters of {kinds} kinds", gradus::runtime_info(), tokens.len());
    let folder = if *resume { RunFolder::create(out)? } else { RunFolder::create_new(out)? };
    alphabet.save(folder.file("tokenizer.json"))?;
    let steps = epochs * train.len() as u64;
    let optimizer = AdamW::new(2e-3).betas(0.9, 0.99).weight_decay(0.1).optimizer();
    let optimizer = optimizer.schedule(Warmup::new(100).then(Cosine::new(steps)));
    let first = alphabet.decode_all(&tokens[..1])?;
    let mut trainer = Trainer::new(net(kinds, &mut Rng::new(*seed))?, optimizer, *seed)
        .epochs(*epochs)
        .clip_norm(1.0)
        .run_folder(folder)
        .show_progress("windows")
        .on_epoch(move |event| {
            let sampling = Sampling::new().temperature(0.8);
            let text = written(event.model, &alphabet, &first, sampling, 1)?.take(200);
            event.log(text.collect::<gradus::Result<String>>()? + "\n");
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
