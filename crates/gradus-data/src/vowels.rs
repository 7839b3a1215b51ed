//! Spoken vowels that ship inside the crate: 640 series of 12 numbers, of lengths from 7 to 29.
//!
//! Source: M. Kudo, J. Toyama and M. Shimbo, *Japanese Vowels*, UCI Machine Learning Repository, 1999, CC BY
//! 4.0. Nine men say two Japanese vowels, /ae/, one after the other; every frame of a recording is described by
//! 12 cepstral coefficients of linear prediction, and it is asked who speaks. (Kudo, Toyama and Shimbo,
//! *Multidimensional curve classification using passing-through regions*, 1999.)

use gradus_tensor::Tensor;

use crate::embedded::unpack;
use crate::{Error, Result, TensorDataset};

/// One recording a line: the speaker, and the frames.
static FILE: &[u8] = include_bytes!("../data/vowels.txt.gz");

/// More than the text is long.
const LIMIT: u64 = 1 << 21;

/// Items are the frames `[29, 12]`, with zeros behind the end, how many frames there are, and the speaker.
pub type Recordings = TensorDataset<(Tensor, Tensor<i64>, Tensor<i64>)>;

/// The embedded vowels, as their authors divided them.
///
/// ```
/// use gradus_data::{Dataset, Vowels};
/// let vowels = Vowels::load()?;
/// assert_eq!((vowels.train.len(), vowels.test.len()), (270, 370));
/// let (frames, count, speaker) = vowels.train.get(0)?;
/// assert_eq!((frames.shape(), count.item()?, speaker.item()?), (&[29, 12][..], 20, 0));
/// assert_eq!(frames.get([0, 0])?, 1.860936);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Vowels {
    /// 30 recordings of each speaker.
    pub train: Recordings,
    /// 370 others, more of some speakers than of others.
    pub test: Recordings,
}

impl Vowels {
    /// How many speak; they are numbered from 0 on.
    pub const SPEAKERS: usize = 9;
    /// The length of the longest recording.
    pub const FRAMES: usize = 29;
    /// The numbers of a frame.
    pub const FEATURES: usize = 12;

    /// Unpacks the recordings, which takes some milliseconds.
    ///
    /// # Errors
    /// [`Error::Value`] if the embedded file was changed to something else.
    pub fn load() -> Result<Self> {
        let wrong = |got: String| Error::value("Vowels::load", got, "the embedded vowels.txt.gz");
        let text = unpack("Vowels::load", FILE, "vowels.txt.gz", LIMIT)?;
        let mut recordings = Vec::new();
        for (i, line) in text.lines().enumerate() {
            recordings
                .push(read(line).ok_or_else(|| wrong(format!("no recording in line {}", i + 1)))?);
        }
        let lines = recordings.len();
        let test = recordings.split_off(270.min(lines));
        if test.len() != 370 {
            return Err(wrong(format!("{lines} recordings")));
        }
        Ok(Self { train: together(recordings)?, test: together(test)? })
    }
}

/// A recording: all its numbers, and the speaker.
fn read(line: &str) -> Option<(Vec<f32>, i64)> {
    let (speaker, frames) = line.split_once(' ')?;
    let numbers = frames.split([' ', ',']).map(|number| number.parse().ok());
    let numbers: Vec<f32> = numbers.collect::<Option<_>>()?;
    let frames = numbers.len() / Vowels::FEATURES;
    let fits =
        numbers.len().is_multiple_of(Vowels::FEATURES) && (1..=Vowels::FRAMES).contains(&frames);
    let speaker = speaker.parse().ok().filter(|s| (0..Vowels::SPEAKERS as i64).contains(s))?;
    fits.then_some((numbers, speaker))
}

/// All in three tensors.
fn together(recordings: Vec<(Vec<f32>, i64)>) -> Result<Recordings> {
    let size = Vowels::FRAMES * Vowels::FEATURES;
    let frames = Tensor::filled_by([recordings.len(), Vowels::FRAMES, Vowels::FEATURES], |out| {
        out.fill(0.0);
        for (out, (numbers, _)) in out.chunks_exact_mut(size).zip(&recordings) {
            out[..numbers.len()].copy_from_slice(numbers);
        }
    });
    let counts = recordings.iter().map(|(numbers, _)| (numbers.len() / Vowels::FEATURES) as i64);
    let counts = Tensor::vector(counts.collect::<Vec<_>>());
    let speakers =
        Tensor::vector(recordings.iter().map(|(_, speaker)| *speaker).collect::<Vec<_>>());
    TensorDataset::new((frames, counts, speakers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recording_is_whole() -> Result<()> {
        let Vowels { train, test } = Vowels::load()?;
        for part in [&train, &test] {
            let (frames, counts, speakers) = part.rows();
            assert!(speakers.to_vec().iter().all(|s| (0..9).contains(s)));
            for (n, count) in counts.to_vec().into_iter().enumerate() {
                assert!((7..=29).contains(&count), "{count}");
                let behind = frames.index(0, n)?.slice(0, count as usize..)?;
                assert!(behind.to_vec().iter().all(|&x| x == 0.0));
            }
        }
        let speakers = train.rows().2.to_vec();
        assert!((0..9).all(|s| speakers.iter().filter(|&&other| other == s).count() == 30));
        Ok(())
    }

    #[test]
    fn a_line_that_is_none_is_refused() {
        let numbers = |n: usize| vec!["0.5"; n].join(",");
        assert!(read(&format!("8 {}", numbers(24))).is_some());
        let bad = [
            String::new(),
            "1".into(),
            format!("9 {}", numbers(12)),
            format!("1 {}", numbers(13)),
            format!("1 {}", numbers(12 * 30)),
            format!("x {}", numbers(12)),
            "1 0.5,x".into(),
        ];
        bad.iter().for_each(|line| assert!(read(line).is_none(), "{line}"));
    }
}
