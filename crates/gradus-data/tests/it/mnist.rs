//! MNIST from folders made here, and the real one where it is.

use std::fs;
use std::path::{Path, PathBuf};

use gradus_data::{DataLoader, Dataset, Emnist, Mnist};
use tempfile::TempDir;

use crate::idx::{gzip, images, labels};
use crate::message;

const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// Three images to train and two to test, of 2×2 pixels.
fn contents() -> [Vec<u8>; 4] {
    [
        images([3, 2, 2], &[0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8]),
        labels(3, &[0, 9, 9]),
        images([2, 2, 2], &[0, 0, 0, 255, 255, 0, 0, 0]),
        labels(2, &[4, 5]),
    ]
}

fn folder(contents: [Vec<u8>; 4]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in FILES.iter().zip(contents) {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

#[test]
fn four_files_make_two_sets() {
    let mnist = Mnist::from_dir(folder(contents()).path()).unwrap();
    assert_eq!((mnist.train.len(), mnist.test.len()), (3, 2));
    assert_eq!(mnist.train.image_shape(), [1, 2, 2]);
    let (image, label) = mnist.train.get(0).unwrap();
    assert_eq!((image.to_vec(), label), (vec![0.0, 1.0, 0.2, 0.4], 0));
    assert_eq!(mnist.train.class_counts(), [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    let fashion = mnist.with_class_names(&Mnist::FASHION).unwrap();
    assert_eq!(fashion.test.class_names()[9], "Ankle boot");
}

#[test]
fn all_spellings_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b, c, d] = contents();
    for (name, bytes) in [
        ("train-images.idx3-ubyte", a),
        ("train-labels-idx1-ubyte.gz", gzip(&b)),
        ("t10k-images.idx3-ubyte.gz", gzip(&c)),
        ("t10k-labels-idx1-ubyte", d),
    ] {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    assert_eq!(Mnist::from_dir(dir.path()).unwrap().test.labels().to_vec(), [4, 5]);
}

#[test]
fn a_missing_file_is_named() {
    let dir = folder(contents());
    fs::remove_file(dir.path().join(FILES[1])).unwrap();
    fs::remove_file(dir.path().join(FILES[2])).unwrap();
    let error = message(Mnist::from_dir(dir.path()));
    let here = dir.path().display();
    let start = format!(
        "the folder {here} has no train-labels-idx1-ubyte (nor train-labels-idx1-ubyte.gz), no \
         t10k-images-idx3-ubyte (nor t10k-images-idx3-ubyte.gz).\nMNIST: fetch into {here}\n  \
         https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz (9912422 bytes, SHA-256 \
         440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609)\n"
    );
    assert!(error.starts_with(&start), "{error}");
    assert!(error.contains(&format!("Or Fashion-MNIST: fetch into {here}\n")), "{error}");
    let absent = dir.path().join("absent");
    let error = message(Mnist::from_dir(&absent));
    assert!(error.contains(&format!("{}, which is not a folder", absent.display())), "{error}");
    assert!(error.contains("https://storage.googleapis.com/cvdf-datasets/mnist/"), "{error}");
}

#[test]
fn files_that_do_not_fit_together() {
    let [a, b, c, d] = contents();
    let dir = folder([a.clone(), labels(2, &[0, 9]), c.clone(), d.clone()]);
    let error = message(Mnist::from_dir(dir.path()));
    assert!(error.contains("train-labels-idx1-ubyte: 3 images but 2 labels"), "{error}");

    let dir = folder([a.clone(), b.clone(), c.clone(), labels(2, &[4, 10])]);
    let error = message(Mnist::from_dir(dir.path()).unwrap().with_class_names(&Mnist::FASHION));
    assert!(error.contains("item 1 has the label 10, but there are 10 classes"), "{error}");

    let dir = folder([a.clone(), b.clone(), images([2, 1, 3], &[0; 6]), d.clone()]);
    let error = message(Mnist::from_dir(dir.path()));
    assert!(error.contains("images of [1, 2, 2] to train and of [1, 1, 3] to test"), "{error}");

    let dir = folder([b, a, c, d]);
    let error = message(Mnist::from_dir(dir.path()));
    assert!(error.contains("(this is a file of labels)"), "{error}");
    assert!(error.contains(FILES[0]), "{error}");
}

/// Whatever lies in four IDX files has as many classes as its labels say.
#[test]
fn twenty_six_classes_are_read() {
    let [a, _, c, _] = contents();
    let dir = folder([a, labels(3, &[0, 25, 3]), c, labels(2, &[4, 5])]);
    let letters = Mnist::from_dir(dir.path()).unwrap();
    let names = letters.train.class_names();
    assert_eq!((names.len(), &*names[0], &*names[25]), (26, "0", "25"));
    assert_eq!((letters.test.class_names(), letters.test.class_counts()[4]), (names, 1));
    let tall = letters.transposed();
    let (image, label) = tall.train.get(0).unwrap();
    assert_eq!((image.to_vec(), label), (vec![0.0, 0.2, 1.0, 0.4], 0));
}

/// Files of EMNIST: two images lying on their side of 2 rows and 3 columns in the file.
fn emnist(stem: &str, train: [u8; 2], test: u8) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let lying: Vec<u8> = (0..12).map(|i| 20 * i).collect();
    for (name, bytes) in [
        ("train-images-idx3-ubyte.gz", gzip(&images([2, 2, 3], &lying))),
        ("train-labels-idx1-ubyte", labels(2, &train)),
        ("test-images-idx3-ubyte", images([1, 2, 3], &lying[..6])),
        ("test-labels-idx1-ubyte.gz", gzip(&labels(1, &[test]))),
    ] {
        fs::write(dir.path().join(format!("emnist-{stem}-{name}")), bytes).unwrap();
    }
    dir
}

#[test]
fn emnist_stands_upright_with_its_names() {
    for (division, stem, labels, names) in [
        (Emnist::ByClass, "byclass", [0, 61, 10], ["0", "z", "A"]),
        (Emnist::ByMerge, "bymerge", [9, 46, 38], ["9", "t", "d"]),
        (Emnist::Balanced, "balanced", [36, 41, 42], ["a", "g", "h"]),
        (Emnist::Letters, "letters", [1, 26, 2], ["A", "Z", "B"]),
        (Emnist::Digits, "digits", [0, 9, 5], ["0", "9", "5"]),
        (Emnist::Mnist, "mnist", [0, 9, 5], ["0", "9", "5"]),
    ] {
        let [first, second, third] = labels;
        let read = Mnist::emnist(emnist(stem, [first, second], third).path(), division).unwrap();
        let name = |item: usize| {
            let part = if item < 2 { &read.train } else { &read.test };
            part.class_names()[part.get(item % 2).unwrap().1 as usize].clone()
        };
        assert_eq!([0, 1, 2].map(name), names, "{division:?}");
        assert_eq!(read.train.image_shape(), [1, 3, 2]);
        let second = read.train.get(1).unwrap().0.map(|x| (x * 255.0).round()).to_vec();
        assert_eq!(second, [120.0, 180.0, 140.0, 200.0, 160.0, 220.0]);
    }
    let classes = Emnist::ALL.map(|division| division.class_names().len());
    assert_eq!(classes, [62, 47, 47, 26, 10, 10]);
}

#[test]
fn labels_that_are_none_of_emnist() {
    for (division, stem, bad, range) in [
        (Emnist::Letters, "letters", 0, "1 to 26"),
        (Emnist::Letters, "letters", 27, "1 to 26"),
        (Emnist::ByClass, "byclass", 62, "0 to 61"),
        (Emnist::Balanced, "balanced", 47, "0 to 46"),
    ] {
        let dir = emnist(stem, [1, bad], 1);
        let error = message(Mnist::emnist(dir.path(), division));
        assert!(
            error.contains(&format!("the label {bad} of item 1 of {}", dir.path().display())),
            "{error}"
        );
        assert!(error.contains(&format!("wanted labels from {range}")), "{error}");
    }
    let error = message(Mnist::emnist(emnist("letters", [1, 2], 3).path(), Emnist::Digits));
    assert!(error.contains("no emnist-digits-train-images-idx3-ubyte (nor"), "{error}");
    assert!(error.contains("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"), "{error}");
}

/// `data/mnist` of the project's shared folder: under `GRADUS_SHARED`, or beside one of the folders
/// above this crate.
fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("GRADUS_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared"));
    given.into_iter().chain(above).map(|dir| dir.join("data/mnist")).find(|dir| dir.is_dir())
}

#[test]
fn the_real_mnist() {
    let Some(dir) = shared() else {
        println!("skipped: no shared/data/mnist; set GRADUS_SHARED to the folder that holds data/");
        return;
    };
    let mnist = Mnist::from_dir(dir).unwrap();
    assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
    assert_eq!(mnist.train.image_shape(), [1, 28, 28]);
    assert_eq!(
        mnist.train.class_counts(),
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    );
    assert_eq!(mnist.test.class_counts(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    assert_eq!(mnist.train.labels().to_vec()[..5], [5, 0, 4, 1, 9]);
    // The mean and deviation that everyone normalizes MNIST with: 0.1307 and 0.3081.
    let (mut sum, mut squares) = (0.0, 0.0);
    for batch in DataLoader::new(mnist.train).batch_size(1000).workers(2).iter() {
        let (images, _) = batch.unwrap();
        for x in images.value().to_vec() {
            sum += f64::from(x);
            squares += f64::from(x) * f64::from(x);
        }
    }
    let n = 60_000.0 * 784.0;
    let (mean, std) = (sum / n, (squares / n - (sum / n) * (sum / n)).sqrt());
    assert!((mean - 0.1307).abs() < 5e-5 && (std - 0.3081).abs() < 5e-5, "{mean} {std}");
}
