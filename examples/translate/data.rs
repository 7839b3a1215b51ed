//! Sentences with their translations, and the tokens of both languages.

use std::collections::BTreeMap;
use std::path::Path;

use gradus::data::text::{
    BpeTrainer, Form, Invalid, Normalizer, Template, Tokenizer, Truncation, WordLevelTrainer,
};
use gradus::data::{Error, read_text};
use gradus::tensor::Rng;

/// Sentences, each with all its translations.
pub type Sentences = Vec<(String, Vec<String>)>;

/// To train on, and a twentieth to test with. A sentence of the test is never trained on, whatever its translation.
pub struct Data {
    pub train: Sentences,
    pub test: Sentences,
}

impl Data {
    /// Reads a file with English, a TAB and Chinese in each line.
    pub fn open(path: &str) -> gradus::Result<Self> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (i, line) in read_text(path, Invalid::Refuse)?.lines().enumerate() {
            match line.split_once('\t') {
                Some((a, b)) if !a.trim().is_empty() && !b.trim().is_empty() => {
                    all.entry(a.trim().into()).or_default().push(b.trim().into());
                }
                _ => {
                    let start: String = line.chars().take(40).collect();
                    let got = format!("{start:?} in line {} of {path}", i + 1);
                    return Err(Error::value("translate", got, "English, a TAB and Chinese").into());
                }
            }
        }
        let all: Sentences = all.into_iter().collect();
        let mut train: Sentences =
            Rng::new(42).permutation(all.len()).into_iter().map(|i| all[i].clone()).collect();
        if train.len() < 20 {
            let got = format!("{} English sentences in {path}", train.len());
            return Err(Error::value("translate", got, "20 or more").into());
        }
        let test = train.split_off(train.len() - train.len() / 20);
        Ok(Self { train, test })
    }
}

/// Each sentence with each of its translations.
pub fn pairs<'a>(sentences: &'a Sentences) -> Vec<(&'a str, &'a str)> {
    let each =
        |(a, all): &'a (String, Vec<String>)| all.iter().map(move |b| (a.as_str(), b.as_str()));
    sentences.iter().flat_map(each).collect()
}

/// The tokens of both languages.
pub struct Languages {
    pub english: Tokenizer,
    pub chinese: Tokenizer,
}

impl Languages {
    /// Stands in front of every translation.
    pub const START: u32 = 1;
    /// Stands behind it.
    pub const END: u32 = 2;

    /// Pieces of English words, and Chinese characters, which are words by Unicode's rules.
    pub fn learn(pairs: &[(&str, &str)]) -> gradus::Result<Self> {
        let plain = vec![Normalizer::Form(Form::Nfkc), Normalizer::Lowercase];
        let english = BpeTrainer::new(4000).normalizer(Normalizer::Sequence(plain));
        let chinese = WordLevelTrainer::words(6000).min_count(2).unknown("<unknown>");
        let chinese = chinese.special_tokens(["<start>", "<end>"]);
        let around = Template::bert(("<start>", Self::START), ("<end>", Self::END));
        let english = english.train(pairs.iter().map(|pair| pair.0))?;
        let chinese = chinese.train(pairs.iter().map(|pair| pair.1))?.template(around)?;
        let [english, chinese] = [english, chinese].map(|t| t.truncation(Truncation::new(100)));
        Ok(Self { english, chinese })
    }

    pub fn save(&self, folder: &Path) -> gradus::Result<()> {
        self.english.save(folder.join("english.json"))?;
        Ok(self.chinese.save(folder.join("chinese.json"))?)
    }

    pub fn open(folder: &Path) -> gradus::Result<Self> {
        let [english, chinese] = ["english.json", "chinese.json"].map(|name| folder.join(name));
        Ok(Self { english: Tokenizer::open(english)?, chinese: Tokenizer::open(chinese)? })
    }
}
