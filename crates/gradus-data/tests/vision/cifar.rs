//! Files in the form of CIFAR, made here.

use std::fs;
use std::path::Path;

use gradus_data::vision::{Cifar, Image};
use gradus_data::{Dataset, Error};

use crate::message;

/// Records with these labels; red counts from `first`, green is 100, blue 200.
fn file(path: &Path, first: u8, labels: &[&[u8]]) {
    let mut bytes = Vec::new();
    for (i, labels) in labels.iter().enumerate() {
        bytes.extend_from_slice(labels);
        bytes.extend([first + i as u8; 1024]);
        bytes.extend([100; 1024]);
        bytes.extend([200; 1024]);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn cifar_10() {
    let dir = tempfile::tempdir().unwrap();
    let text = message(Cifar::cifar10(dir.path()));
    for wanted in [
        "has no data_batch_1.bin, no data_batch_2.bin",
        "no test_batch.bin, no batches.meta.txt.\nCIFAR-10: fetch into ",
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "(170052171 bytes, SHA-256 c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd)",
        "unpack it with `tar xzf cifar-10-binary.tar.gz`: the folder is cifar-10-batches-bin",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    for i in 1..=5 {
        file(&dir.path().join(format!("data_batch_{i}.bin")), 10 * i, &[&[i], &[0]]);
    }
    file(&dir.path().join("test_batch.bin"), 99, &[&[3]]);
    fs::write(
        dir.path().join("batches.meta.txt"),
        "airplane\nautomobile\nbird\ncat\ndeer\ndog\n\n",
    )
    .unwrap();
    let cifar = Cifar::cifar10(dir.path()).unwrap();
    assert_eq!((cifar.train.len(), cifar.test.len()), (10, 1));
    assert_eq!(cifar.train.class_names()[3], "cat");
    let (x, label) = cifar.train.get(4).unwrap();
    assert_eq!((x.shape(), label), (&[3, 32, 32][..], 3));
    assert_eq!(x.get([0, 5, 6]).unwrap(), 30.0 / 255.0);
    let pictures = cifar.test.pictures();
    let flat = Image::filled([32, 32], &[99, 100, 200]).unwrap();
    assert_eq!(pictures.get(0).unwrap(), (flat, 3));
    assert_eq!((pictures.len(), pictures.images().class_counts()[3]), (1, 1));

    file(&dir.path().join("test_batch.bin"), 0, &[&[6]]);
    assert!(matches!(Cifar::cifar10(dir.path()), Err(Error::Label { label: 6, classes: 6, .. })));
    fs::write(dir.path().join("test_batch.bin"), [0; 3072]).unwrap();
    let text = message(Cifar::cifar10(dir.path()));
    assert!(text.contains("test_batch.bin of 3072 bytes") && text.contains("3073"), "{text}");
    fs::write(dir.path().join("test_batch.bin"), []).unwrap();
    assert!(Cifar::cifar10(dir.path()).is_err());
}

#[test]
fn cifar_100() {
    let dir = tempfile::tempdir().unwrap();
    let text = message(Cifar::cifar100(dir.path()));
    assert!(
        text.contains("SHA-256 58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
        "{text}"
    );
    file(&dir.path().join("train.bin"), 0, &[&[1, 99], &[0, 7]]);
    file(&dir.path().join("test.bin"), 0, &[&[1, 98]]);
    let names = |n: usize| (0..n).map(|i| format!("class {i}\n")).collect::<String>();
    fs::write(dir.path().join("fine_label_names.txt"), names(100)).unwrap();
    assert!(message(Cifar::cifar100_coarse(dir.path())).contains("no coarse_label_names.txt"));
    fs::write(dir.path().join("coarse_label_names.txt"), names(20)).unwrap();
    let fine = Cifar::cifar100(dir.path()).unwrap();
    assert_eq!(fine.train.labels().to_vec(), [99, 7]);
    assert_eq!(fine.test.class_names()[98], "class 98");
    let coarse = Cifar::cifar100_coarse(dir.path()).unwrap();
    assert_eq!(coarse.train.labels().to_vec(), [1, 0]);
    assert_eq!(coarse.test.images(), fine.test.images());
}
