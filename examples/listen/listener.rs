//! Sound in pieces of any length: cut where nobody speaks, and printed as words.

use gradus::data::audio::{SphinxMfcc, VoiceActivity};
use gradus::models::decode::TimedWord;

use super::ear::Ear;
use super::{Options, RATE};

/// No piece is longer, whatever is said: 30 s.
const LONGEST: usize = 30 * RATE;

/// Takes sound in pieces, and prints words as soon as the speaker makes a pause.
pub struct Listener {
    ear: Ear,
    activity: VoiceActivity,
    /// What is not recognised yet, and which sample of all is the first of it.
    sound: Vec<f32>,
    start: usize,
    pub words: Vec<TimedWord>,
}

impl Listener {
    pub fn new(options: &Options) -> gradus::Result<Self> {
        Ok(Self {
            ear: Ear::new(options)?,
            activity: VoiceActivity::new(SphinxMfcc::RATE)?.times(0.6, 0.08, 0.25)?,
            sound: Vec::new(),
            start: 0,
            words: Vec::new(),
        })
    }

    /// Hears more; at the end also what is still open.
    pub fn push(&mut self, samples: &[f32], end: bool) -> gradus::Result<()> {
        self.sound.extend_from_slice(samples);
        while let Some(span) = self.activity.spans(&self.sound).into_iter().next() {
            let over = span.end + RATE / 2 < self.sound.len();
            if !(over || end || span.end - span.start > LONGEST) {
                return Ok(());
            }
            let piece = self.sound[span.clone()].to_vec();
            self.say(&piece, self.start + span.start)?;
            self.forget(span.end);
        }
        // Silence for a long time: the last of it tells what is quiet here.
        self.forget(self.sound.len().saturating_sub(LONGEST));
        Ok(())
    }

    fn forget(&mut self, samples: usize) {
        self.sound.drain(..samples);
        self.start += samples;
    }

    fn say(&mut self, sound: &[f32], start: usize) -> gradus::Result<()> {
        let seconds = start as f64 / RATE as f64;
        for word in self.ear.words(sound)? {
            let (start, end) = (word.start + seconds, word.end + seconds);
            println!("{start:8.2} s to {end:8.2} s  {}", word.word);
            self.words.push(TimedWord { start, end, ..word });
        }
        Ok(())
    }
}
