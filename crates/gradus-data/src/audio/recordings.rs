//! Folders of recordings that have a name each: spoken digits, commands, sounds of animals.
//!
//! | files | who speaks | test part |
//! |---|---|---|
//! | `LABEL/SPEAKER_….wav` | before the first `_` | a tenth of the speakers, or what `testing_list.txt` names |
//! | `train/LABEL/SPEAKER_….wav`, `test/LABEL/…` | the same | what lies in `test` |
//! | `LABEL_SPEAKER_TAKE.wav` | as it says | takes 0 to 4 |
//!
//! The first two are those of Speech Commands (Warden, 2018), the third that of the Free Spoken Digit Dataset. Folders
//! and files whose names begin with `_` or `.` are left out; with the feature `flac`, `.flac` is read as well.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Audio, open_wav};
use crate::{Dataset, Error, Result};

/// One recording, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// Which of the labels it has.
    pub label: usize,
    /// Who speaks; empty if the name does not say so.
    pub speaker: String,
    /// Whether it belongs to the test part.
    pub test: bool,
}

/// A folder of labelled recordings. As a data set its items are the samples, mixed to one channel at
/// [`rate`](RecordingFolder::rate) Hz, and the number of the label; each is read when it is asked for.
///
/// ```no_run
/// use gradus_data::Dataset;
/// use gradus_data::audio::RecordingFolder;
/// let all = RecordingFolder::open("fsdd")?;
/// println!("{} recordings of {:?} by {:?}", all.len(), all.labels(), all.speakers());
/// let (train, test) = all.given();
/// let (samples, label) = train.get(0)?;
/// let (others, george) = all.without("george")?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RecordingFolder {
    recordings: Vec<Recording>,
    labels: Vec<String>,
    rate: u32,
}

/// How files of sound end.
const ENDINGS: &[&str] = if cfg!(feature = "flac") { &["wav", "flac"] } else { &["wav"] };

impl RecordingFolder {
    /// Lists the recordings of a folder, in the order of their paths. The rate is that of the first.
    ///
    /// # Errors
    /// [`Error::File`] if the folder or its first recording cannot be read; [`Error::Folder`] if its files are not named
    /// in one of the three ways, or there are fewer than two labels.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let here = entries(dir)?;
        let folders: BTreeMap<String, &PathBuf> = here
            .iter()
            .filter(|path| path.is_dir())
            .map(|path| (name(path).to_lowercase(), path))
            .collect();
        // Each with its label's name.
        let mut found: Vec<(Recording, String)> = Vec::new();
        let parts = ["train", "training", "test", "testing"];
        let listed = listed(dir)?;
        match parts.iter().filter_map(|part| folders.get(*part).map(|path| (part, *path))) {
            given if given.clone().next().is_some() => {
                for (part, path) in given {
                    let test = part.starts_with("test");
                    classes(path, &mut found, |_, _| test)?;
                }
            }
            _ if !folders.is_empty() => classes(dir, &mut found, |path, speaker| {
                let key = path.strip_prefix(dir).unwrap_or(path);
                let key = key.to_string_lossy().replace('\\', "/");
                listed.as_ref().map_or_else(|| tenth(speaker), |list| list.contains(&key))
            })?,
            _ => found
                .extend(here.iter().filter(|path| is_sound(path)).filter_map(|path| flat(path))),
        }
        let labels: BTreeSet<&String> = found.iter().map(|(_, label)| label).collect();
        let labels: Vec<String> = labels.into_iter().cloned().collect();
        if labels.len() < 2 {
            let message = format!(
                "has {} recordings of {} labels; wanted two labels or more, as LABEL/SPEAKER_NAME.wav, \
                 train/LABEL/… and test/LABEL/…, or LABEL_SPEAKER_TAKE.wav",
                found.len(),
                labels.len()
            );
            return Err(Error::Folder { dir: dir.into(), message });
        }
        let number: BTreeMap<&str, usize> =
            labels.iter().enumerate().map(|(i, label)| (label.as_str(), i)).collect();
        let numbered = found
            .iter()
            .map(|(recording, label)| Recording { label: number[&**label], ..recording.clone() });
        let mut recordings: Vec<Recording> = numbered.collect();
        recordings.sort_by(|a, b| a.path.cmp(&b.path));
        let rate = open(&recordings[0].path)?.rate();
        Ok(Self { recordings, labels, rate })
    }

    /// The names of the labels, sorted.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The recordings, sorted by path.
    pub fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    /// Who speaks, sorted, without those that are not known.
    pub fn speakers(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.recordings.iter().map(|r| &r.speaker).collect();
        all.into_iter().filter(|speaker| !speaker.is_empty()).cloned().collect()
    }

    /// The rate of the samples in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The samples at another rate.
    pub fn at(self, rate: u32) -> Self {
        Self { rate, ..self }
    }

    /// What is to be trained with, and the test part.
    pub fn given(&self) -> (Self, Self) {
        (self.part(|recording| !recording.test), self.part(|recording| recording.test))
    }

    /// What the others say, and what one speaker says.
    ///
    /// # Errors
    /// [`Error::Value`] if there is no such speaker, or no other.
    pub fn without(&self, speaker: &str) -> Result<(Self, Self)> {
        let speakers = self.speakers();
        if speakers.len() < 2 || !speakers.iter().any(|s| s == speaker) {
            let some: Vec<&str> = speakers.iter().take(20).map(String::as_str).collect();
            let wanted = format!("one of two or more speakers: {}", some.join(", "));
            let got = format!("speaker {speaker:?}");
            return Err(Error::value("RecordingFolder::without", got, wanted));
        }
        let by = |recording: &Recording| recording.speaker == speaker;
        Ok((self.part(|recording| !by(recording)), self.part(by)))
    }

    /// Some of the recordings; the labels stay.
    pub fn part(&self, keep: impl Fn(&Recording) -> bool) -> Self {
        let recordings = self.recordings.iter().filter(|r| keep(r)).cloned().collect();
        Self { recordings, ..self.clone() }
    }
}

impl Dataset for RecordingFolder {
    type Item = (Vec<f32>, i64);

    fn len(&self) -> usize {
        self.recordings.len()
    }

    /// # Errors
    /// [`Error::Audio`] or [`Error::File`] that names the file, [`Error::Value`] if it has samples that are not finite.
    fn get(&self, index: usize) -> Result<(Vec<f32>, i64)> {
        Error::check_index("RecordingFolder", index, self.len())?;
        let Recording { path, label, .. } = &self.recordings[index];
        let samples = samples_of(path, self.rate)?;
        Ok((samples, *label as i64))
    }
}

/// The samples of a file, mixed to one channel, at a rate.
pub(super) fn samples_of(path: &Path, rate: u32) -> Result<Vec<f32>> {
    let sound = open(path)?;
    if let Some(i) = sound.first_not_finite() {
        let got = format!("{} with {} as sample {i}", path.display(), sound.samples()[i]);
        return Err(Error::value("recording", got, "finite samples"));
    }
    if sound.rate() == rate {
        return Ok(sound.mono());
    }
    Ok(Audio::new(sound.rate(), 1, sound.mono())?.resampled(rate)?.into_samples())
}

fn open(path: &Path) -> Result<Audio> {
    #[cfg(feature = "flac")]
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("flac")) {
        return super::open_flac(path);
    }
    open_wav(path)
}

/// The entries of a folder without those that begin with `_` or `.`, sorted.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::File { path: dir.into(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !name(&path).starts_with(['_', '.']) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

pub(super) fn is_sound(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The name without folders and ending.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Recordings in folders of their labels.
fn classes(
    dir: &Path,
    found: &mut Vec<(Recording, String)>,
    test: impl Fn(&Path, &str) -> bool,
) -> Result<()> {
    for folder in entries(dir)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&folder)?.into_iter().filter(|path| is_sound(path)) {
            let stem = stem(&path);
            let speaker = stem.split_once('_').map_or("", |(speaker, _)| speaker).to_string();
            let test = test(&path, if speaker.is_empty() { &stem } else { &speaker });
            found.push((Recording { path, label: 0, speaker, test }, name(&folder)));
        }
    }
    Ok(())
}

/// `LABEL_SPEAKER_TAKE`; the speaker may have a `_` in the name, the label has none.
fn flat(path: &Path) -> Option<(Recording, String)> {
    let stem = stem(path);
    let (label, rest) = stem.split_once('_')?;
    let (speaker, take) = rest.rsplit_once('_')?;
    let test = take.parse::<u64>().ok()? < 5;
    let recording = Recording { path: path.into(), label: 0, speaker: speaker.into(), test };
    Some((recording, label.into()))
}

/// The files of the test part, if there is a list.
fn listed(dir: &Path) -> Result<Option<HashSet<String>>> {
    let path = dir.join("testing_list.txt");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.lines().map(|line| line.trim().to_string()).collect())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { path, source }),
    }
}

/// Whether a speaker is one of the tenth that is tested with, by a hash of the name (FNV-1a): the same for any order and
/// number of files.
fn tenth(speaker: &str) -> bool {
    let hash = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    speaker.as_bytes().iter().fold(0x811c_9dc5, hash) % 10 == 0
}
