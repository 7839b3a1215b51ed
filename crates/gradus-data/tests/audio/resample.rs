//! Resampling against what a tone is at the other rate, and against torchaudio and librosa.

use std::f64::consts::TAU;

use gradus_data::audio::{Audio, Resampler};

use crate::{cases, distance, message, number, numbers};

/// Pairs of rates: up and down, few fractions and many, near and far.
const PAIRS: [(u32, u32); 10] = [
    (8000, 16_000),
    (16_000, 8000),
    (44_100, 16_000),
    (48_000, 16_000),
    (16_000, 44_100),
    (22_050, 16_000),
    (44_100, 48_000),
    // Too many fractions for a table of rows.
    (16_000, 16_001),
    (44_100, 44_099),
    (96_001, 8000),
];

/// A tone of amplitude 1: `f` Hz, `n` samples at `rate` Hz.
fn tone(f: f64, rate: u32, n: usize) -> Vec<f64> {
    (0..n).map(|t| (TAU * f * t as f64 / f64::from(rate) + 0.3).sin()).collect()
}

fn to_f32(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

/// A tone at the new rate, and the same tone resampled, without a margin at both ends.
fn inner(f: f64, from: u32, to: u32) -> (Vec<f32>, Vec<f64>) {
    // 400 samples of the lower rate.
    let n = 400 * from.max(to) as usize / to.min(from) as usize;
    let n = if from > to { n } else { 400 };
    let got = Resampler::new(from, to).unwrap().apply(&to_f32(&tone(f, from, n))).unwrap();
    let wanted = tone(f, to, got.len());
    let margin = got.len() / 5;
    (got[margin..got.len() - margin].to_vec(), wanted[margin..got.len() - margin].to_vec())
}

#[test]
fn tones_in_the_pass_band_stay() {
    for (from, to) in PAIRS {
        let half = f64::from(from.min(to)) / 2.0;
        for part in [0.0, 0.01, 0.2, 0.5, 0.8, 0.9] {
            let (got, wanted) = inner(part * half, from, to);
            // Ripple, images of the spectrum, and rounding: together 90 dB below the tone.
            let off = distance(&got, &wanted);
            assert!(off < 3.16e-5, "{from} to {to} at {part}: {:.1} dB", 20.0 * off.log10());
        }
    }
}

#[test]
fn tones_that_would_alias_go() {
    for (from, to) in PAIRS.into_iter().filter(|(from, to)| to < from) {
        let (low, high) = (f64::from(to) / 2.0, f64::from(from) / 2.0);
        for part in [0.0, 0.01, 0.1, 0.3, 0.6, 0.99] {
            let (got, _) = inner(low + part * (high - low), from, to);
            let peak = distance(&got, &vec![0.0; got.len()]);
            assert!(peak < 3.16e-5, "{from} to {to} at {part}: {:.1} dB", 20.0 * peak.log10());
        }
    }
}

#[test]
fn a_sweep_keeps_its_lower_part() {
    // From 0 to 24 kHz in one second, at 48 kHz; to 16 kHz, which holds what is below 8 kHz.
    let sweep: Vec<f32> = (0..48_000)
        .map(|t| f64::from(t) / 48_000.0)
        .map(|t| (TAU * 12_000.0 * t * t).sin() as f32)
        .collect();
    let got = Resampler::new(48_000, 16_000).unwrap().apply(&sweep).unwrap();
    let wanted: Vec<f32> = sweep.iter().step_by(3).copied().collect();
    // 7.2 kHz, the end of the pass band, is passed after 0.3 s, and 8 kHz after 1/3 s.
    let off = distance(&got[100..4700], &wanted[100..4700]);
    assert!(off < 3.16e-5, "{off}");
    let rest = distance(&got[5440..15_900], &[0.0; 10_460]);
    assert!(rest < 3.16e-5, "{rest}");
}

#[test]
fn filters_of_ones_own() {
    for (pass_band, rejection) in [(0.5, 40.0), (0.8, 60.0), (0.95, 80.0), (0.97, 110.0)] {
        let resampler = Resampler::with_filter(48_000, 16_000, pass_band, rejection).unwrap();
        let limit = 10_f64.powf(-(rejection - 6.0) / 20.0);
        for (f, kept) in [(pass_band * 8000.0, true), (8000.0, false), (9000.0, false)] {
            let got = resampler.apply(&to_f32(&tone(f, 48_000, 12_000))).unwrap();
            let wanted = if kept { tone(f, 16_000, 4000) } else { vec![0.0; 4000] };
            let off = distance(&got[800..3200], &wanted[800..3200]);
            assert!(off < limit, "{pass_band} {rejection} {f}: {:.1} dB", 20.0 * off.log10());
        }
    }
}

#[test]
fn as_torchaudio_and_librosa() {
    for case in cases("resample") {
        let (from, to) = (number(&case["from"]) as u32, number(&case["to"]) as u32);
        let top = 0.4 * f64::from(from.min(to));
        let wave = |t: f64, k: f64| 0.15 * (TAU * top * k / 5.0 * t + k).sin();
        let x: Vec<f32> = (0..20_000)
            .map(|t| f64::from(t) / f64::from(from))
            .map(|t| (1..=5).map(|k| wave(t, k.into())).sum::<f64>() as f32)
            .collect();
        let got = Resampler::new(from, to).unwrap().apply(&x).unwrap();
        assert_eq!(got.len(), number(&case["len"]));
        let start = number(&case["start"]);
        // soxr's own output differs from the tones by some 5e-5 for three of these pairs.
        for (peer, limit) in [("torchaudio", 2e-6), ("librosa", 1e-4)] {
            let off = distance(&got[start..start + 100], &numbers(&case[peer]));
            assert!(off < limit, "{from} to {to}, {peer}: {off}");
        }
    }
}

#[test]
fn rates_far_apart() {
    // In two steps: 16,001 Hz becomes 15,360 Hz first.
    let resampler = Resampler::new(16_001, 15).unwrap();
    for (f, kept) in [(2.0, true), (9.0, false)] {
        let got = resampler.apply(&to_f32(&tone(f, 16_001, 14 * 16_001))).unwrap();
        assert_eq!(got.len(), 14 * 15);
        let wanted = if kept { tone(f, 15, got.len()) } else { vec![0.0; got.len()] };
        let off = distance(&got[75..135], &wanted[75..135]);
        assert!(off < 3.16e-5, "{f} Hz: {:.1} dB", 20.0 * off.log10());
    }
    let far = Resampler::new(1, u32::MAX).unwrap();
    assert_eq!(far.output_len(1).unwrap(), u32::MAX as usize);
}

#[test]
fn lengths() {
    for (from, to) in PAIRS.into_iter().chain([(3, 2), (2, 3), (7, 1), (1, 7), (u32::MAX, 1)]) {
        let resampler = Resampler::new(from, to).unwrap();
        for n in [0, 1, 2, 3, 5, 100, 999] {
            let wanted = (n as u64 * u64::from(to)).div_ceil(from.into()) as usize;
            assert_eq!(resampler.output_len(n).unwrap(), wanted);
            let got = resampler.apply(&vec![1.0; n]).unwrap();
            assert_eq!(got.len(), wanted, "{n} from {from} to {to}");
            assert!(got.iter().all(|x| x.is_finite()));
        }
    }
}

#[test]
fn the_same_rate_changes_nothing() {
    let x = [0.5, f32::MIN_POSITIVE, -1.0];
    assert_eq!(Resampler::new(44_100, 44_100).unwrap().apply(&x).unwrap(), x);
}

#[test]
fn channels_stay_apart() {
    let left = to_f32(&tone(440.0, 44_100, 2000));
    let right = to_f32(&tone(1000.0, 44_100, 2000));
    let both = left.iter().zip(&right).flat_map(|(&l, &r)| [l, r]).collect();
    let audio = Audio::new(44_100, 2, both).unwrap().resampled(16_000).unwrap();
    assert_eq!((audio.rate(), audio.channels(), audio.frames()), (16_000, 2, 726));
    let resampler = Resampler::new(44_100, 16_000).unwrap();
    assert_eq!(audio.channel(0).unwrap(), resampler.apply(&left).unwrap());
    assert_eq!(audio.channel(1).unwrap(), resampler.apply(&right).unwrap());
}

#[test]
fn not_a_number_stays_where_it_is() {
    let mut x = vec![0.0; 4000];
    x[2000] = f32::NAN;
    for to in [16_000, 16_001] {
        let got = Resampler::new(8000, to).unwrap().apply(&x).unwrap();
        assert!(got[4000].is_nan());
        assert!(got[..3800].iter().chain(&got[4200..]).all(|x| *x == 0.0));
    }
}

#[test]
fn arguments_that_cannot_be() {
    assert_eq!(
        message(Resampler::new(0, 8000)),
        "Resampler: got rates of 0 and 8000 Hz, wanted rates of at least 1 Hz"
    );
    for (pass_band, rejection) in
        [(0.1, 90.0), (1.0, 90.0), (f64::NAN, 90.0), (0.9, 10.0), (0.9, f64::NAN), (0.9, 200.0)]
    {
        assert!(Resampler::with_filter(8000, 16_000, pass_band, rejection).is_err());
    }
    let far = Resampler::new(1, u32::MAX).unwrap();
    assert!(message(far.output_len(usize::MAX)).contains("what memory holds"));
    assert!(Audio::new(8000, 1, vec![0.0]).unwrap().resampled(0).is_err());
}
