//! What turns a piece of sound into words with their times: letters by CTC, or Whisper.

use gradus::data::audio::{LogMel, SphinxMfcc};
use gradus::data::text::Tokenizer;
use gradus::models::Whisper;
use gradus::models::decode::{TimedWord, timed_words};
use gradus::prelude::*;
use gradus::serialize::safetensors;
use gradus::train::Error;
use gradus_examples::letters::{Decoder, Recogniser};

use super::{Options, RATE};

/// Hears the words of a piece of sound at 16 kHz.
pub enum Ear {
    /// The network of a run of `spelled`, with its language model.
    Letters(Box<Recogniser>, Decoder, SphinxMfcc),
    /// Trained weights, and what their tokens mean.
    Whisper(Box<Whisper>, Box<Tokenizer>, LogMel),
}

/// Whisper's tokens: the start of a text, its end, and the time 0; 0.02 s more for each token after that.
const START: i64 = 50_257;
const END: i64 = 50_256;
const TIME: i64 = 50_363;

impl Ear {
    pub fn new(options: &Options) -> gradus::Result<Self> {
        if let Some(weights) = &options.whisper {
            let tokens = options.tokens.as_ref();
            let tokens = tokens.ok_or_else(|| Error::other("--whisper wants --tokens, too"))?;
            let mut net: Whisper = Whisper::new(51_864).init(&mut Rng::new(0))?;
            net.load(safetensors::read(weights)?.tensors)?;
            let words = Tokenizer::open_tiktoken(tokens, [("<|endoftext|>", 50_256)])?;
            return Ok(Self::Whisper(Box::new(net), Box::new(words), LogMel::whisper(80)?));
        }
        let lm = options.lm.clone().unwrap_or_else(|| options.run.join("words.arpa"));
        let recogniser = Box::new(Recogniser::load(&options.run)?);
        Ok(Self::Letters(recogniser, Decoder::with(lm)?, SphinxMfcc::new()?))
    }

    /// Words (of Whisper: phrases) and their times from the start of the piece.
    pub fn words(&self, sound: &[f32]) -> gradus::Result<Vec<TimedWord>> {
        match self {
            Self::Letters(recogniser, decoder, front) => {
                let cepstra = front.apply(sound)?;
                if cepstra.frames() == 0 {
                    return Ok(Vec::new());
                }
                let log_p = recogniser.hear(&cepstra)?;
                let text = decoder.text(&log_p, &recogniser.alphabet)?;
                Ok(timed_words(&log_p, &text, &recogniser.alphabet, recogniser.step())?)
            }
            Self::Whisper(net, words, log_mel) => {
                let mut filled = sound.to_vec();
                filled.resize(LogMel::WHISPER_SAMPLES, 0.0);
                let frames = log_mel.apply(&filled)?.to_tensor()?.unsqueeze(0)?.into();
                let mut tokens = net.transcribe(&frames, &[START, TIME], END, 220)?;
                // Where no time ends the text, the sound does.
                tokens.push(TIME + (sound.len() * 50 / RATE) as i64);
                let (mut phrases, mut ids, mut start) = (Vec::new(), Vec::new(), 0.0);
                for token in tokens {
                    if token < TIME {
                        ids.push(u32::try_from(token).map_err(Error::other)?);
                        continue;
                    }
                    let end = (token - TIME) as f64 * 0.02;
                    let word = words.decode(&ids)?.trim().to_string();
                    let end = end.min(sound.len() as f64 / RATE as f64);
                    // It says [BLANK_AUDIO] and the like of what is no speech.
                    if !word.is_empty() && !word.starts_with('[') && start < end {
                        phrases.push(TimedWord { word, start, end, log_probability: 0.0 });
                    }
                    ids.clear();
                    start = end;
                }
                Ok(phrases)
            }
        }
    }
}
