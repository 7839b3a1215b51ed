//! A program that trains is killed at random moments and started again by the same command, or interrupted by Ctrl-C.
//!
//! The program is this test binary, which runs the one test that its environment asks for.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gradus_nn::{Context, Dropout, Layer, Linear, Sequential, mse_loss};
use gradus_optim::{Adam, Optimizer};
use gradus_serialize::Checkpoint;
use gradus_tensor::{Rng, threads};
use gradus_train::{Outcome, Result, RunFolder, Step, Trainer};

use crate::fixtures::{Pairs, lines, loader, weights};

const FOLDER: &str = "GRADUS_KILL_TEST";
const EPOCHS: &str = "GRADUS_KILL_EPOCHS";
const KILLS: usize = 100;

fn step(net: &Sequential, (x, y): &Pairs, cx: &mut Context) -> Result<Step> {
    Ok(Step::new(mse_loss(&net.forward(x, cx)?, y)?, y.shape()[0]))
}

type Run = Trainer<Sequential, Optimizer<Adam>>;

/// The whole program: it goes on from what is there.
fn run(folder: Option<&Path>, epochs: u64) -> Result<(Run, Outcome)> {
    let mut rng = Rng::new(1);
    let net = Sequential::new()
        .push(Linear::new(2, 16).init(&mut rng)?)
        .push(Dropout::new(0.1))
        .push(Linear::new(16, 1).init(&mut rng)?);
    let train = loader(lines(20)?, 4).shuffle(1);
    let validation = loader(lines(8)?, 4).shuffle(2);
    let mut trainer = Trainer::new(net, Adam::new(1e-3).optimizer(), 2).epochs(epochs);
    if let Some(folder) = folder {
        let folder = RunFolder::create(folder)?;
        trainer = trainer.run_folder(folder).save_pause(Duration::from_millis(2)).save_every(2);
        trainer.resume_if_any(&train)?;
    }
    let outcome = trainer.fit(&train, Some(&validation), step)?;
    Ok((trainer, outcome))
}

/// What the other tests start.
#[test]
fn child() -> Result<()> {
    let Some(folder) = std::env::var_os(FOLDER) else { return Ok(()) };
    let epochs = std::env::var(EPOCHS).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    threads::with_count(1, || run(Some(folder.as_ref()), epochs).map(drop))?
}

fn start(folder: &Path, epochs: u64) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "kill::child", "--nocapture"])
        .env(FOLDER, folder)
        .env(EPOCHS, epochs.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process of its own")
}

/// Where the run in a folder stands.
fn position(folder: &Path) -> Option<(u64, u64)> {
    let checkpoint = Checkpoint::load(folder.join("last.ckpt")).ok()?;
    Some((checkpoint.epoch, checkpoint.step))
}

fn assert_same(folder: &Path, epochs: u64) -> Result<()> {
    let (unbroken, _) = run(None, epochs)?;
    // Going on from what is complete trains nothing, and has everything.
    let (killed, outcome) = run(Some(folder), epochs)?;
    assert_eq!((outcome, killed.position()), (Outcome::Finished, (epochs, 5 * epochs)));
    assert_eq!(weights(&killed.model), weights(&unbroken.model));
    assert_eq!(killed.optimizer.state(), unbroken.optimizer.state());
    for name in ["epoch", "train_loss", "validation_loss", "lr"] {
        assert_eq!(killed.history.column(name), unbroken.history.column(name), "{name}");
    }
    Ok(())
}

#[test]
fn killed_at_many_random_moments_it_ends_with_the_same_bits() -> Result<()> {
    if std::env::var_os(FOLDER).is_some() {
        return Ok(());
    }
    let (place, mut rng) = (tempfile::tempdir().expect("a folder"), Rng::new(5));
    let folder = place.path().join("run");
    let (mut epochs, mut seen, mut longest) = (1000, BTreeSet::new(), 60);
    for _ in 0..KILLS {
        let mut child = start(&folder, epochs);
        std::thread::sleep(Duration::from_millis(rng.below(longest) as u64));
        // A run that came to its end gets more to do: every kill shall meet one at work.
        if let Ok(Some(status)) = child.try_wait() {
            assert!(status.success());
            epochs += 200;
        } else {
            child.kill().expect("a running process");
            child.wait().expect("a dead process");
        }
        match position(&folder) {
            Some(position) => drop(seen.insert(position)),
            // A slow machine needs longer to begin.
            None => longest += 10,
        }
    }
    assert!(seen.len() > KILLS / 4, "the kills met {} positions", seen.len());
    assert!(start(&folder, epochs).wait().expect("a process").success());
    assert_same(&folder, epochs)
}

#[cfg(unix)]
#[test]
fn interrupted_it_writes_a_checkpoint_and_says_so() -> Result<()> {
    if std::env::var_os(FOLDER).is_some() {
        return Ok(());
    }
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("run");
    for signal in ["-INT", "-TERM"] {
        let before = position(&folder);
        let child = start(&folder, 1_000_000);
        let clock = Instant::now();
        while position(&folder) == before && clock.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("the program kill").success());
        let output = child.wait_with_output().expect("a process that ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{signal}: {said}");
        let (_, step) = position(&folder).expect("a checkpoint");
        assert!(said.contains(&format!("interrupted after step {step}: ")), "{said}");
        assert!(said.contains("last.ckpt"), "{said}");
    }
    let (epoch, _) = position(&folder).expect("a checkpoint");
    let mut last = start(&folder, epoch + 2);
    assert!(last.wait().expect("a process").success());
    assert_same(&folder, epoch + 2)
}
