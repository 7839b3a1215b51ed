//! Files that are not checkpoints: an error that says what is wrong, never a panic, never more
//! memory than the file has bytes.

use gradus_serialize::{Checkpoint, Error};
use gradus_tensor::Rng;

use crate::fixtures::{full, small};

fn error(bytes: &[u8]) -> Error {
    Checkpoint::from_bytes(bytes).map(|_| ()).expect_err("these bytes are damaged")
}

#[test]
fn every_truncation_is_named() {
    let whole = small().to_bytes().unwrap();
    for len in 0..whole.len() {
        match error(&whole[..len]) {
            Error::Truncated { got, wanted, .. } => {
                assert_eq!(got, len as u64);
                assert_eq!(wanted, if len < 40 { 40 } else { whole.len() as u64 });
            }
            other => panic!("{len} bytes: {other}"),
        }
    }
    assert_eq!(
        error(&whole[..100]).to_string(),
        format!(
            "the checkpoint data is truncated: it has 100 bytes where a whole checkpoint needs {}. \
             Copy it again, or use an older checkpoint",
            whole.len()
        )
    );
}

#[test]
fn a_truncated_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.ckpt");
    let whole = full().to_bytes().unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let message = Checkpoint::load(&path).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{} is truncated", path.display())), "{message}");
}

#[test]
fn every_flipped_bit_is_found() {
    let whole = small().to_bytes().unwrap();
    let mut bytes = whole.clone();
    for at in 0..whole.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            match (at, error(&bytes)) {
                (0..8, Error::NotCheckpoint { .. }) | (8.., Error::Corrupted { .. }) => {}
                (_, other) => panic!("byte {at}, bit {bit}: {other}"),
            }
            bytes[at] ^= 1 << bit;
        }
    }
    assert_eq!(bytes, whole);
}

#[test]
fn a_corruption_names_the_part() {
    let whole = small().to_bytes().unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        error(&bytes).to_string()
    };
    let say = |what: &str| {
        format!(
            "the checkpoint data is corrupted: the checksum of {what} is wrong. Copy it again, or \
             use an older checkpoint"
        )
    };
    let end = whole.len();
    assert_eq!(flipped(10), say("its header"));
    assert_eq!(flipped(40), say("its index"));
    // The tensors in the order of their names: two truth values, then two times three floats.
    assert_eq!(flipped(end - 26), say("tensor `b`"));
    assert_eq!(flipped(end - 13), say("tensor `w`"));
    assert_eq!(flipped(end - 1), say("optimizer state of `w`"));
    let mut longer = whole.clone();
    longer.extend([0, 0, 0]);
    let message = error(&longer).to_string();
    assert!(message.contains("is corrupted: 3 bytes follow its end"), "{message}");
}

#[test]
fn a_newer_version_says_what_to_use() {
    let mut bytes = small().to_bytes().unwrap();
    bytes[8] = 9;
    bytes[12..16].copy_from_slice(&[2, 0, 31, 0]);
    let sum = crc32fast::hash(&bytes[..36]);
    bytes[36..40].copy_from_slice(&sum.to_le_bytes());
    let ours = env!("CARGO_PKG_VERSION");
    let wanted = format!(
        "the checkpoint data was written by gradus-serialize 2.31.0 in format version 9; this is \
         gradus-serialize {ours}, which reads format versions up to 2. Use gradus-serialize 2.31.0 \
         or newer"
    );
    assert_eq!(error(&bytes).to_string(), wanted);
    // Whatever a later version puts after its header, the message stays.
    assert_eq!(error(&bytes[..40]).to_string(), wanted);
}

#[test]
fn another_kind_of_file_is_named() {
    assert_eq!(
        error(b"PK\x03\x04 and so on").to_string(),
        "the checkpoint data is not a Gradus checkpoint: it begins with \"PK\\x03\\x04 and\". \
         Weights in the safetensors format are read by gradus_serialize::safetensors::read"
    );
    assert!(matches!(error(b"{"), Error::NotCheckpoint { .. }));
}

#[test]
fn paths_that_are_no_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.ckpt");
    let message = Checkpoint::load(&absent).unwrap_err().to_string();
    assert!(message.starts_with(&format!("cannot read {}: ", absent.display())), "{message}");
    let message = Checkpoint::load(folder.path()).unwrap_err().to_string();
    assert_eq!(message, format!("cannot read {}: it is a folder", folder.path().display()));
}

/// Makes a file whose checksums are right around any header sizes and index.
fn forged(index: &[u8], index_len: u64, data: &[u8], data_len: u64) -> Vec<u8> {
    let mut bytes = small().to_bytes().unwrap()[..20].to_vec();
    bytes.extend(index_len.to_le_bytes());
    bytes.extend(data_len.to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(index);
    bytes.extend(crc32fast::hash(index).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn lengths_that_lie_allocate_nothing() {
    for len in [1, 1 << 30, 1 << 60, u64::MAX - 43, u64::MAX] {
        error(&forged(&[], len, &[], 0));
        error(&forged(&[], 0, &[], len));
        error(&forged(&[], len, &[], len));
        // An index that is nothing but one length, at each place where a length may stand.
        for zeros in 0..10 {
            let mut index = vec![0; zeros * 8];
            index.extend(len.to_le_bytes());
            let message = error(&forged(&index, index.len() as u64, &[], 0)).to_string();
            assert!(message.contains("is corrupted: "), "{message}");
        }
    }
}

#[test]
fn an_index_with_impossible_tensors_is_refused() {
    // One tensor called "w": epoch, step, no notes, no rng, no loader, one name, type, shape, sum.
    let index = |dtype: u8, shape: &[u64], copies: u64| {
        let mut index = vec![0; 16 + 8 + 1 + 1];
        index.extend(copies.to_le_bytes());
        for _ in 0..copies {
            index.extend(1_u64.to_le_bytes());
            index.push(b'w');
            index.push(dtype);
            index.extend((shape.len() as u64).to_le_bytes());
            shape.iter().for_each(|n| index.extend(n.to_le_bytes()));
            index.extend(0_u32.to_le_bytes());
        }
        index.push(0);
        index
    };
    let load = |index: &[u8], data: &[u8]| {
        Checkpoint::from_bytes(&forged(index, index.len() as u64, data, data.len() as u64))
            .map_err(|error| error.to_string())
    };
    assert_eq!(load(&index(3, &[0], 1), &[]).unwrap().model.len(), 1, "the helper forges well");
    let too_large = "tensor `w` is larger than the file, or of an unknown type";
    let huge = [&[1 << 40][..], &[u64::MAX], &[u64::MAX, 0], &[1 << 33, 1 << 33], &[9]];
    for shape in huge {
        let message = load(&index(3, shape, 1), &[0; 8]).unwrap_err();
        assert!(message.contains(too_large), "{message}");
    }
    assert!(load(&index(77, &[0], 1), &[]).unwrap_err().contains(too_large));
    let twice = load(&index(3, &[0], 2), &[]).unwrap_err();
    assert!(twice.contains("its index lists the tensor `w` twice"), "{twice}");
    let rest = load(&index(3, &[0], 1), &[0; 8]).unwrap_err();
    assert!(rest.contains("8 bytes at its end belong to no tensor"), "{rest}");
}

#[test]
fn random_bytes_never_panic() {
    let mut rng = Rng::new(11);
    let whole = small().to_bytes().unwrap();
    for _ in 0..3000 {
        let noise: Vec<u8> = (0..rng.below(300)).map(|_| rng.below(256) as u8).collect();
        error(&noise);
        // Behind a right header, and as an index with a right checksum, they get further in.
        error(&[&whole[..40], &noise].concat());
        error(&forged(&noise, noise.len() as u64, &[], 0));
        // The index of a real file with a few bytes changed and the checksum mended.
        let start = 40;
        let len = u64::from_le_bytes(whole[20..28].try_into().unwrap()) as usize;
        let mut index = whole[start..start + len].to_vec();
        for _ in 0..=rng.below(3) {
            let at = rng.below(len);
            index[at] = rng.below(256) as u8;
        }
        let data = &whole[start + len + 4..];
        let forged = forged(&index, len as u64, data, data.len() as u64);
        let _ = Checkpoint::from_bytes(&forged);
    }
}
