//! The table of public data sets.

use std::collections::BTreeSet;

use gradus_data::PublicData;

#[test]
fn every_file_says_what_it_is_and_where() {
    let mut urls = BTreeSet::new();
    for data in PublicData::ALL {
        assert!(!data.files.is_empty(), "{}", data.name);
        assert!(data.folder.is_none() || data.files.len() == 1, "{}", data.name);
        for file in data.files {
            assert!(file.url.starts_with("https://") && file.url.ends_with(file.name), "{file:?}");
            let hexadecimal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
            assert!(file.sha256.len() == 64 && file.sha256.chars().all(hexadecimal), "{file:?}");
            assert!(file.bytes > 1000, "{file:?}");
            assert!(urls.insert(file.url), "{file:?} twice");
        }
    }
}

#[test]
fn what_is_there_is_not_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let [first, rest @ ..] = PublicData::MNIST.files else { panic!("no files") };
    std::fs::write(dir.path().join(first.name), "").unwrap();
    let how = PublicData::MNIST.how_to_get(dir.path());
    assert!(!how.contains(first.url), "{how}");
    for file in rest {
        assert!(
            how.contains(&format!("{} ({} bytes, SHA-256 {})", file.url, file.bytes, file.sha256))
        );
    }
    let how = PublicData::CIFAR_10.how_to_get("data");
    let unpack =
        "unpack it with `tar xzf cifar-10-binary.tar.gz`: the folder is cifar-10-batches-bin";
    assert!(how.starts_with("CIFAR-10: fetch into data\n") && how.contains(unpack), "{how}");
}
