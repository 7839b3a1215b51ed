//! Where there is a voice, and how high it is.

use gradus_data::Result;
use gradus_data::audio::{Pitch, VoiceActivity, open_wav};

use super::{Noise, message, shared};

/// A voice of pulses that rises from one frequency to another: twenty harmonics, each softer than the one before.
fn glide(rate: f64, seconds: f64, from: f64, to: f64) -> Vec<f32> {
    let mut phase = 0.0;
    (0..(rate * seconds) as usize)
        .map(|t| {
            let hz = from + (to - from) * t as f64 / (rate * seconds);
            phase += std::f64::consts::TAU * hz / rate;
            let parts = (1..=20).map(|k| f64::from(k).recip() * (f64::from(k) * phase).sin());
            (0.2 * parts.sum::<f64>()) as f32
        })
        .collect()
}

#[test]
fn the_pitch_of_a_glide_is_followed() -> Result<()> {
    for (from, to) in [(90.0, 180.0), (300.0, 200.0)] {
        let found = Pitch::new(16_000, 60.0, 400.0)?.apply(&glide(16_000.0, 0.8, from, to));
        assert!(found.len() > 60);
        for (t, hz) in found.iter().enumerate() {
            // Frames compare samples up to three of the longest periods after their start: 50 ms, half of it on average.
            let wanted = from + (to - from) * (t as f64 * 0.01 + 0.02) / 0.8;
            let hz = hz.expect("a voice");
            assert!((hz / wanted - 1.0).abs() < 0.02, "frame {t}: {hz} instead of {wanted}");
        }
    }
    Ok(())
}

#[test]
fn noise_and_silence_have_no_pitch() -> Result<()> {
    let mut noise = Noise(1);
    let noise: Vec<f32> = (0..16_000).map(|_| noise.sample() as f32).collect();
    let pitch = Pitch::new(16_000, 60.0, 400.0)?;
    assert!(pitch.apply(&noise).iter().all(Option::is_none));
    assert!(pitch.apply(&[0.0; 5000]).iter().all(Option::is_none));
    assert!(pitch.apply(&[f32::NAN; 5000]).iter().all(Option::is_none));
    assert!(pitch.apply(&[0.1; 100]).is_empty());
    Ok(())
}

#[test]
fn bursts_are_none_and_short_pauses_belong_to_speech() -> Result<()> {
    let mut noise = Noise(3);
    // Speech from 0.5 s to 1.5 s with a pause of 0.1 s, and a click of 20 ms at 2 s.
    let loud = |t: usize| match t {
        4000..8000 | 8800..12_000 | 16_000..16_160 => 0.3,
        _ => 0.002,
    };
    let sound: Vec<f32> = (0..20_000).map(|t| loud(t) * noise.sample() as f32).collect();
    let activity = VoiceActivity::new(8000)?;
    let spans = |activity: VoiceActivity| -> Vec<(usize, usize)> {
        activity.spans(&sound).into_iter().map(|span| (span.start, span.end)).collect()
    };
    assert_eq!(spans(activity), [(4000, 12_000)]);
    assert_eq!(spans(activity.times(0.05, 0.05, 0.0)?), [(4000, 8000), (8800, 12_000)]);
    assert_eq!(spans(activity.times(0.2, 0.01, 0.0)?), [(4000, 12_000), (16_000, 16_160)]);
    // What is added around may reach the next, and ends with the sound.
    assert_eq!(spans(activity.times(0.2, 0.01, 0.3)?), [(1600, 18_560)]);
    assert_eq!(spans(activity.times(0.2, 0.01, 600.0)?), [(0, 20_000)]);
    Ok(())
}

#[test]
fn silence_and_nothing_have_no_speech() -> Result<()> {
    let activity = VoiceActivity::new(16_000)?;
    for sound in [vec![], vec![0.0; 16_000], vec![f32::NAN; 16_000], vec![1e-6; 100]] {
        assert!(activity.spans(&sound).is_empty());
    }
    Ok(())
}

#[test]
fn a_known_speech_begins_and_ends_where_it_does() -> Result<()> {
    let Some(path) = shared("speech/assets/jfk_16k.wav") else {
        return Ok(());
    };
    let sound = open_wav(path)?.mono();
    let spans = VoiceActivity::new(16_000)?.spans(&sound);
    let spoken: usize = spans.iter().map(ExactSizeIterator::len).sum();
    // Eleven seconds, of which the pauses of the speaker are about a third.
    assert!((2..20).contains(&spans.len()), "{spans:?}");
    assert!((0.4..0.9).contains(&(spoken as f64 / sound.len() as f64)), "{spans:?}");
    let hz = Pitch::new(16_000, 70.0, 400.0)?.hop(1600)?.apply(&sound);
    let mut hz: Vec<f64> = hz.into_iter().flatten().collect();
    hz.sort_by(f64::total_cmp);
    // librosa 0.11 finds 241 Hz (`pyin`, median of the voiced frames): a voice that is raised.
    assert!((225.0..260.0).contains(&hz[hz.len() / 2]), "{}", hz[hz.len() / 2]);
    Ok(())
}

#[test]
fn settings_that_cannot_be_are_refused() -> Result<()> {
    let wanted = "wanted rate / 65536 <= low < high <= rate / 4";
    for (rate, low, high) in
        [(8000, 0.0, 100.0), (8000, 100.0, 50.0), (0, 1.0, 2.0), (8000, f64::NAN, 90.0)]
    {
        let says = format!("Pitch::new: got {low} to {high} Hz at a rate of {rate} Hz, {wanted}");
        assert_eq!(message(Pitch::new(rate, low, high)), says);
    }
    assert!(message(Pitch::new(16_000, 60.0, 400.0)?.hop(0)).contains("0 samples"));
    assert!(message(Pitch::new(16_000, 60.0, 400.0)?.threshold(2.0)).contains("got 2"));
    assert!(message(VoiceActivity::new(0)).contains("rate = 0 Hz"));
    assert!(message(VoiceActivity::new(u32::MAX)).contains("rate = 4294967295 Hz"));
    assert!(message(VoiceActivity::new(8000)?.times(0.1, -1.0, 0.0)).contains("-1 s"));
    Ok(())
}
