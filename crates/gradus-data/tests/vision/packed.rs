//! Decoded pictures in one file.

use std::fs;

use gradus_data::vision::{Image, Packed};
use gradus_data::{DataLoader, Dataset, Error, Result};

use crate::{message, noisy};

/// So many pictures of one size, of various channels.
struct Items(usize);

impl Dataset for Items {
    type Item = (Image, i64);
    fn len(&self) -> usize {
        self.0
    }
    fn get(&self, index: usize) -> Result<(Image, i64)> {
        Ok((noisy(3, 4 + index % 5, 1 + index % 4, index as u32), index as i64 - 2))
    }
}

#[test]
fn what_goes_in_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pics");
    let mut files = Vec::new();
    for workers in [0, 1, 3] {
        Packed::write(&Items(100), &path, workers).unwrap();
        files.push(fs::read(&path).unwrap());
    }
    assert!(files[0] == files[1] && files[1] == files[2], "the same bytes for any threads");
    let packed = Packed::open(&path).unwrap();
    assert_eq!(packed.len(), 100);
    for i in (0..100).rev() {
        assert_eq!(packed.get(i).unwrap(), Items(100).get(i).unwrap());
    }
    assert_eq!(packed.labels()[..3], [-2, -1, 0]);
    assert!(matches!(packed.get(100), Err(Error::Index { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");

    Packed::write(&Items(1), &path, 2).unwrap();
    let loader = DataLoader::new(Packed::open(&path).unwrap()).workers(2);
    assert_eq!(loader.iter().next().unwrap().unwrap().0.shape(), [1, 1, 3, 4]);
    Packed::write(&Items(0), &path, 2).unwrap();
    assert!(Packed::open(&path).unwrap().is_empty());
}

/// Fails, or panics, at item 20.
struct Bad(bool);

impl Dataset for Bad {
    type Item = (Image, i64);
    fn len(&self) -> usize {
        30
    }
    fn get(&self, index: usize) -> Result<(Image, i64)> {
        match (index, self.0) {
            (20, true) => panic!("item 20"),
            (20, false) => Err(Error::other("item 20 is bad")),
            _ => Items(30).get(index),
        }
    }
}

#[test]
fn a_failure_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pics");
    Packed::write(&Items(3), &path, 1).unwrap();
    assert_eq!(message(Packed::write(&Bad(false), &path, 2)), "item 20 is bad");
    assert!(message(Packed::write(&Bad(true), &path, 2)).contains("the data set panicked"));
    assert_eq!(Packed::open(&path).unwrap().len(), 3);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(message(Packed::write(&Items(1), dir.path().join("no/a"), 1)).contains("no/a"));
}

#[test]
fn damaged_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pics");
    Packed::write(&Items(5), &path, 1).unwrap();
    let whole = fs::read(&path).unwrap();
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).unwrap();
        let text = message(Packed::open(&path));
        assert!(text.contains("a.pics") && text.contains("write it again"), "{text}");
    }
    for at in 0..whole.len() {
        for bit in [1, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= bit;
            fs::write(&path, &changed).unwrap();
            let read = Packed::open(&path).and_then(|packed| {
                (0..packed.len()).map(|i| packed.get(i)).collect::<Result<Vec<_>>>()
            });
            assert!(read.is_err(), "byte {at}");
        }
    }
    assert!(message(Packed::open(dir.path())).contains("no regular file"));
    assert!(message(Packed::open(dir.path().join("absent"))).contains("absent"));
}
