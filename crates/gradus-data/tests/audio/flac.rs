//! FLAC: files of libsndfile, and damaged ones.

use gradus_data::Error;
use gradus_data::audio::{AudioProblem, read_flac};

use crate::{Noise, bytes, cases, distance, message, numbers};

#[test]
fn files_of_libsndfile() {
    for case in cases("flac") {
        let audio = read_flac(&bytes(&case["file"])[..], "x.flac").unwrap();
        assert_eq!((audio.rate(), audio.channels(), audio.frames()), (16_000, 2, 120));
        assert!(distance(audio.samples(), &numbers(&case["samples"])) < 1e-8, "{}", case["name"]);
    }
}

#[test]
fn every_cut_is_an_error() {
    for case in cases("flac") {
        let file = bytes(&case["file"]);
        for end in 0..file.len() {
            assert!(read_flac(&file[..end], "cut").is_err(), "{end} of {}", file.len());
        }
    }
}

#[test]
fn other_kinds_of_files() {
    assert_eq!(
        message(read_flac(&b"OggS"[..], "x.flac")),
        "x.flac: is no FLAC file: it starts with the bytes 4f 67 67 53 (Ogg); `ffmpeg -i FILE -c:a \
         pcm_s16le NEW.wav` converts most kinds"
    );
    let error = read_flac(&b"fLaC and then nothing of the kind"[..], "x.flac");
    assert!(matches!(error, Err(Error::Audio { problem: AudioProblem::Flac { .. }, .. })));
}

#[test]
fn nothing_makes_it_panic() {
    let mut noise = Noise(3);
    for case in cases("flac") {
        let whole = bytes(&case["file"]);
        for _ in 0..3000 {
            let mut damaged = whole.clone();
            for _ in 0..1 + noise.below(6) {
                let at = noise.below(damaged.len());
                damaged[at] = noise.next() as u8;
            }
            damaged.truncate(noise.below(damaged.len()) + 1);
            if let Ok(audio) = read_flac(&damaged[..], "fuzz") {
                assert!(audio.samples().len() <= 1 << 20);
            }
        }
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = read_flac(&flipped[..], "flipped");
        }
    }
}
