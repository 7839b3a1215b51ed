//! The `digits` program, as a user calls it: its errors name what is wrong and what to do.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Cargo puts examples in a folder beside that of the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this binary");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    profile.join("examples").join(name)
}

fn run(args: &[&str]) -> Output {
    Command::new(program("digits")).args(args).output().expect("`cargo test` builds the examples")
}

fn refused(args: &[&str]) -> String {
    let output = run(args);
    assert!(!output.status.success(), "{args:?} was accepted");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn help_lists_the_options() {
    let help = String::from_utf8(run(&["--help"]).stdout).expect("text");
    for option in
        ["--epochs", "--batch-size", "--lr", "--seed", "--threads", "--out", "--data", "--resume"]
    {
        assert!(help.contains(option), "{option} is not in the help");
    }
}

#[test]
fn a_folder_without_the_files_is_named_with_what_is_missing() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("out");
    let data = place.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let args = ["--data", data.to_str().expect("text"), "--out", out.to_str().expect("text")];
    let error = refused(&args);
    assert!(error.contains("train-images-idx3-ubyte") && error.contains("data"), "{error}");
    assert!(error.contains("dataset-fashion-mnist"), "{error}");
}

#[test]
fn a_bad_rate_is_refused_before_training() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().to_str().expect("text");
    for rate in ["NaN", "-0.1"] {
        let error = refused(&["--lr", rate, "--out", out].map(|a| a));
        assert!(error.contains("learning rate"), "{error}");
    }
}

#[test]
fn an_output_folder_that_cannot_be_written_is_named() {
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("file");
    std::fs::write(&file, "no folder").expect("a file");
    let error = refused(&["--out", file.join("runs").to_str().expect("text")]);
    assert!(error.contains("file") && error.contains("output folder"), "{error}");
}

#[test]
fn zero_images_in_a_batch_are_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().to_str().expect("text");
    let error = refused(&["--batch-size", "0", "--out", out]);
    assert!(error.contains("batch"), "{error}");
}

#[test]
fn resume_without_a_checkpoint_names_the_file() {
    let place = tempfile::tempdir().expect("a folder");
    let error = refused(&["--resume", "--out", place.path().to_str().expect("text")]);
    assert!(error.contains("last.ckpt"), "{error}");
}

#[test]
fn a_folder_with_a_run_is_refused_and_goes_on_or_is_replaced_when_asked() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().to_str().expect("text");
    assert!(run(&["--epochs", "1", "--out", out]).status.success());
    let error = refused(&["--epochs", "2", "--out", out]);
    assert!(error.contains("holds a run") && error.contains("--resume"), "{error}");
    let said = |args: &[&str]| {
        let output = run(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let nothing = said(&["--epochs", "0", "--resume", "--out", out]);
    assert!(nothing.contains("Nothing was trained"), "{nothing}");
    let two = said(&["--epochs", "2", "--resume", "--out", out]);
    assert!(two.contains("Going on after 1 epochs") && two.contains("validation loss"), "{two}");
    let again = said(&["--epochs", "1", "--overwrite", "--out", out]);
    assert!(again.contains("epoch 1/1"), "{again}");
}

#[test]
fn a_rate_that_is_too_large_stops_at_the_first_loss_that_is_not_finite() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().to_str().expect("text");
    let error = refused(&["--epochs", "2", "--lr", "1e30", "--out", out]);
    assert!(error.contains("step ") && error.contains("the loss is"), "{error}");
}

#[test]
fn the_adversarial_network_draws_and_goes_on() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("run");
    for (epochs, said) in [("1", "epoch 1/1"), ("2", "epoch 2/2")] {
        let output = Command::new(program("gan"))
            .args(["--epochs", epochs, "--out", out.to_str().expect("text")])
            .output()
            .expect("`cargo test` builds the examples");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains(said), "{output:?}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(out.join(format!("epoch-00{epochs}.png")).exists());
    }
}

#[test]
fn the_vowels_are_learned_and_go_on() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("run");
    let run = |args: &[&str]| {
        let output = Command::new(program("vowels"))
            .args(["--out", out.to_str().expect("text")])
            .args(args)
            .output()
            .expect("`cargo test` builds the examples");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let text = run(&["--epochs", "2"]);
    assert!(text.contains("epoch 2/2") && text.contains("of 370 right"), "{text}");
    let text = run(&["--epochs", "3", "--resume"]);
    assert!(text.contains("epoch 3/3") && !text.contains("epoch 2/3"), "{text}");
    for picture in ["curves.png", "confusion.png"] {
        assert!(out.join(picture).exists(), "{picture}");
    }
}
