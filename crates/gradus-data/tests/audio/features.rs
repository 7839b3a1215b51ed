//! Cepstra, deltas and normalisation, beside librosa and torchaudio.

use gradus_data::audio::{
    Cmvn, Features, MelFilters, MelSpec, Mfcc, Stft, deltas, power_to_db, with_deltas,
};

use crate::{Noise, distance, message, number, numbers, reference, signal};

/// 40 mel bands of the sound that `record.py` takes.
fn mel() -> Features {
    let sound = signal(number(&reference("mfcc")["n"]), 16_000);
    let power = Stft::new(400, 160).unwrap().power(&sound).unwrap();
    MelFilters::new(MelSpec::slaney(16_000, 400, 40)).unwrap().apply(&power).unwrap()
}

/// librosa's coefficients, 13 a frame.
fn mfcc() -> Features {
    let values = numbers(&reference("mfcc")["values"]).into_iter().map(|x| x as f32).collect();
    Features::new(13, values).unwrap()
}

fn random(frames: usize, size: usize, seed: u32) -> Features {
    let mut noise = Noise(seed);
    let values = (0..frames * size).map(|i| (noise.sample() + 100.0 * (i % size) as f64) as f32);
    Features::new(size, values.collect()).unwrap()
}

#[test]
fn cepstra_of_librosa() {
    let wanted = reference("mfcc");
    let mut mel = mel();
    power_to_db(&mut mel, 1e-10, Some(80.0)).unwrap();
    // dB and their cepstra are of the order of 10 and 100.
    let off = distance(&mel.values()[..3 * 40], &numbers(&wanted["db"]));
    assert!(off < 1e-4, "{off}");
    let got = Mfcc::new(13, 40).unwrap().apply(&mel).unwrap();
    assert_eq!((got.frames(), got.size()), (8, 13));
    let off = distance(got.values(), &numbers(&wanted["values"]));
    assert!(off < 1e-3, "{off}");
}

#[test]
fn cepstra_of_torchaudio() {
    // With `log_mels=True`: ln(mel + 1e-6).
    let mut mel = mel();
    mel.values_mut().iter_mut().for_each(|x| *x = (*x + 1e-6).ln());
    let got = Mfcc::new(13, 40).unwrap().apply(&mel).unwrap();
    let off = distance(got.values(), &numbers(&reference("mfcc")["log_mels"]));
    assert!(off < 1e-3, "{off}");
}

#[test]
fn all_coefficients_keep_lengths_and_angles() {
    let bands = random(5, 12, 3);
    let got = Mfcc::new(12, 12).unwrap().apply(&bands).unwrap();
    for (a, b) in bands.rows().zip(got.rows()) {
        let length = |x: &[f32]| x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        assert!((length(a) / length(b) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn deltas_of_torchaudio_and_librosa() {
    let wanted = reference("deltas");
    for (reach, name) in [(2, "first"), (3, "wide")] {
        let got = deltas(&mfcc(), reach).unwrap();
        let off = distance(got.values(), &numbers(&wanted[name]));
        assert!(off < 1e-4, "{name}: {off}");
    }
    let both = with_deltas(&mfcc(), 2).unwrap();
    assert_eq!((both.frames(), both.size()), (8, 39));
    let first = deltas(&mfcc(), 2).unwrap();
    let second = deltas(&first, 2).unwrap();
    for (t, row) in both.rows().enumerate() {
        assert_eq!(row[..13], mfcc().values()[t * 13..(t + 1) * 13]);
        assert_eq!(row[13..26], first.values()[t * 13..(t + 1) * 13]);
        assert_eq!(row[26..], second.values()[t * 13..(t + 1) * 13]);
    }
}

#[test]
fn deltas_of_few_frames() {
    for frames in [0, 1, 2] {
        let got = deltas(&random(frames, 4, 1), 9).unwrap();
        assert_eq!((got.frames(), got.size()), (frames, 4));
    }
    assert_eq!(deltas(&random(1, 4, 1), 2).unwrap().values(), [0.0; 4]);
    assert!(message(deltas(&mfcc(), 0)).contains("reach = 0"));
    assert!(with_deltas(&mfcc(), usize::MAX).is_err());
}

#[test]
fn normalised_as_by_numpy() {
    let mut got = mfcc();
    Cmvn::of(&got).unwrap().apply(&mut got).unwrap();
    let off = distance(got.values(), &numbers(&reference("cmvn")));
    assert!(off < 1e-5, "{off}");
}

#[test]
fn statistics_of_many_utterances() {
    let (a, b) = (random(30, 5, 1), random(70, 5, 2));
    let mut whole = a.clone();
    whole.append(&b).unwrap();
    let mut parts = Cmvn::new(5).unwrap();
    parts.add(&a).unwrap();
    parts.add(&b).unwrap();
    assert_eq!(parts, Cmvn::of(&whole).unwrap());
    parts.apply(&mut whole).unwrap();
    let after = Cmvn::of(&whole).unwrap();
    assert!(distance(after.mean(), &[0.0; 5]) < 1e-6);
    assert!(distance(&after.deviation(), &[1.0; 5]) < 1e-5);
}

#[test]
fn features_that_never_change() {
    let mut constant = Features::new(2, vec![3.1, -7.0, 3.1, -7.0, 3.1, -7.0]).unwrap();
    Cmvn::of(&constant).unwrap().apply(&mut constant).unwrap();
    assert_eq!(constant.values(), [0.0; 6]);
}

#[test]
fn what_cannot_be() {
    assert!(Features::new(0, vec![]).is_err());
    assert!(message(Features::new(3, vec![0.0; 4])).contains("4 numbers in rows of 3"));
    assert!(random(2, 3, 1).append(&random(2, 4, 1)).is_err());
    for (coefficients, bands) in [(0, 10), (11, 10), (1, usize::MAX)] {
        assert!(Mfcc::new(coefficients, bands).is_err());
    }
    assert!(message(Mfcc::new(5, 20).unwrap().apply(&mfcc())).contains("wanted 20 numbers"));
    assert!(Cmvn::new(0).is_err());
    assert!(Cmvn::new(3).unwrap().add(&mfcc()).is_err());
    assert!(message(Cmvn::new(13).unwrap().apply(&mut mfcc())).contains("statistics of no frame"));
    let mut none = Features::new(13, vec![]).unwrap();
    Cmvn::of(&none.clone()).unwrap().apply(&mut none).unwrap();
    let mut mel = mel();
    for (floor, range) in [(0.0, None), (f32::NAN, None), (1.0, Some(-1.0)), (1.0, Some(f32::NAN))]
    {
        assert!(power_to_db(&mut mel, floor, range).is_err());
    }
}

#[test]
fn a_tensor_of_features() {
    let tensor = mfcc().to_tensor().unwrap();
    assert_eq!(tensor.shape(), [8, 13]);
    assert_eq!(tensor.to_vec(), mfcc().values());
}
