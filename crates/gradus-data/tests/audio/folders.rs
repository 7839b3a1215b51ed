//! Folders of recordings: their layouts, their parts, and what is wrong with them.

use std::fs;
use std::path::Path;

use gradus_data::audio::{
    Audio, Cmvn, RecordingFolder, SphinxMfcc, Transcripts, WavEncoding, save_wav,
};
use gradus_data::{Dataset, Result};

use super::{message, shared};

/// A folder of short recordings: their names, with the folders they lie in.
fn recordings(names: &[&str]) -> Result<tempfile::TempDir> {
    let dir = tempfile::tempdir().expect("a folder");
    for (i, name) in names.iter().enumerate() {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let sound = Audio::new(8000, 1, vec![i as f32 / 100.0; 80])?;
        save_wav(path, &sound, WavEncoding::Float32)?;
    }
    Ok(dir)
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

#[test]
fn digits_say_who_speaks_and_which_take_it_is() -> Result<()> {
    let dir =
        recordings(&["1_ann_4.wav", "1_ann_5.wav", "0_bo_b_17.wav", "0_bo_b_0.wav", "_x_y_1.wav"])?;
    fs::write(dir.path().join("README.md"), "about").expect("a file");
    let all = RecordingFolder::open(dir.path())?;
    assert_eq!(
        (all.labels(), all.speakers()),
        (&["0".into(), "1".into()][..], vec!["ann".into(), "bo_b".into()])
    );
    assert_eq!((all.len(), all.rate()), (4, 8000));
    let (train, test) = all.given();
    assert_eq!((train.len(), test.len()), (2, 2));
    assert_eq!(train.get(0)?, (vec![0.02; 80], 0));
    assert_eq!(train.clone().at(4000).get(0)?.0.len(), 40);
    let (others, ann) = all.without("ann")?;
    assert_eq!((others.len(), ann.len(), ann.labels().len()), (2, 2, 2));
    let says = "RecordingFolder::without: got speaker \"eve\", wanted one of two or more speakers: ann, bo_b";
    assert_eq!(message(all.without("eve")), says);
    assert!(message(all.get(4)).contains("item 4 of a data set of 4"));
    Ok(())
}

#[test]
fn commands_lie_in_folders_of_their_words() -> Result<()> {
    let names = ["train/yes/a_nohash_0.wav", "train/no/b_nohash_0.wav", "test/no/c_nohash_1.WAV"];
    let all = RecordingFolder::open(recordings(&names)?.path())?;
    assert_eq!(all.speakers(), ["a", "b", "c"]);
    assert_eq!(all.given().1.speakers(), ["c"]);

    // Without parts: what the list says, or a tenth of the speakers, all that one says.
    let names: Vec<String> =
        (0..200).map(|i| format!("{}/s{}_nohash_{i}.wav", i % 2, i % 50)).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("_background_noise_/tap.wav");
    let dir = recordings(&names)?;
    let all = RecordingFolder::open(dir.path())?;
    assert_eq!(all.len(), 200);
    let (train, test) = all.given();
    assert!((1..=15).contains(&test.speakers().len()), "{}", test.speakers().len());
    assert!(test.speakers().iter().all(|s| !train.speakers().contains(s)));
    write(dir.path(), "testing_list.txt", "0/s0_nohash_0.wav\n1/s1_nohash_1.wav\n");
    assert_eq!(RecordingFolder::open(dir.path())?.given().1.len(), 2);
    Ok(())
}

#[test]
fn a_folder_without_labels_says_what_it_should_be() -> Result<()> {
    let dir = recordings(&["one.wav", "two.wav"])?;
    let error = message(RecordingFolder::open(dir.path()));
    assert!(
        error.contains("0 recordings of 0 labels") && error.contains("LABEL_SPEAKER_TAKE.wav"),
        "{error}"
    );
    let error = message(RecordingFolder::open(dir.path().join("no")));
    assert!(error.contains("no: "), "{error}");
    let dir = recordings(&["yes/a.wav", "no/b.wav"])?;
    fs::write(dir.path().join("no/b.wav"), "no sound").expect("a file");
    let error = message(RecordingFolder::open(dir.path()));
    assert!(error.contains("b.wav: is no WAV file"), "{error}");
    let nan = Audio::new(8000, 1, vec![0.0, f32::NAN])?;
    save_wav(dir.path().join("no/b.wav"), &nan, WavEncoding::Float32)?;
    let error = message(RecordingFolder::open(dir.path())?.get(0));
    assert!(error.contains("b.wav with NaN as sample 1, wanted finite samples"), "{error}");
    Ok(())
}

#[test]
fn transcripts_in_four_forms() -> Result<()> {
    let said = |dir: &Path| -> Result<Vec<(String, bool)>> {
        let all = Transcripts::open(dir)?.utterances;
        assert!(all.iter().all(|utterance| utterance.path.is_file()));
        Ok(all.into_iter().map(|utterance| (utterance.text, utterance.test)).collect())
    };
    let text = |text: &str, test| (text.to_string(), test);

    let dir = recordings(&["wav/x/a.wav", "wav/x/b.wav"])?;
    write(dir.path(), "etc/my_train.fileids", "x/b\n");
    write(dir.path(), "etc/my_train.transcription", "not used (q)\n<s> two  words </s> (b)\n");
    write(dir.path(), "etc/my_test.fileids", "x/a\n");
    write(dir.path(), "etc/my_test.transcription", "one (a)\n");
    assert_eq!(said(dir.path())?, [text("two words", false), text("one", true)]);

    let dir = recordings(&["wavs/a.wav", "wavs/b.wav"])?;
    write(dir.path(), "metadata.csv", "a|1 word|one word\nb|two\n");
    assert_eq!(said(dir.path())?, [text("one word", false), text("two", false)]);

    let dir = recordings(&["1/2/1-2-0.wav", "1/2/1-2-1.wav"])?;
    write(dir.path(), "1/2/1-2.trans.txt", "1-2-1 SAID LATER\n1-2-0 SAID FIRST\n");
    assert_eq!(said(dir.path())?, [text("SAID LATER", false), text("SAID FIRST", false)]);

    let names: Vec<String> = (10..30).map(|i| format!("{i}.wav")).collect();
    let dir = recordings(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    (10..30).for_each(|i| write(dir.path(), &format!("{i}.txt"), &format!("number\n{i}")));
    let found = said(dir.path())?;
    assert_eq!(
        (found.len(), &found[3], &found[9]),
        (20, &text("number 13", false), &text("number 19", true))
    );
    Ok(())
}

#[test]
fn what_is_wrong_with_transcripts_is_named() -> Result<()> {
    let says = |dir: &Path, words: &[&str]| {
        let error = message(Transcripts::open(dir));
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    let dir = recordings(&["wav/a.wav"])?;
    says(dir.path(), &["has no transcripts", "metadata.csv"]);
    says(&dir.path().join("no"), &["no: "]);
    write(dir.path(), "metadata.csv", "a|one\nb|two\n");
    says(dir.path(), &["metadata.csv", "line 1", "names a, of which there is no .wav"]);
    write(dir.path(), "metadata.csv", "a one\n");
    says(dir.path(), &["line 1", "wanted ID|TEXT"]);
    write(dir.path(), "etc/x_train.fileids", "a\nb\n");
    write(dir.path(), "etc/x_train.transcription", "one (a)\ntwo\n");
    says(dir.path(), &["x_train.transcription", "line 2", "(ID)"]);
    write(dir.path(), "etc/x_train.transcription", "one (a)\n");
    says(dir.path(), &["x_train.fileids", "line 2", "names b"]);
    Ok(())
}

#[test]
fn the_cepstra_of_an4_are_read() -> Result<()> {
    let Some(dir) = shared("speech/an4-mfcc") else {
        return Ok(());
    };
    let all = Transcripts::open(dir)?.utterances;
    let count = |test| all.iter().filter(|utterance| utterance.test == test).count();
    assert_eq!((count(false), count(true)), (948, 130));
    assert_eq!(all[948].text, "RUBOUT G M E F THREE NINE");
    let front = SphinxMfcc::new()?;
    let mut cmvn = Cmvn::new(13)?;
    for utterance in &all {
        let cepstra = utterance.cepstra(&front)?;
        // Every text fits its frames.
        assert!(cepstra.frames() > 2 * utterance.text.len(), "{utterance:?}");
        cmvn.add(&cepstra)?;
    }
    assert!(cmvn.deviation().iter().all(|&d| d > 0.05 && d < 5.0), "{:?}", cmvn.deviation());
    Ok(())
}
