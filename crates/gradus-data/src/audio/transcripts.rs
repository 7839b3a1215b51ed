//! Folders of recordings with what is said in them.
//!
//! | files | transcripts |
//! |---|---|
//! | `etc/NAME_train.fileids` and `.transcription`, the same for `test`, sounds in `wav/`, cepstra in `feat/` | Sphinx: lines `TEXT (ID)` |
//! | `fileids` and `transcription`, sounds beside them | the same |
//! | `metadata.csv`, sounds in `wavs/` or beside it | LJSpeech: lines `ID\|TEXT` or `ID\|TEXT\|NORMALIZED` |
//! | `…/ID.trans.txt`, sounds beside it, at any depth to 8 | LibriSpeech: lines `ID TEXT` |
//! | `NAME.wav` and `NAME.txt` | the whole text |
//!
//! The first that is there is taken. `<s>`, `</s>` and `<sil>` are left out, and white space is made one space.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::recordings::{entries, is_sound, samples_of};
use super::{Features, SphinxMfcc};
use crate::{Error, Result};

/// A recording and what is said in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// The sound, or its cepstra (`.mfc`).
    pub path: PathBuf,
    /// What is said.
    pub text: String,
    /// Whether it belongs to the test part.
    pub test: bool,
}

impl Utterance {
    /// Thirteen cepstra for each hundredth of a second, computed from the sound or read from an `.mfc` file.
    ///
    /// # Errors
    /// Those of [`SphinxMfcc`] and of reading a sound; [`Error::Value`] if it has samples that are not finite.
    pub fn cepstra(&self, front: &SphinxMfcc) -> Result<Features> {
        if self.path.extension().is_some_and(|ending| ending == "mfc") {
            return SphinxMfcc::read(&self.path);
        }
        front.apply(&samples_of(&self.path, SphinxMfcc::RATE)?)
    }
}

/// The utterances of a folder, in the order of its lists.
///
/// ```no_run
/// use gradus_data::audio::Transcripts;
/// let Transcripts { utterances } = Transcripts::open("an4-mfcc")?;
/// let test = utterances.iter().filter(|utterance| utterance.test);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcripts {
    /// All of them.
    pub utterances: Vec<Utterance>,
}

impl Transcripts {
    /// Lists what is said in a folder. Where the files do not say what to test with, it is every tenth utterance.
    ///
    /// # Errors
    /// [`Error::File`] if a folder or list cannot be read; [`Error::Folder`] if there are no transcripts, a line has no
    /// text or no identifier, or names a recording that is not there.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let etc = dir.join("etc");
        let lists: Vec<PathBuf> = if etc.is_dir() { entries(&etc)? } else { Vec::new() };
        let list = |part: &str, kind: &str| {
            let ending = format!("_{part}.{kind}");
            lists.iter().find(|path| path.to_string_lossy().ends_with(&ending))
        };
        let metadata = dir.join("metadata.csv");
        let mut utterances = Vec::new();
        if let (Some(train), Some(texts)) =
            (list("train", "fileids"), list("train", "transcription"))
        {
            sphinx(dir, train, texts, false, &mut utterances)?;
            if let (Some(ids), Some(texts)) =
                (list("test", "fileids"), list("test", "transcription"))
            {
                sphinx(dir, ids, texts, true, &mut utterances)?;
            }
        } else if dir.join("fileids").is_file() {
            let (ids, texts) = (dir.join("fileids"), dir.join("transcription"));
            sphinx(dir, &ids, &texts, false, &mut utterances)?;
        } else if metadata.is_file() {
            for (line, text) in text(&metadata)?.lines().enumerate() {
                let fields: Vec<&str> = text.split('|').collect();
                let [id, .., said] = fields[..] else {
                    return Err(wrong(&metadata, line, "has no `|`; wanted ID|TEXT"));
                };
                let path = sound(&dir.join("wavs").join(id)).or_else(|| sound(&dir.join(id)));
                let path = path.ok_or_else(|| wrong(&metadata, line, &missing(id)))?;
                utterances.push(Utterance { path, text: tidy(said), test: false });
            }
        } else {
            walk(dir, 8, &mut utterances)?;
        }
        if utterances.is_empty() {
            let message = "has no transcripts; wanted etc/NAME_train.fileids and .transcription, \
                           metadata.csv of lines ID|TEXT, ID.trans.txt of lines ID TEXT, or a NAME.txt \
                           beside each NAME.wav";
            return Err(Error::Folder { dir: dir.into(), message: message.into() });
        }
        if !utterances.iter().any(|utterance| utterance.test) {
            utterances.iter_mut().skip(9).step_by(10).for_each(|utterance| utterance.test = true);
        }
        Ok(Self { utterances })
    }
}

/// Sphinx: files, and in the same order or by their identifiers, what is said in them.
fn sphinx(
    dir: &Path,
    ids: &Path,
    texts: &Path,
    test: bool,
    utterances: &mut Vec<Utterance>,
) -> Result<()> {
    let mut said = BTreeMap::new();
    for (line, content) in text(texts)?.lines().enumerate() {
        let content = content.trim();
        if content.is_empty() {
            continue;
        }
        let parts = content.strip_suffix(')').and_then(|content| content.rsplit_once('('));
        let Some((words, id)) = parts else {
            return Err(wrong(texts, line, "does not end with (ID)"));
        };
        said.insert(id.trim().to_string(), tidy(words));
    }
    for (line, file) in text(ids)?.lines().enumerate() {
        let file = file.trim();
        if file.is_empty() {
            continue;
        }
        let id = file.rsplit('/').next().unwrap_or(file);
        let Some(words) = said.get(id) else {
            let message = format!("names {id}, of which {} has no line", texts.display());
            return Err(wrong(ids, line, &message));
        };
        let places = ["wav", "feat", ""].map(|place| dir.join(place).join(file));
        let path = places.iter().find_map(|path| sound(path));
        let path = path.ok_or_else(|| wrong(ids, line, &missing(file)))?;
        utterances.push(Utterance { path, text: words.clone(), test });
    }
    Ok(())
}

/// LibriSpeech, and texts beside sounds.
fn walk(dir: &Path, deeper: usize, utterances: &mut Vec<Utterance>) -> Result<()> {
    for path in entries(dir)? {
        if path.is_dir() && deeper > 0 {
            walk(&path, deeper - 1, utterances)?;
        } else if path.to_string_lossy().ends_with(".trans.txt") {
            for (line, content) in text(&path)?.lines().enumerate() {
                let (id, words) = content.trim().split_once(' ').unwrap_or_default();
                if words.trim().is_empty() {
                    return Err(wrong(&path, line, "has no text; wanted ID TEXT"));
                }
                let there = sound(&dir.join(id)).ok_or_else(|| wrong(&path, line, &missing(id)))?;
                utterances.push(Utterance { path: there, text: tidy(words), test: false });
            }
        } else if is_sound(&path) {
            let beside = path.with_extension("txt");
            if beside.is_file() {
                let said = tidy(&text(&beside)?);
                utterances.push(Utterance { path, text: said, test: false });
            }
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|source| Error::File { path: path.into(), source })
}

/// The sound or the cepstra of a path that has no ending, or one already.
fn sound(path: &Path) -> Option<PathBuf> {
    if is_sound(path) && path.is_file() {
        return Some(path.into());
    }
    let with = |ending: &str| PathBuf::from(format!("{}.{ending}", path.display()));
    ["wav", "flac", "mfc"].iter().map(|ending| with(ending)).find(|path| path.is_file())
}

fn tidy(text: &str) -> String {
    let silent = |word: &&str| !["<s>", "</s>", "<sil>"].contains(word);
    text.split_whitespace().filter(silent).collect::<Vec<_>>().join(" ")
}

fn missing(id: &str) -> String {
    format!("names {id}, of which there is no .wav, .flac or .mfc")
}

fn wrong(path: &Path, line: usize, message: &str) -> Error {
    Error::Folder { dir: path.into(), message: format!("line {}: {message}", line + 1) }
}
