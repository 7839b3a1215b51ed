//! The programs on pictures: `images` learns from whatever pictures come in and is used; `segment` finds figures.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gradus::data::vision::{Image, save_png};
use gradus::models::ResNet;
use gradus::serialize::{safetensors, state_dict};
use gradus::tensor::Rng;

use crate::command::program;

fn call(name: &str, args: &[&str]) -> Output {
    Command::new(program(name)).args(args).output().expect("`cargo test` builds the examples")
}

fn said(name: &str, args: &[&str]) -> String {
    let output = call(name, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn refused(args: &[&str]) -> String {
    let output = call("images", args);
    assert!(!output.status.success(), "{args:?} was accepted");
    String::from_utf8(output.stderr).expect("text")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// Two classes of three pictures each, which differ in their colour.
fn pets(root: &Path) {
    for (class, colour) in [("cat", [200, 90, 20]), ("dog", [30, 60, 180])] {
        fs::create_dir_all(root.join(class)).expect("a folder");
        for i in 0..6_u8 {
            let image =
                Image::filled([20 + usize::from(i), 24], &colour.map(|c| c + i)).expect("a size");
            save_png(root.join(class).join(format!("{i}.png")), &image).expect("a file");
        }
    }
}

#[test]
fn digits_are_written_learned_predicted_and_explained() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("run");
    let train =
        |args: &[&str]| said("images", &[&["--width", "8", "--out", text(&out)], args].concat());
    let text1 = train(&["--epochs", "1"]);
    assert!(text1.contains("written as PNG files to") && text1.contains("epoch 1/1"), "{text1}");
    assert!(text1.contains("10 classes: 0, 1, 2") && text1.contains("pictures right"), "{text1}");
    for file in [
        "predictions.png",
        "filters.svg",
        "maps.png",
        "features.png",
        "confusion.png",
        "curves.png",
    ] {
        assert!(out.join(file).exists(), "{file}");
    }
    let again = refused(&["--out", text(&out)]);
    assert!(again.contains("holds a run") && again.contains("--overwrite"), "{again}");
    let more = train(&["--epochs", "2", "--resume"]);
    assert!(more.contains("epoch 2/2") && !more.contains("epoch 1/2"), "{more}");

    let (why, digit) = (place.path().join("why"), out.join("digits/7/0007.png"));
    let args = ["predict", "--run", text(&out), "--out", text(&why), text(&digit)];
    let lines = said("images", &args);
    assert_eq!(lines.lines().filter(|line| line.contains(" %  ")).count(), 5, "{lines}");
    assert!(lines.contains("what counted") && why.join("0007.why.png").exists(), "{lines}");
    // Beside the picture, if nothing else is said.
    let copy = place.path().join("seven.png");
    fs::copy(&digit, &copy).expect("a copy");
    said("images", &["predict", "--run", text(&out), text(&copy)]);
    let beside = place.path().join("seven.why.png");
    assert!(beside.exists());
    // A picture of that name, given as well, stays what it is; it says where the others are.
    fs::copy(&digit, &beside).expect("a copy");
    let lines = said("images", &["predict", "--run", text(&out), text(&copy), text(&beside)]);
    for name in ["seven.why2.png", "seven.why.why.png"] {
        let written = place.path().join(name);
        assert!(
            written.exists() && lines.contains(&format!("what counted: {}", text(&written))),
            "{lines}"
        );
    }
    assert!(fs::read(&beside).expect("a file") == fs::read(&digit).expect("a file"));

    // One bad file does not keep the other from its prediction.
    let bad = place.path().join("bad.png");
    fs::write(&bad, "no picture").expect("a file");
    let output = call("images", &["predict", "--run", text(&out), text(&bad), text(&copy)]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && String::from_utf8_lossy(&output.stdout).contains("seven.png")
    );
    assert!(
        error.contains("bad.png") && error.contains("(text)") && error.contains("1 of 2 files"),
        "{error}"
    );
    let none = refused(&["predict", "--run", text(&why), text(&copy)]);
    assert!(none.contains("last.ckpt is not there: train first"), "{none}");
}

#[test]
fn given_weights_are_taken_and_their_body_stays() {
    let place = tempfile::tempdir().expect("a folder");
    let (data, out) = (place.path().join("pets"), place.path().join("run"));
    pets(&data);
    // As torchvision names them, for another number of classes.
    let net: ResNet = ResNet::new(18, 7).width(4).init(&mut Rng::new(1)).expect("settings");
    let given = state_dict(&net).expect("paths");
    let file = place.path().join("resnet.safetensors");
    safetensors::write(&file, &given, &Default::default()).expect("a file");
    let data = text(&data).to_owned();
    let common = ["--data", &data, "--epochs", "2", "--side", "32", "--batch-size", "4"];
    let weights = ["--weights", text(&file), "--freeze", "--out", text(&out)];
    let said1 = said("images", &[&common[..], &weights].concat());
    assert!(said1.contains("2 classes: cat, dog") && said1.contains("epoch 2/2"), "{said1}");

    let learned = out.join("weights.safetensors");
    let after = safetensors::read(&learned).expect("weights").tensors;
    for name in ["conv1.weight", "layer4.1.bn2.running_var", "layer2.0.downsample.0.weight"] {
        let after = after.tensor::<f32>(&format!("resnet.{name}")).expect("a weight");
        assert_eq!(after, given.tensor::<f32>(name).expect("a weight"), "{name}");
    }
    assert_eq!(after.get("resnet.fc.weight").expect("the head").shape(), [2, 32]);
    // Those of a run are weights to start from, too.
    let next = place.path().join("next");
    let weights = ["--weights", text(&learned), "--out", text(&next)];
    said("images", &[&common[..], &weights].concat());

    let other = place.path().join("other.safetensors");
    safetensors::write(&other, &Default::default(), &Default::default()).expect("a file");
    let error = refused(&[
        "--data",
        &data,
        "--weights",
        text(&other),
        "--out",
        text(&place.path().join("x")),
    ]);
    assert!(error.contains("no weights of this program, nor of a ResNet"), "{error}");
}

#[test]
fn bad_folders_are_named_and_bad_files_can_be_left_out() {
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("pets");
    pets(&data);
    let out = place.path().join("run");
    let args = [
        "--data",
        text(&data),
        "--epochs",
        "1",
        "--batch-size",
        "4",
        "--overwrite",
        "--out",
        text(&out),
    ];
    fs::write(data.join("dog/3.png"), "not a picture").expect("a file");
    let error = refused(&args);
    assert!(error.contains("dog/3.png") && error.contains("(text)"), "{error}");
    let lines = said("images", &[&args[..], &["--skip-bad"]].concat());
    assert!(lines.contains("Left out 1 files that cannot be read; the first: "), "{lines}");
    assert!(lines.contains("dog/3.png"), "{lines}");

    fs::create_dir(data.join("horse")).expect("a folder");
    fs::write(data.join("horse/notes.txt"), "hay").expect("a file");
    let error = refused(&args);
    assert!(error.contains("horse") && error.contains("without a readable picture"), "{error}");
    let empty = place.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let error = refused(&["--data", text(&empty), "--out", text(&out), "--overwrite"]);
    assert!(error.contains("empty") && error.contains("wanted one for each class"), "{error}");
    let error = refused(&["--data", text(&empty.join("none")), "--out", text(&out), "--overwrite"]);
    assert!(error.contains("none is no folder; wanted a folder of class folders"), "{error}");
}

#[test]
fn files_of_mnist_and_of_cifar_are_read() {
    let place = tempfile::tempdir().expect("a folder");
    let idx = |name: &str, sizes: &[u32], bytes: usize| {
        let head = [
            [0, 0, 8, sizes.len() as u8].to_vec(),
            sizes.iter().flat_map(|n| n.to_be_bytes()).collect(),
        ];
        let body: Vec<u8> =
            (0..bytes).map(|i| if sizes.len() == 1 { i as u8 % 10 } else { i as u8 }).collect();
        fs::write(place.path().join("fashion").join(name), [head.concat(), body].concat())
            .expect("a file");
    };
    fs::create_dir(place.path().join("fashion")).expect("a folder");
    for (part, n) in [("train", 40), ("t10k", 10)] {
        idx(&format!("{part}-images-idx3-ubyte"), &[n, 9, 9], 81 * n as usize);
        idx(&format!("{part}-labels-idx1-ubyte"), &[n], n as usize);
    }
    let out = place.path().join("run");
    let run = |data: &str| {
        let data = place.path().join(data);
        let args = ["--data", text(&data), "--epochs", "1", "--width", "4", "--batch-size", "8"];
        said("images", &[&args[..], &["--overwrite", "--out", text(&out)]].concat())
    };
    let lines = run("fashion");
    assert!(lines.contains("40 pictures to train, 10 to test, 16 × 16"), "{lines}");
    assert!(lines.contains("10 classes: T-shirt/top, Trouser"), "{lines}");

    let cifar = place.path().join("cifar");
    fs::create_dir(&cifar).expect("a folder");
    let names = (1..=5).map(|i| format!("data_batch_{i}.bin")).chain(["test_batch.bin".into()]);
    for name in names {
        let records = (0..4).flat_map(|i| [vec![i], vec![60 * i; 3072]].concat());
        fs::write(cifar.join(name), records.collect::<Vec<u8>>()).expect("a file");
    }
    fs::write(cifar.join("batches.meta.txt"), "plane\ncar\nbird\ncat\n").expect("a file");
    let lines = run("cifar");
    assert!(lines.contains("20 pictures to train, 4 to test, 32 × 32"), "{lines}");
    assert!(lines.contains("4 classes: plane, car, bird, cat"), "{lines}");
    fs::remove_file(cifar.join("data_batch_4.bin")).expect("a file");
    let error = refused(&["--data", text(&cifar), "--overwrite", "--out", text(&out)]);
    assert!(error.contains("data_batch_4.bin") && error.contains("https://"), "{error}");
}

#[test]
fn figures_are_found_and_drawn() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("run");
    let run = |args: &[&str]| {
        said("segment", &[&["--figures", "32", "--width", "4", "--out", text(&out)], args].concat())
    };
    let lines = run(&["--epochs", "1"]);
    assert!(lines.contains("iou_macro") && lines.contains("intersection over union"), "{lines}");
    assert!(out.join("masks.png").exists() && out.join("masks.svg").exists());
    let lines = run(&["--epochs", "2", "--resume"]);
    assert!(lines.contains("epoch 2/2") && !lines.contains("epoch 1/2"), "{lines}");
}
