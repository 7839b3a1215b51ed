//! What hears letters: shared by the programs `spelled`, which trains it, and `listen`, which uses it.

use std::path::Path;

use gradus::data::audio::{Cmvn, Features, SphinxMfcc};
use gradus::models::BiLstmCtc;
use gradus::models::decode::{Alphabet, BeamSearch, NGram, WordPrior, greedy};
use gradus::prelude::*;
use gradus::train::{Config, Error, Value};

/// A network and the letters that it says.
pub struct Recogniser {
    /// What hears them.
    pub net: BiLstmCtc,
    /// Its classes.
    pub alphabet: Alphabet,
    hidden: usize,
}

impl Recogniser {
    /// A new one, that knows nothing, with so many units in each direction of each layer.
    ///
    /// # Errors
    /// If there are no units.
    pub fn new(alphabet: Alphabet, hidden: usize, rng: &mut Rng) -> gradus::Result<Self> {
        let net = BiLstmCtc::new(SphinxMfcc::SIZE, alphabet.classes());
        Ok(Self { net: net.hidden(hidden).stride(2).init(rng)?, alphabet, hidden })
    }

    /// From the folder of a run of `spelled`.
    ///
    /// # Errors
    /// If it holds no such run.
    pub fn load(folder: &Path) -> gradus::Result<Self> {
        let about = folder.join("config.toml");
        let config = Config::read(&about)?;
        let (Some(Value::Text(letters)), Some(Value::Integer(hidden))) =
            (config.get("letters"), config.get("hidden"))
        else {
            let message = "no letters in it: a run of `spelled` has some";
            return Err(Error::other(format!("{}: {message}", about.display())));
        };
        let hidden = usize::try_from(*hidden).map_err(Error::other)?;
        let mut new = Self::new(Alphabet::new(letters)?, hidden, &mut Rng::new(0))?;
        let weights = Checkpoint::load(folder.join("last.ckpt"))?.model;
        gradus::serialize::load(&mut new.net, &weights)?;
        Ok(new)
    }

    /// What is to be written down, so that `load` finds it.
    pub fn config(&self) -> Config {
        let letters: String = self.alphabet.characters().iter().collect();
        Config::new().set("letters", letters).set("hidden", self.hidden)
    }

    /// Seconds from a frame of the network to the next.
    pub fn step(&self) -> f64 {
        SphinxMfcc::STEP * self.net.stride() as f64
    }

    /// The logarithms of the probabilities of the letters in each frame of one recording.
    ///
    /// # Errors
    /// If there is no frame.
    pub fn hear(&self, cepstra: &Features) -> gradus::Result<Tensor> {
        let frames = normal(cepstra)?.to_tensor()?.unsqueeze(0)?.into();
        let (log_p, _) = no_grad(|| self.net.forward(&frames, None, &mut Context::eval()))?;
        Ok(log_p.value().squeeze(1)?)
    }
}

/// Cepstra of which each has mean 0 and deviation 1: no matter which microphone it was.
///
/// # Errors
/// None; a recording without frames stays one.
pub fn normal(cepstra: &Features) -> gradus::data::Result<Features> {
    let mut cepstra = cepstra.clone();
    Cmvn::of(&cepstra)?.apply(&mut cepstra)?;
    Ok(cepstra)
}

/// How the letters of frames become a text.
pub enum Decoder {
    /// The best letter of each frame.
    Greedy,
    /// The text with the most paths.
    Beam,
    /// The same, in view of which words follow each other.
    Model(NGram),
}

impl Decoder {
    /// With a language model from a file, or that which was trained with the network.
    ///
    /// # Errors
    /// If it is no model.
    pub fn with(file: impl AsRef<Path>) -> gradus::Result<Self> {
        Ok(Self::Model(NGram::read(file)?))
    }

    /// The text of `[frames, classes]`.
    ///
    /// # Errors
    /// If there are other classes than letters, or the words of the model have other letters.
    pub fn text(&self, log_p: &Tensor, alphabet: &Alphabet) -> gradus::Result<String> {
        let search = BeamSearch::new().width(32).cutoff(1e-4);
        let labels = match self {
            Self::Greedy => greedy(log_p, 0)?.labels,
            Self::Beam => search.best(log_p, &())?,
            Self::Model(model) => {
                let prior = WordPrior::new(model, alphabet)?.weights(0.7, 1.0);
                search.best(log_p, &prior)?
            }
        };
        Ok(alphabet.text(&labels).trim().into())
    }
}
