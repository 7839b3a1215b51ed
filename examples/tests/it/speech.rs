//! The programs that listen, as a user calls them, with recordings that are made here.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use gradus::data::audio::{Audio, WavEncoding, save_wav};

use crate::command::program;

fn run(name: &str, args: &[&str]) -> Output {
    Command::new(program(name)).args(args).output().expect("`cargo test` builds the examples")
}

#[track_caller]
fn said(name: &str, args: &[&str]) -> String {
    let output = run(name, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn refused(name: &str, args: &[&str], words: &[&str]) {
    let output = run(name, args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{args:?} was accepted");
    assert!(
        words.iter().all(|word| error.contains(word)) && !error.contains("panicked"),
        "{error}"
    );
}

/// A fifth of a second of silence, a tone, and as much silence, at 16 kHz.
fn tone(path: &Path, hz: f32) {
    let loud = |t: usize| if (3_200..8_000).contains(&t) { 0.4 } else { 0.0005 };
    let wave = |t: usize| loud(t) * (t as f32 * hz * std::f32::consts::TAU / 16_000.0).sin();
    let sound = Audio::new(16_000, 1, (0..11_200).map(wave).collect()).expect("a sound");
    save_wav(path, &sound, WavEncoding::Int16).expect("a file");
}

#[test]
fn words_are_learned_and_recognised() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("data"), place.path().join("run"));
    fs::create_dir(&data).expect("a folder");
    let (data, out) = (data.to_str().expect("text"), out.to_str().expect("text"));
    for (label, hz) in [("high", 1500.0), ("low", 300.0)] {
        for (i, who) in ["ann", "bo", "cy"].iter().enumerate() {
            for take in 0..3 {
                let name = format!("{data}/{label}_{who}_{take}.wav");
                tone(Path::new(&name), hz + 20.0 * i as f32 + take as f32);
            }
        }
    }
    let args = ["--data", data, "--out", out, "--leave-out", "cy", "--epochs"];
    let text = said("spoken-digits", &[&args[..], &["2"]].concat());
    assert!(text.contains("12 recordings to train, 6 to test, 16000 Hz"), "{text}");
    assert!(text.contains("epoch 2/2") && text.contains("% of 6 right"), "{text}");
    refused("spoken-digits", &[&args[..], &["3"]].concat(), &["with a run in it", "resume"]);
    let text = said("spoken-digits", &[&args[..], &["3", "--resume"]].concat());
    assert!(text.contains("epoch 3/3"), "{text}");

    let file = format!("{data}/low_cy_0.wav");
    let text = said("spoken-digits", &["predict", &file, "--out", out]);
    let words: Vec<&str> = text.lines().filter_map(|line| line.split("%  ").nth(1)).collect();
    assert!(words.len() == 2 && words.contains(&"low") && words.contains(&"high"), "{text}");
    let cargo = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    refused("spoken-digits", &["predict", cargo, "--out", out], &["Cargo.toml", "is no WAV file"]);
    refused("spoken-digits", &["predict", &file, "--out", data], &["config.toml"]);
    let silent = place.path().join("silent.wav");
    let silence = Audio::new(16_000, 1, vec![0.0; 16_000]).expect("a sound");
    save_wav(&silent, &silence, WavEncoding::Int16).expect("a file");
    let silent = silent.to_str().expect("text");
    refused("spoken-digits", &["predict", silent, "--out", out], &["silent.wav is silent"]);
}

#[test]
fn without_recordings_it_is_said_where_to_get_some() {
    refused("spoken-digits", &[], &["--data", "free-spoken-digit-dataset", "speech_commands"]);
    refused("spelled", &[], &["--data", "an4", "metadata.csv"]);
    let place = tempfile::tempdir().expect("a folder");
    let empty = place.path().to_str().expect("text");
    refused("spoken-digits", &["--data", empty], &[empty, "LABEL_SPEAKER_TAKE.wav"]);
    refused("spelled", &["--data", empty], &[empty, "has no transcripts"]);
    refused("spelled", &["--data", "/no/such/folder"], &["/no/such/folder"]);
    refused("listen", &["x.wav", "--run", empty], &["config.toml"]);
}

#[test]
fn speech_is_written_down_with_its_times() {
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("data");
    fs::create_dir(&data).expect("a folder");
    for i in 0..20 {
        let (hz, text) = if i % 2 == 0 { (300.0, "A") } else { (1500.0, "B") };
        tone(&data.join(format!("{i:02}.wav")), hz + i as f32);
        fs::write(data.join(format!("{i:02}.txt")), text).expect("a file");
    }
    let path = |name: &str| place.path().join(name).to_str().expect("text").to_string();
    let (data, out, picture) = (path("data"), path("run"), path("words.svg"));
    let size = ["--hidden", "32", "--batch-size", "4", "--epochs", "60"];
    let text = said("spelled", &[&["--data", &data, "--out", &out], &size[..]].concat());
    assert!(text.contains("18 recordings to train, 2 to test"), "{text}");
    for way in ["best letters:", "beam:", "words:"] {
        assert!(text.contains(way), "{text}");
    }

    let file = format!("{data}/00.wav");
    let text = said("listen", &[&file, "--run", &out, "--picture", &picture]);
    let word = text.lines().next().unwrap_or_default();
    let letter = word.chars().last().filter(|&c| c == 'A' || c == 'B').expect("a letter");
    let start: f64 = word.split_whitespace().next().unwrap_or_default().parse().expect("a time");
    assert!((0.0..0.7).contains(&start), "{text}");
    let svg = fs::read_to_string(&picture).expect("a picture");
    assert!(svg.contains(&format!(">\n{letter}\n")), "the picture has no {letter}");

    // The same from standard input, where the sound comes in pieces of any size.
    let mut child = Command::new(program("listen"))
        .args(["-", "--run", &out])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let bytes = fs::read(&file).expect("a file");
    let mut input = child.stdin.take().expect("its input");
    bytes[44..].chunks(1237).for_each(|piece| input.write_all(piece).expect("a pipe"));
    drop(input);
    let output = child.wait_with_output().expect("an end");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().next(), Some(word));

    // A text that does not fit into the sound.
    fs::write(format!("{data}/19.txt"), "A B ".repeat(40)).expect("a file");
    refused("spelled", &["--data", &data, "--out", &path("other")], &["19.wav", "frames"]);
}
