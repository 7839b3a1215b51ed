//! Whisper's log-mel features: of a whole sound, beside their definition in PyTorch; and of the same
//! sound in pieces, bit for bit.

use gradus_data::audio::{Features, LogMel, MelFilters, MelSpec, Padding, Stft, Window, open_wav};

use crate::{Noise, distance, message, number, numbers, reference, shared, signal};

#[test]
fn as_whisper() {
    let wanted = reference("whisper");
    let log_mel = LogMel::whisper(80).unwrap();
    let got = log_mel.apply(&signal(number(&wanted["n"]), 16_000)).unwrap();
    assert_eq!((got.frames(), got.size()), (6, 80));
    let off = distance(got.values(), &numbers(&wanted["values"]));
    assert!(off < 1e-5, "{off}");
}

#[test]
fn as_whisper_on_speech() {
    let Some(path) = shared("speech/assets/jfk_16k.wav") else { return };
    let wanted = reference("jfk");
    let got = LogMel::whisper(80).unwrap().apply(open_wav(path).unwrap().samples()).unwrap();
    assert_eq!(got.frames(), number(&wanted["frames"]));
    let row = got.rows().nth(number(&wanted["row"])).unwrap();
    let off = distance(row, &numbers(&wanted["values"]));
    assert!(off < 1e-5, "{off}");
    let sum: f64 = got.values().iter().map(|&x| f64::from(x)).sum();
    let mean = sum / got.values().len() as f64;
    assert!((mean - wanted["mean"].as_f64().unwrap()).abs() < 1e-6, "{mean}");
}

fn bits(features: &Features) -> Vec<u32> {
    features.values().iter().map(|x| x.to_bits()).collect()
}

/// The features of a sound in pieces of given sizes, which are repeated.
fn in_pieces(log_mel: &LogMel, sound: &[f32], sizes: &[usize]) -> gradus_data::Result<Features> {
    let mut stream = log_mel.stream();
    let mut all = stream.push(&[])?;
    let mut rest = sound;
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, later) = rest.split_at(size.min(rest.len()));
        all.append(&stream.push(piece)?)?;
        rest = later;
    }
    all.append(&stream.finish()?)?;
    Ok(all)
}

#[test]
fn pieces_of_any_sizes_give_the_same_bits() {
    let mut noise = Noise(7);
    let random: Vec<usize> = (0..50).map(|_| noise.below(700)).collect();
    let filters = |n_fft| MelFilters::new(MelSpec::slaney(16_000, n_fft, 20)).unwrap();
    let mut variants = vec![LogMel::whisper(80).unwrap()];
    for padding in [Padding::None, Padding::Zeros, Padding::Reflect] {
        for (n_fft, hop) in [(256, 64), (255, 100), (128, 300), (64, 5000)] {
            let stft = Stft::new(n_fft, hop).unwrap().padding(padding);
            let stft = stft.window(&Window::Hamming.periodic(n_fft / 2)).unwrap();
            variants.push(LogMel::new(stft, filters(n_fft)).unwrap());
        }
    }
    for log_mel in variants {
        for n in [0, 1, 159, 160, 200, 201, 202, 399, 400, 401, 1600, 20_001] {
            let sound = signal(n, 16_000);
            let whole = log_mel.raw(&sound);
            for sizes in [&[1][..], &[160], &[199, 1], &[400], &[7, 0, 1000], &random, &[100_000]] {
                match (&whole, in_pieces(&log_mel, &sound, sizes)) {
                    (Ok(whole), Ok(parts)) => assert_eq!(bits(whole), bits(&parts), "{n}"),
                    (Err(whole), Err(parts)) => assert_eq!(whole.to_string(), parts.to_string()),
                    (whole, parts) => panic!("{n}: {whole:?}, {parts:?}"),
                }
            }
        }
    }
}

#[test]
fn frames_come_as_soon_as_they_are_complete() {
    let log_mel = LogMel::whisper(80).unwrap();
    let mut stream = log_mel.stream();
    // Frame 0 is complete after 200 samples and one to see what is reflected; it comes when frame 1,
    // complete after 360, shows that it is not the last.
    assert_eq!(stream.push(&[0.1; 359]).unwrap().frames(), 0);
    assert_eq!(stream.push(&[0.1; 1]).unwrap().frames(), 1);
    assert_eq!(stream.push(&[0.1; 160]).unwrap().frames(), 1);
    assert_eq!(stream.clone().finish().unwrap().frames(), 520 / 160 - 2);
    assert_eq!(format!("{stream:?}"), "LogMelStream(80 bands)");
}

#[test]
fn normalised_pieces_are_the_whole() {
    let log_mel = LogMel::whisper(128).unwrap();
    let sound = signal(5000, 16_000);
    let mut parts = in_pieces(&log_mel, &sound, &[333]).unwrap();
    LogMel::normalize(&mut parts);
    let whole = log_mel.apply(&sound).unwrap();
    assert_eq!(bits(&parts), bits(&whole));
    assert_eq!((whole.frames(), whole.size()), (31, 128));
    // Nothing is more than 8 powers of ten, two units, below the largest.
    let most = whole.values().iter().copied().fold(f32::MIN, f32::max);
    assert!(whole.values().iter().all(|&x| x >= most - 2.0 - 1e-6));
}

#[test]
fn silence_and_what_cannot_be() {
    let log_mel = LogMel::whisper(80).unwrap();
    let silent = log_mel.apply(&[0.0; 480]).unwrap();
    assert_eq!(silent.values(), [-1.5; 3 * 80]);
    assert!(message(log_mel.apply(&[0.0; 200])).contains("more than 200"));
    assert_eq!(log_mel.apply(&[0.0; 201]).unwrap().frames(), 1);
    assert!(LogMel::whisper(0).is_err());
    let filters = MelFilters::new(MelSpec::slaney(16_000, 512, 80)).unwrap();
    let error = message(LogMel::new(Stft::new(400, 160).unwrap(), filters));
    assert_eq!(error, "LogMel::new: got filters of 257 bins, wanted the 201 bins of the spectra");
}
