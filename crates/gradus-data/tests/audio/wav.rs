//! WAV: files of libsndfile, files made here, and every kind of bad one.

use gradus_data::Error;
use gradus_data::audio::{
    Audio, AudioProblem, WavEncoding, open_wav, read_wav, save_wav, write_wav,
};

use crate::{Noise, bytes, cases, distance, message, number, numbers, reference, shared};

/// A chunk: its name, the length it declares, and its content.
fn chunk(name: &[u8; 4], length: u32, content: &[u8]) -> Vec<u8> {
    [&name[..], &length.to_le_bytes(), content].concat()
}

/// A chunk `fmt ` of 16 bytes.
fn fmt(tag: u16, channels: u16, rate: u32, align: u16, bits: u16) -> Vec<u8> {
    let speed = rate.wrapping_mul(align.into());
    let content = [
        &tag.to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &speed.to_le_bytes(),
        &align.to_le_bytes(),
        &bits.to_le_bytes(),
    ];
    chunk(b"fmt ", 16, &content.concat())
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.concat();
    [b"RIFF", &(content.len() as u32 + 4).to_le_bytes()[..], b"WAVE", &content].concat()
}

const MONO: (u16, u16, u32, u16, u16) = (1, 1, 8000, 2, 16);

/// A file with one format and one chunk `data`.
fn wav((tag, channels, rate, align, bits): (u16, u16, u32, u16, u16), data: &[u8]) -> Vec<u8> {
    riff(&[fmt(tag, channels, rate, align, bits), chunk(b"data", data.len() as u32, data)])
}

fn read(file: &[u8]) -> gradus_data::Result<Audio> {
    read_wav(file, "x.wav")
}

fn problem(file: &[u8]) -> AudioProblem {
    match read(file) {
        Err(Error::Audio { problem, .. }) => problem,
        Err(other) => panic!("another error: {other}"),
        Ok(audio) => panic!("no error: {audio:?}"),
    }
}

#[test]
fn files_of_libsndfile() {
    let all = cases("wav");
    assert_eq!(all.len(), 32);
    for case in all {
        let audio = read(&bytes(&case["file"])).unwrap();
        assert_eq!(audio.rate() as usize, number(&case["rate"]));
        assert_eq!(audio.channels(), number(&case["channels"]));
        let off = distance(audio.samples(), &numbers(&case["samples"]));
        assert!(off < 1e-8, "{}: {off}", case["name"]);
    }
}

#[test]
fn every_code_of_a_law_and_mu_law() {
    let codes: Vec<u8> = (0..=255).collect();
    for (tag, name) in [(6, "ALAW"), (7, "ULAW")] {
        let audio = read(&wav((tag, 1, 8000, 1, 8), &codes)).unwrap();
        assert!(distance(audio.samples(), &numbers(&reference("g711")[name])) < 1e-8, "{name}");
    }
}

#[test]
fn integers_in_wider_fields_stand_on_the_left() {
    for (align, bits, data) in [
        (2, 12, &[0_u8, 0x40, 0, 0xc0][..]),
        (3, 20, &[0, 0, 0x40, 0, 0, 0xc0]),
        (4, 24, &[0, 0, 0, 0x40, 0, 0, 0, 0xc0]),
    ] {
        let audio = read(&wav((1, 1, 8000, align, bits), data)).unwrap();
        assert_eq!(audio.samples(), [0.5, -0.5], "{bits}");
    }
}

#[test]
fn written_files_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.wav");
    let mut noise = Noise(5);
    for (rate, channels) in [(1, 1), (8000, 2), (44_100, 1), (192_000, 7), (10_000_000, 3)] {
        let samples: Vec<f32> = (0..channels * 50).map(|_| noise.sample() as f32).collect();
        let audio = Audio::new(rate, channels, samples.clone()).unwrap();
        save_wav(&path, &audio, WavEncoding::Float32).unwrap();
        assert_eq!(open_wav(&path).unwrap(), audio);
        save_wav(&path, &audio, WavEncoding::Int16).unwrap();
        let rounded = open_wav(&path).unwrap();
        assert!(distance(rounded.samples(), &samples) <= 1.0 / 32768.0);
        // What was 16 bits once stays as it is.
        save_wav(&path, &rounded, WavEncoding::Int16).unwrap();
        assert_eq!(open_wav(&path).unwrap(), rounded);
    }
    let none = Audio::new(8000, 2, vec![]).unwrap();
    save_wav(&path, &none, WavEncoding::Float32).unwrap();
    assert_eq!(open_wav(&path).unwrap(), none);
    assert!(open_wav(dir.path().join("absent.wav")).is_err());
    let nowhere = dir.path().join("no/such/folder.wav");
    assert!(message(save_wav(&nowhere, &none, WavEncoding::Int16)).contains("folder.wav"));
}

#[test]
fn the_file_that_is_written() {
    let audio = Audio::new(8000, 2, vec![0.5, -0.5, 1.0, -1.5]).unwrap();
    let mut file = Vec::new();
    write_wav(&mut file, &audio, WavEncoding::Int16).unwrap();
    assert_eq!(file, wav((1, 2, 8000, 4, 16), &[0, 0x40, 0, 0xc0, 0xff, 0x7f, 0, 0x80]));
    file.clear();
    write_wav(&mut file, &audio, WavEncoding::Float32).unwrap();
    assert_eq!(u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize, file.len() - 8);
    assert_eq!(file.len(), 12 + 26 + 12 + 8 + 16);
}

#[test]
fn what_cannot_be_written() {
    let nan = Audio::new(8000, 1, vec![0.0, f32::NAN]).unwrap();
    assert_eq!(
        message(write_wav(&mut Vec::new(), &nan, WavEncoding::Int16)),
        "write_wav: got sample 1 is NaN, wanted numbers, or WavEncoding::Float32"
    );
    let wide = Audio::new(8000, 40_000, vec![0.0; 40_000]).unwrap();
    let error = message(write_wav(&mut Vec::new(), &wide, WavEncoding::Int16));
    assert_eq!(error, "write_wav: got 40000 channels, wanted frames of at most 65,535 bytes");
}

#[test]
fn not_a_number_is_kept() {
    let data = [f32::NAN, 0.5, f32::INFINITY].map(f32::to_le_bytes).concat();
    let audio = read(&wav((3, 1, 8000, 4, 32), &data)).unwrap();
    assert!(audio.samples()[0].is_nan() && audio.samples()[2].is_infinite());
    assert_eq!(audio.first_not_finite(), Some(0));
    let mut file = Vec::new();
    write_wav(&mut file, &audio, WavEncoding::Float32).unwrap();
    assert!(read(&file).unwrap().samples()[0].is_nan());
    assert_eq!(read(&wav(MONO, &[1, 2])).unwrap().first_not_finite(), None);
}

#[test]
fn other_chunks_before_and_after() {
    let data = chunk(b"data", 4, &[0, 0x40, 0, 0xc0]);
    let format = || fmt(1, 1, 8000, 2, 16);
    let odd_padded = chunk(b"LIST", 3, &[b'a', b'b', b'c', 0]);
    let odd_unpadded = chunk(b"LIST", 3, b"abc");
    let empty = chunk(b"JUNK", 0, &[]);
    for chunks in [
        vec![odd_padded.clone(), format(), empty.clone(), data.clone(), odd_padded.clone()],
        vec![odd_unpadded.clone(), format(), odd_unpadded.clone(), data.clone()],
        vec![format(), empty, data.clone(), b"rubbish after the samples".to_vec()],
        vec![format(), odd_padded, data.clone(), chunk(b"LIST", u32::MAX, b"cut")],
    ] {
        assert_eq!(read(&riff(&chunks)).unwrap().samples(), [0.5, -0.5]);
    }
    // The length of the whole is not looked at.
    for length in [0, 1, u32::MAX] {
        let mut file = wav(MONO, &[0, 0x40]);
        file[4..8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(read(&file).unwrap().samples(), [0.5]);
    }
}

#[test]
fn lengths_of_streaming_writers() {
    let samples = [0, 0x40, 0, 0xc0, 0, 0x20];
    for length in [0, 0x7fff_f000, 0x7fff_ffff, 0x8000_0000, u32::MAX - 36, u32::MAX] {
        let file = riff(&[fmt(1, 1, 8000, 2, 16), chunk(b"data", length, &samples)]);
        assert_eq!(read(&file).unwrap().samples(), [0.5, -0.5, 0.25], "{length}");
        // Half a frame at the end is none.
        assert_eq!(read(&file[..file.len() - 1]).unwrap().samples(), [0.5, -0.5], "{length}");
    }
}

#[test]
fn no_samples() {
    let format = || fmt(1, 2, 8000, 4, 16);
    let empty = chunk(b"data", 0, &[]);
    let list = chunk(b"LIST", 4, b"INFO");
    for chunks in [vec![format(), empty.clone()], vec![format(), empty, list.clone(), list]] {
        let audio = read(&riff(&chunks)).unwrap();
        assert_eq!((audio.frames(), audio.channels(), audio.seconds()), (0, 2, 0.0));
        assert!(audio.mono().is_empty());
        assert_eq!(audio.resampled(16_000).unwrap().frames(), 0);
    }
    // Less than a frame.
    assert_eq!(read(&wav((1, 2, 8000, 4, 16), &[1, 2, 3])).unwrap().frames(), 0);
}

#[test]
fn headers_that_cannot_be() {
    let data = [0; 8];
    assert_eq!(problem(&wav((1, 0, 8000, 2, 16), &data)), AudioProblem::NoChannels);
    for rate in [0, 10_000_001, 1_000_000_000, u32::MAX] {
        assert_eq!(problem(&wav((1, 1, rate, 2, 16), &data)), AudioProblem::Rate { rate });
    }
    assert_eq!(
        message(read(&wav((1, 1, 0, 2, 16), &data))),
        "x.wav: declares a rate of 0 Hz; wanted 1 to 10000000 Hz: its header is damaged"
    );
    for (tag, channels, got, bits, wanted) in
        [(1, 1, 0, 16, 2), (1, 2, 5, 16, 4), (1, 2, 3, 16, 4), (3, 1, 3, 32, 4), (7, 1, 2, 8, 1)]
    {
        let problem = problem(&wav((tag, channels, 8000, got, bits), &data));
        assert_eq!(problem, AudioProblem::BlockAlign { got, channels, bits, wanted });
    }
    assert_eq!(
        message(read(&wav((1, 2, 8000, 5, 16), &data))),
        "x.wav: declares frames of 5 bytes, but 2 samples of 16 bits need 4; its header is damaged"
    );
    for (tag, align, bits) in
        [(1, 1, 0), (1, 5, 33), (1, 8, 64), (3, 2, 16), (0x55, 1, 0), (2, 1, 4), (6, 2, 16)]
    {
        let problem = problem(&wav((tag, 1, 8000, align, bits), &data));
        assert_eq!(problem, AudioProblem::Encoding { tag, bits });
    }
    assert_eq!(
        message(read(&wav((0x55, 1, 8000, 1, 0), &data))),
        "x.wav: holds 0-bit samples with the format tag 0x0055 (MP3); wanted 8, 16, 24 or 32-bit \
         integers, 32 or 64-bit floats, A-law or mu-law; `ffmpeg -i FILE -c:a pcm_s16le NEW.wav` \
         converts most kinds"
    );
    // As many channels as can be declared.
    let wide = wav((1, 65_535, 8000, 65_535, 8), &vec![128; 65_535 * 2]);
    assert_eq!(read(&wide).unwrap().frames(), 2);
}

#[test]
fn formats_that_are_cut_or_unknown() {
    let samples = chunk(b"data", 2, &[0, 0]);
    for size in [0, 2, 14] {
        let format = chunk(b"fmt ", size, &vec![1; size as usize]);
        let got = problem(&riff(&[format, samples.clone()]));
        assert_eq!(got, AudioProblem::FormatSize { size: size as usize, wanted: 16 });
    }
    let mut format = fmt(0xfffe, 1, 8000, 2, 16);
    assert_eq!(
        problem(&riff(&[format.clone(), samples.clone()])),
        AudioProblem::FormatSize { size: 16, wanted: 40 }
    );
    // An extension whose sub-format is none of Microsoft's.
    format[4..8].copy_from_slice(&40_u32.to_le_bytes());
    format.extend([7; 24]);
    let got = problem(&riff(&[format, samples.clone()]));
    assert_eq!(got, AudioProblem::Encoding { tag: 0xfffe, bits: 16 });
    assert_eq!(problem(&riff(&[samples, fmt(1, 1, 8000, 2, 16)])), AudioProblem::Order);
}

#[test]
fn other_kinds_of_files() {
    assert_eq!(
        message(read(b"\xff\xfb\x90\x64\0\0\0\0\0\0\0\0 an MP3")),
        "x.wav: is no WAV file: it starts with the bytes ff fb 90 64 00 00 00 00 00 00 00 00 (MP3); \
         `ffmpeg -i FILE -c:a pcm_s16le NEW.wav` converts most kinds"
    );
    for (start, name) in [
        (&b"fLaC\0\0\0\x22"[..], "(FLAC)"),
        (b"RIFX\0\0\0\0WAVE", "(RIFX, big-endian WAV)"),
        (b"<!DOCTYPE html>", "(a web page?)"),
        (b"RIFF\0\0\0\0AVI LIST", "is no WAV file"),
        (b"RIF", "is no WAV file"),
        (b"", "is no WAV file"),
    ] {
        assert!(message(read(start)).contains(name), "{name}");
    }
}

#[test]
fn truncated() {
    let whole = wav(MONO, &[1; 100]);
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "{end}");
    }
    assert_eq!(
        message(read(&whole[..whole.len() - 60])),
        "x.wav: holds 40 bytes of samples, but declares 100; the file is truncated: get it again, or \
         set the length of its chunk `data` to 0 to read what is there"
    );
    assert_eq!(problem(&whole[..30]), {
        AudioProblem::Chunk { chunk: "fmt ".into(), at: 12, declared: 16, found: 10 }
    });
    assert_eq!(problem(&whole[..40]), AudioProblem::NoChunk { chunk: "data" });
    assert_eq!(problem(&whole[..14]), AudioProblem::NoChunk { chunk: "fmt " });
    let lie = riff(&[fmt(1, 1, 8000, 2, 16), chunk(b"LI\xffT", 4_000_000_000, b"abc")]);
    assert!(message(read(&lie)).contains("a chunk `LI\u{fffd}T` of 4000000000 bytes at byte 36"));
}

#[test]
fn a_reader_may_give_single_bytes() {
    struct Drip<'a>(&'a [u8]);
    impl std::io::Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let n = to.len().min(1);
            std::io::Read::read(&mut self.0, &mut to[..n])
        }
    }
    let file = wav(MONO, &[0, 0x40, 0, 0xc0]);
    assert_eq!(read_wav(Drip(&file), "drip").unwrap().samples(), [0.5, -0.5]);
}

#[test]
fn nothing_makes_it_panic() {
    let mut noise = Noise(9);
    let check = |file: &[u8]| {
        if let Ok(audio) = read(file) {
            assert!(audio.samples().len() <= file.len());
        }
    };
    let formats = [MONO, (3, 2, 44_100, 8, 32), (7, 1, 8000, 1, 8), (0xfffe, 1, 8000, 3, 24)];
    for format in formats {
        let list = chunk(b"LIST", 5, b"abcde\0");
        let (tag, channels, rate, align, bits) = format;
        let mut first = fmt(tag, channels, rate, align, bits);
        if tag == 0xfffe {
            first[4] = 40;
            first.extend([22, 0, 24, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0]);
            first.extend([0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
        }
        let whole = riff(&[list.clone(), first, chunk(b"data", 24, &[7; 24]), list]);
        assert!(read(&whole).is_ok());
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&flipped);
        }
        for _ in 0..5000 {
            let mut damaged = whole.clone();
            for _ in 0..1 + noise.below(6) {
                let at = noise.below(damaged.len());
                damaged[at] = noise.next() as u8;
            }
            damaged.truncate(noise.below(damaged.len() + 1));
            check(&damaged);
        }
    }
}

#[test]
fn channels_and_arguments() {
    let audio = Audio::new(8000, 2, vec![0.0, 1.0, 0.5, 0.5]).unwrap();
    assert_eq!(audio.mono(), [0.5, 0.5]);
    assert_eq!(audio.channel(0).unwrap(), [0.0, 0.5]);
    assert_eq!(audio.channel(1).unwrap(), [1.0, 0.5]);
    assert!(message(audio.channel(2)).contains("item 2 of a data set of 2 items"));
    for (rate, channels, n) in [(8000, 0, 0), (0, 1, 4), (10_000_001, 1, 4), (8000, 3, 4)] {
        assert!(Audio::new(rate, channels, vec![0.0; n]).is_err(), "{rate} {channels} {n}");
    }
}

#[test]
fn real_files() {
    if let Some(path) = shared("speech/assets/jfk_16k.wav") {
        let audio = open_wav(path).unwrap();
        assert_eq!((audio.rate(), audio.channels(), audio.frames()), (16_000, 1, 176_000));
        assert_eq!(audio.seconds(), 11.0);
    }
    if let Some(dir) = shared("speech/fsdd") {
        let paths: Vec<_> = dir.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        let paths: Vec<_> =
            paths.iter().filter(|path| path.extension().is_some_and(|e| e == "wav")).collect();
        assert_eq!(paths.len(), 3000);
        for path in paths {
            let audio = open_wav(path).unwrap();
            assert_eq!((audio.rate(), audio.channels()), (8000, 1), "{}", path.display());
            assert!((0.1..3.0).contains(&audio.seconds()), "{}", path.display());
        }
    }
}
