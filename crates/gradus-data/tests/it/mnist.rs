//! MNIST from folders made here, and the real one where it is.

use std::fs;
use std::path::{Path, PathBuf};

use gradus_data::{DataLoader, Dataset, Mnist};
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
    let error = message(Mnist::from_dir(dir.path()));
    let wanted = "t10k-labels-idx1-ubyte: item 1 has the label 10, but there are 10 classes";
    assert!(error.contains(wanted), "{error}");

    let dir = folder([a.clone(), b.clone(), images([2, 1, 3], &[0; 6]), d.clone()]);
    let error = message(Mnist::from_dir(dir.path()));
    assert!(error.contains("images of [1, 2, 2] to train and of [1, 1, 3] to test"), "{error}");

    let dir = folder([b, a, c, d]);
    let error = message(Mnist::from_dir(dir.path()));
    assert!(error.contains("(this is a file of labels)"), "{error}");
    assert!(error.contains(FILES[0]), "{error}");
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
