//! A process that is killed at any instant while it saves loses nothing.
//!
//! The test starts its own binary as a child that saves one checkpoint after the other and prints
//! the step of each that is done. The parent kills the child, some milliseconds later or sooner,
//! and looks at the file: it loads (every byte is under a checksum), its parts belong to one step,
//! and that step is not below the last that the child had printed. Then the next child goes on.
//!
//! A kill leaves what the system has in memory, so this tests the order of steps in
//! `atomic::write`, not what a power cut leaves on a disk.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use gradus_serialize::Checkpoint;
use gradus_tensor::{Rng, Tensor};

/// Tells the child where to save. Without it, the child's test does nothing.
const PATH: &str = "GRADUS_KILL_TEST_PATH";
const KILLS: usize = 220;
/// A slow disk gets fewer kills, not a longer test.
const PATIENCE: Duration = Duration::from_secs(22);
const ENOUGH: usize = 20;

/// Every part says the step, so that a mixture of two steps shows.
fn checkpoint(step: u64) -> Checkpoint {
    let mut checkpoint = Checkpoint { step, ..Checkpoint::default() };
    // 400 KB, so that most kills hit while a file is being written.
    for name in ["a", "b", "c", "d"] {
        checkpoint.model.insert(name, Tensor::full([25_000], step as f32));
    }
    checkpoint.meta.insert("step".into(), step.to_string());
    checkpoint
}

#[test]
fn child() {
    let Some(path) = env::var_os(PATH) else { return };
    let first = Checkpoint::load(&path).map_or(0, |last| last.step + 1);
    for step in first.. {
        checkpoint(step).save(&path).unwrap();
        println!("saved {step}");
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn no_kill_loses_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("last.ckpt");
    let mut rng = Rng::new(20);
    let start = Instant::now();
    let (mut kills, mut halfway, mut done) = (0, 0, 0);
    checkpoint(0).save(&path).unwrap();
    while kills < KILLS && (kills < ENOUGH || start.elapsed() < PATIENCE) {
        let before = done;
        let printed = kill_a_child(&path, &mut rng);
        done = done.max(printed.unwrap_or(0));
        let last = Checkpoint::load(&path).unwrap_or_else(|e| panic!("after {kills} kills: {e}"));
        assert!(last.step >= done, "{} was saved, the file has {}", done, last.step);
        assert!(last == checkpoint(last.step), "the file mixes two steps");
        assert!(printed.is_none_or(|step| step >= before), "a child began before the last file");
        done = done.max(last.step);
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert!(names <= 2, "{names} files: temporary files pile up");
        halfway += names - 1;
        kills += 1;
    }
    println!("{kills} kills, {halfway} of them in the middle of a file, {done} checkpoints saved");
    assert!(halfway > 0 && done > 0, "no kill met a checkpoint");
    checkpoint(done + 1).save(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is removed");
}

/// Starts a child and kills it. Returns the last step that it reported.
fn kill_a_child(path: &Path, rng: &mut Rng) -> Option<u64> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The clock starts when the child is at work: after its first report, or at once every fourth
    // time.
    let mut last = None;
    let step = |line: &str| line.rsplit_once("saved ").and_then(|(_, step)| step.parse().ok());
    if rng.below(4) > 0 {
        last = lines.by_ref().map_while(Result::ok).find_map(|line| step(&line));
    }
    thread::sleep(Duration::from_micros(rng.below(20_000) as u64));
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).filter_map(|line| step(&line)).last().or(last)
}
