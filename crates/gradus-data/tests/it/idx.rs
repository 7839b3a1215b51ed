//! The IDX reader: good files, and every kind of bad one.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use gradus_data::Error;
use gradus_data::idx::{IdxProblem, open_images, read_images, read_labels};
use gradus_tensor::Rng;

use crate::message;

/// A file of images with the sizes `[count, rows, columns]`, whatever data follows.
pub fn images(sizes: [u32; 3], pixels: &[u8]) -> Vec<u8> {
    let numbers = [0x0803, sizes[0], sizes[1], sizes[2]].map(u32::to_be_bytes).concat();
    [&numbers, pixels].concat()
}

/// A file of labels with the count, whatever data follows.
pub fn labels(count: u32, labels: &[u8]) -> Vec<u8> {
    let numbers = [0x0801, count].map(u32::to_be_bytes).concat();
    [&numbers, labels].concat()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn problem<T>(result: gradus_data::Result<T>) -> IdxProblem {
    match result {
        Err(Error::Idx { problem, .. }) => problem,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("no error"),
    }
}

#[test]
fn raw_and_compressed_files_are_told_apart_by_content() {
    let raw = images([2, 1, 3], &[1, 2, 3, 4, 5, 6]);
    for name in ["images", "images.gz"] {
        for file in [raw.clone(), gzip(&raw)] {
            let got = read_images(&file[..], name).unwrap();
            assert_eq!((got.count, got.rows, got.columns), (2, 1, 3));
            assert_eq!(got.pixels, [1, 2, 3, 4, 5, 6]);
        }
    }
    assert_eq!(read_labels(&labels(3, &[7, 8, 9])[..], "labels").unwrap(), [7, 8, 9]);
    assert_eq!(read_labels(&gzip(&labels(0, &[]))[..], "labels").unwrap(), [0_u8; 0]);
    assert_eq!(read_images(&images([0, 28, 28], &[])[..], "none").unwrap().count, 0);
}

#[test]
fn a_reader_may_give_single_bytes() {
    struct Drip<'a>(&'a [u8]);
    impl std::io::Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let n = to.len().min(1);
            std::io::Read::read(&mut self.0, &mut to[..n])
        }
    }
    let raw = images([2, 1, 2], &[1, 2, 3, 4]);
    for file in [raw.clone(), gzip(&raw)] {
        assert_eq!(read_images(Drip(&file), "drip").unwrap().pixels, [1, 2, 3, 4]);
    }
}

#[test]
fn wrong_magic() {
    assert_eq!(
        message(read_images(&labels(1, &[3])[..], "mixed-up")),
        "mixed-up: starts with the number 0x00000801, an IDX file of images starts with 0x00000803 \
         (this is a file of labels)"
    );
    assert_eq!(
        message(read_labels(&gzip(&images([1, 1, 1], &[3]))[..], "mixed-up.gz")),
        "mixed-up.gz: starts with the number 0x00000803, an IDX file of labels starts with \
         0x00000801 (this is a file of images)"
    );
    let png = b"\x89PNG\r\n\x1a\n more of it";
    assert_eq!(
        message(read_images(&png[..], "picture")),
        "picture: starts with the number 0x89504e47, an IDX file of images starts with 0x00000803"
    );
}

#[test]
fn truncated() {
    let whole = images([2, 2, 2], &[9; 8]);
    assert_eq!(
        message(read_images(&whole[..20], "cut")),
        "cut: holds 4 bytes of data, but its header declares 8 (2 images of 2x2); the file is \
         truncated or its header is wrong: get it again"
    );
    assert_eq!(
        message(read_images(&whole[..10], "cut")),
        "cut: ends after 10 of the 16 bytes of its header; the file is truncated"
    );
    assert!(message(read_images(&[][..], "nothing")).contains("ends after 0 of the 16 bytes"));
    // Every cut is an error, raw or compressed.
    let zipped = gzip(&whole);
    for file in [&whole, &zipped] {
        for end in 0..file.len() {
            assert!(read_images(&file[..end], "cut").is_err(), "{end} of {}", file.len());
        }
    }
    let cut = problem(read_images(&gzip(&images([100, 2, 2], &[9; 8]))[..], "cut"));
    assert!(matches!(cut, IdxProblem::Truncated { found: 8, declared: 400, .. }));
}

#[test]
fn a_compressed_file_that_is_cut_says_so() {
    let mut rng = Rng::new(0);
    let pixels: Vec<u8> = (0..100_000).map(|_| rng.below(256) as u8).collect();
    let zipped = gzip(&images([1000, 10, 10], &pixels));
    let cut = problem(read_images(&zipped[..zipped.len() / 2], "cut"));
    assert!(
        matches!(cut, IdxProblem::Truncated { declared: 100_000, found, .. } if found < 60_000),
        "{cut}"
    );
}

#[test]
fn lying_counts() {
    // Far more than is there: an error after what is there, without room for what is declared.
    let lie = images([5_000_000, 28, 28], &[1; 784]);
    for file in [lie.clone(), gzip(&lie)] {
        assert_eq!(
            problem(read_images(&file[..], "liar")),
            IdxProblem::Truncated {
                found: 784,
                declared: 3_920_000_000,
                sizes: "5000000 images of 28x28".into()
            }
        );
    }
    for sizes in [[u32::MAX; 3], [u32::MAX, 28, 28], [10, 0, 28], [10, 28, 0]] {
        let got = problem(read_images(&images(sizes, &[1; 784])[..], "liar"));
        assert!(matches!(got, IdxProblem::Sizes { .. }), "{sizes:?}: {got}");
    }
    assert_eq!(
        message(read_images(&images([3, 0, 5], &[])[..], "liar")),
        "liar: declares 3 images of 0x5; wanted at least one pixel an image and at most 4 GiB in all"
    );
    // Fewer than are there.
    let short = labels(2, &[1, 2, 3]);
    for file in [short.clone(), gzip(&short)] {
        assert_eq!(
            message(read_labels(&file[..], "liar")),
            "liar: goes on after the 2 bytes of data that its header declares (2 labels); its header \
             is wrong, or something was added to it"
        );
    }
}

#[test]
fn a_bomb_is_not_unpacked() {
    // 64 MiB of zeros behind a header that declares four bytes.
    let mut bomb = images([1, 2, 2], &[]);
    bomb.resize(64 << 20, 0);
    let got = problem(read_images(&gzip(&bomb)[..], "bomb"));
    assert!(matches!(got, IdxProblem::Trailing { declared: 4, .. }), "{got}");
}

#[test]
fn not_gzip_though_named_so() {
    assert_eq!(
        message(read_images(&b"<!DOCTYPE html>"[..], "images.gz")),
        "images.gz: is named .gz but is not gzip: it starts with the bytes 3c 21 44 4f, and gzip \
         with 1f 8b; perhaps a web page was saved in its place"
    );
    assert!(matches!(problem(read_labels(&b"x"[..], "l.gz")), IdxProblem::NotGzip { .. }));
}

/// As gunzip does: zeros behind the end are the rest of a block, and members one behind the other are one file.
#[test]
fn zeros_behind_gzip_and_several_members() {
    let whole = labels(3, &[7, 8, 9]);
    for zeros in [1, 512, 100_000] {
        let file = [gzip(&whole), vec![0; zeros]].concat();
        assert_eq!(read_labels(&file[..], "padded").unwrap(), [7, 8, 9], "{zeros}");
        let two = [gzip(&whole[..9]), vec![0; zeros], gzip(&[]), gzip(&whole[9..])].concat();
        assert_eq!(read_labels(&two[..], "members").unwrap(), [7, 8, 9], "{zeros}");
        let rubbish = [file, b"rubbish".to_vec()].concat();
        assert!(matches!(problem(read_labels(&rubbish[..], "bad")), IdxProblem::Gzip { .. }));
        // What is not compressed has no blocks.
        let raw = [whole.clone(), vec![0; zeros]].concat();
        assert!(matches!(problem(read_labels(&raw[..], "raw")), IdxProblem::Trailing { .. }));
    }
}

#[test]
fn damaged_gzip() {
    let mut zipped = gzip(&labels(4, &[1, 2, 3, 4]));
    let checksum = zipped.len() - 8;
    zipped[checksum] ^= 1;
    let got = message(read_labels(&zipped[..], "damaged.gz"));
    assert!(got.starts_with("damaged.gz: is damaged gzip ("), "{got}");
    let zipped = [gzip(&labels(1, &[1])), b"rubbish".to_vec()].concat();
    assert!(read_labels(&zipped[..], "added.gz").is_err());
}

#[test]
fn a_file_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("absent");
    let error = message(open_images(&path));
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    assert!(open_images(dir.path()).is_err(), "a folder is no file");
}

#[test]
fn nothing_makes_it_panic() {
    let mut rng = Rng::new(11);
    let random =
        |rng: &mut Rng, n: usize| -> Vec<u8> { (0..n).map(|_| rng.below(256) as u8).collect() };
    let check = |file: &[u8]| {
        if let Ok(images) = read_images(file, "fuzz.gz") {
            assert_eq!(images.pixels.len(), images.count * images.rows * images.columns);
            assert!(images.pixels.len() <= 4096);
        }
        let _ = read_labels(file, "fuzz");
    };
    for _ in 0..4000 {
        let n = rng.below(64);
        let tail = random(&mut rng, n);
        check(&tail);
        // Past the magic number, and past gzip's header, so that what is behind is reached too.
        check(&[&[0, 0, 8, 3], &tail[..]].concat());
        check(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &tail[..]].concat());
    }
    let pixels = random(&mut rng, 600);
    let whole = images([6, 10, 10], &pixels);
    let zipped = gzip(&whole);
    for file in [&whole, &zipped] {
        for bit in 0..8 * file.len() {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&flipped);
        }
        for _ in 0..3000 {
            let mut damaged = file.clone();
            for _ in 0..1 + rng.below(6) {
                let at = rng.below(damaged.len());
                damaged[at] = rng.below(256) as u8;
            }
            damaged.truncate(rng.below(damaged.len() + 1));
            check(&damaged);
        }
    }
}

#[test]
fn a_flipped_bit_in_compressed_pixels_is_found() {
    let mut rng = Rng::new(12);
    let pixels: Vec<u8> = (0..600).map(|_| rng.below(256) as u8).collect();
    let zipped = gzip(&images([6, 10, 10], &pixels));
    for bit in 8 * 10..8 * zipped.len() {
        let mut flipped = zipped.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(images) = read_images(&flipped[..], "flipped") {
            assert_eq!(images.pixels, pixels, "bit {bit}: wrong pixels went unnoticed");
        }
    }
}
