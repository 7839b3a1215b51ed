//! Recordings and what is said in them, as the network takes them.

use std::path::Path;

use gradus::data::audio::augment::SpecAugment;
use gradus::data::audio::{Features, SphinxMfcc, Transcripts};
use gradus::data::samplers::BucketSampler;
use gradus::data::{Error, Result, Sequence};
use gradus::prelude::{DataLoader, Dataset};
use gradus_examples::letters::normal;

pub const FETCH: &str = "no recordings: give a folder with --data.\n\
    AN4 (64 MB): http://www.speech.cs.cmu.edu/databases/an4/an4_sphere.tar.gz, its files made WAV by sox;\n  \
    or as cepstra (5 MB), from the CMU Sphinx project: folders `etc` and `feat`\n\
    Your own: a NAME.txt with the text beside each NAME.wav, or metadata.csv with lines ID|TEXT and wavs/ID.wav";

/// The normalised cepstra of a recording, and its text.
type Said = (Features, String);

/// Recordings in memory, as cepstra and text.
struct Heard(Vec<Said>);

impl Dataset for Heard {
    type Item = Said;
    fn len(&self) -> usize {
        self.0.len()
    }
    fn get(&self, index: usize) -> Result<Said> {
        Ok(self.0[index].clone())
    }
}

/// What a loader gives: frames that are padded, and texts.
type Items = (Sequence<f32>, String);

/// The recordings of a folder: to train, and to test.
pub fn recordings(dir: &Path) -> Result<(Vec<Said>, Vec<Said>)> {
    let front = SphinxMfcc::new()?;
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for utterance in Transcripts::open(dir)?.utterances {
        let features = normal(&utterance.cepstra(&front)?)?;
        // Each letter needs a frame of the network, and a blank to be told from a like one before it.
        let letters: Vec<char> = utterance.text.chars().collect();
        let needed = letters.len() + letters.windows(2).filter(|two| two[0] == two[1]).count();
        if features.frames().div_ceil(2) < needed.max(1) {
            let got = format!("{} of {} frames", utterance.path.display(), features.frames());
            let wanted = format!("{} or more for its text {:?}", 2 * needed.max(1), utterance.text);
            return Err(Error::value("recordings", got, wanted));
        }
        let part = if utterance.test { &mut test } else { &mut train };
        part.push((features, utterance.text));
    }
    Ok((train, test))
}

/// Batches of recordings of like length, changed a little each time.
pub fn trained_with(
    train: Vec<Said>,
    size: usize,
    seed: u64,
) -> Result<DataLoader<impl Dataset<Item = Items>>> {
    let lengths: Vec<usize> = train.iter().map(|(features, _)| features.frames()).collect();
    let sampler = BucketSampler::new(&lengths, size, seed)?.stretch(10)?;
    let train = Heard(train).map(seed, |(features, text), rng| {
        let factor = 0.9 + 0.2 * rng.below(1000) as f64 / 1000.0;
        let mut features = stretched(&features, factor)?;
        SpecAugment::new().bands(0, 0).frames(2, 12).part(0.1)?.apply(&mut features, rng);
        Ok((Sequence::new(features.to_tensor()?), text))
    });
    Ok(DataLoader::new(train).batch_size(size).sampler(sampler).workers(1))
}

/// All recordings in their order, as they are.
pub fn tested_with(test: Vec<Said>) -> DataLoader<impl Dataset<Item = Items>> {
    let test = Heard(test).map(0, |(x, text), _| Ok((Sequence::new(x.to_tensor()?), text)));
    DataLoader::new(test).batch_size(26)
}

/// Slower or faster by a factor: each new frame lies between two old ones.
fn stretched(features: &Features, factor: f64) -> Result<Features> {
    let rows: Vec<&[f32]> = features.rows().collect();
    let count = ((rows.len() as f64 * factor) as usize).max(1);
    let values = (0..count).flat_map(|t| {
        let at = (t as f64 / factor).min(rows.len() as f64 - 1.0);
        let (low, part) = (at as usize, at.fract() as f32);
        let pairs = rows[low].iter().zip(rows[(low + 1).min(rows.len() - 1)]);
        pairs.map(move |(a, b)| a + part * (b - a))
    });
    Features::new(features.size(), values.collect())
}
