//! Folders of classes, good and bad.

use std::fs;
use std::path::Path;

use gradus_data::vision::{
    Cached, FolderOptions, Image, ImageFolder, ImageReader, RandomCrop, Resize, on_items, save_png,
    write_png,
};
use gradus_data::{DataLoader, Dataset, Error};
use tempfile::TempDir;

use crate::{message, noisy};

/// Files with pictures of one pixel whose grey is their place in the list.
fn folder(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (i, file) in files.iter().enumerate() {
        picture(&dir.path().join(file), i as u8);
    }
    dir
}

fn picture(path: &Path, grey: u8) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    save_png(path, &Image::filled([1, 1], &[grey]).unwrap()).unwrap();
}

fn greys(folder: &ImageFolder) -> Vec<(u8, i64)> {
    let all = (0..folder.len()).map(|i| folder.get(i).unwrap());
    all.map(|(image, label)| (image.pixels()[0], label)).collect()
}

#[test]
fn classes_and_items_are_sorted() {
    let dir = folder(&["dog/b.png", "cat/2.PNG", "cat/10.jpg", "dog/a/z.png", "ant/x.png"]);
    fs::write(dir.path().join("cat/notes.txt"), "not a picture").unwrap();
    fs::write(dir.path().join("readme.md"), "not a class").unwrap();
    fs::create_dir(dir.path().join(".hidden")).unwrap();
    let pets = ImageFolder::open(dir.path()).unwrap();
    assert_eq!(pets.classes(), ["ant", "cat", "dog"]);
    assert_eq!(greys(&pets), [(4, 0), (2, 1), (1, 1), (3, 2), (0, 2)]);
    assert_eq!(pets.class_counts(), [1, 2, 2]);
    assert_eq!(pets.items()[0], (dir.path().join("ant/x.png"), 0));
    assert_eq!(pets.get(0).unwrap().0.channels(), 3);
    assert!(matches!(pets.get(5), Err(Error::Index { index: 5, len: 5, .. })));
    assert!(pets.skipped().is_empty() && pets.check().is_empty());
    let grey = FolderOptions::new().reader(ImageReader::new()).open(dir.path()).unwrap();
    assert_eq!(grey.get(0).unwrap().0.channels(), 1);
}

#[test]
fn classes_may_be_given() {
    let dir = folder(&["dog/1.png", "cat/1.png"]);
    let all = FolderOptions::new().classes(["dog", "ant", "cat"]).open(dir.path()).unwrap();
    assert_eq!(greys(&all), [(1, 2), (0, 0)]);
    assert_eq!(all.class_counts(), [1, 0, 1]);
    let text = message(FolderOptions::new().classes(["dog"]).open(dir.path()));
    assert!(text.contains("cat: is none of the classes"), "{text}");
}

#[test]
fn more_than_256_classes() {
    let names: Vec<String> = (0..300).map(|i| format!("{i:03}/1.png")).collect();
    let dir = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let many = ImageFolder::open(dir.path()).unwrap();
    assert_eq!((many.len(), many.get(299).unwrap().1), (300, 299));
}

#[test]
fn nothing_there() {
    let dir = tempfile::tempdir().unwrap();
    assert!(message(ImageFolder::open(dir.path())).contains("has no folders; wanted one for each"));
    assert!(message(ImageFolder::open(dir.path().join("absent"))).contains("absent"));
    picture(&dir.path().join("cat/1.png"), 0);
    fs::create_dir(dir.path().join("dog")).unwrap();
    let text = message(ImageFolder::open(dir.path()));
    assert!(text.contains("dog: is a class without a readable picture"), "{text}");
    fs::write(dir.path().join("dog/1.png"), "words").unwrap();
    for options in [FolderOptions::new(), FolderOptions::new().skip_bad(true)] {
        let text = message(options.open(dir.path()));
        assert!(text.contains("dog: is a class without") && text.contains("1.png"), "{text}");
    }
}

#[test]
fn one_bad_file_in_ten_thousand_is_named_or_skipped() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("c")).unwrap();
    let file = |grey: u8| {
        let mut file = Vec::new();
        write_png(&mut file, &Image::filled([1, 1], &[grey]).unwrap()).unwrap();
        file
    };
    let files: Vec<_> = (0..=255).map(file).collect();
    for i in 0..10_000 {
        fs::write(dir.path().join(format!("c/{i:04}.png")), &files[i % 256]).unwrap();
    }
    fs::write(dir.path().join("c/4242.png"), "words").unwrap();
    let strict = ImageFolder::open(dir.path()).unwrap();
    let text = message(strict.get(4242));
    assert!(text.contains("4242.png: is no") && text.contains("(text)"), "{text}");
    assert_eq!(strict.check().iter().map(|(i, _)| *i).collect::<Vec<_>>(), [4242]);
    let loader = DataLoader::new(strict).batch_size(1000).workers(2);
    let errors: Vec<_> = loader.iter().filter_map(|batch| batch.err()).collect();
    assert!(errors[0].to_string().contains("4242.png"), "a loader says so");

    let skipping = FolderOptions::new().skip_bad(true).open(dir.path()).unwrap();
    assert!(skipping.skipped().is_empty(), "nothing was asked for yet");
    let got: Vec<u8> = greys(&skipping).into_iter().map(|(grey, _)| grey).collect();
    let wanted = (0..10_000).map(|i| if i == 4242 { 4243 } else { i } as u8);
    assert_eq!(got, wanted.collect::<Vec<_>>());
    let skipped = skipping.skipped();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].0, dir.path().join("c/4242.png"));
    assert!(skipped[0].1.contains("4242.png: is no"));
}

#[test]
fn all_bad_in_the_end() {
    let dir = folder(&["c/1.png", "c/2.png"]);
    for name in ["c/1.png", "c/2.png"] {
        let path = dir.path().join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(path, &whole[..40]).unwrap();
    }
    let all = FolderOptions::new().skip_bad(true).open(dir.path()).unwrap();
    let text = message(all.get(1));
    assert!(text.contains("none of the 2 pictures") && text.contains("1.png: is a"), "{text}");
    assert_eq!(all.skipped().len(), 2);
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let dir = folder(&["c/1.png"]);
    let elsewhere = folder(&["2.png", "deep/3.png"]);
    symlink(elsewhere.path().join("2.png"), dir.path().join("c/2.png")).unwrap();
    symlink(elsewhere.path().join("deep"), dir.path().join("c/deep")).unwrap();
    assert_eq!(ImageFolder::open(dir.path()).unwrap().len(), 3);
    for (name, target) in [("c/self.png", "self.png"), ("c/nowhere.png", "absent"), ("c/up", "..")]
    {
        let link = dir.path().join(name);
        symlink(target, &link).unwrap();
        let text = message(ImageFolder::open(dir.path()));
        assert!(text.contains(name) && text.contains("skip_bad(true)"), "{text}");
        let going_on = FolderOptions::new().skip_bad(true).open(dir.path()).unwrap();
        assert_eq!((going_on.len(), going_on.skipped().len()), (3, 1));
        fs::remove_file(link).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = folder(&["c/1.png"]);
    let odd = dir.path().join(OsStr::from_bytes(b"\xff")).join(OsStr::from_bytes(b"\xfe.png"));
    picture(&odd, 7);
    let all = ImageFolder::open(dir.path()).unwrap();
    assert_eq!(all.classes(), ["c", "\u{fffd}"]);
    assert_eq!(greys(&all), [(0, 0), (7, 1)]);
    fs::write(&odd, "").unwrap();
    assert!(message(all.get(1)).contains("\u{fffd}.png: is empty"));
}

#[test]
fn the_same_batches_for_any_number_of_workers() {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..30 {
        let path = dir.path().join(format!("{}/{i}.png", i % 3));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        save_png(path, &noisy(10 + i, 40 - i, 1 + i % 4, i as u32)).unwrap();
    }
    let cut = dir.path().join("1/7.png");
    let whole = fs::read(&cut).unwrap();
    fs::write(&cut, &whole[..whole.len() - 20]).unwrap();
    let batches = |workers: usize, cache: usize| {
        let folder = FolderOptions::new().skip_bad(true).open(dir.path()).unwrap();
        let small = Cached::new(folder.map(0, on_items(Resize::exact([9, 9]))), cache);
        let train = small.map(1, on_items(RandomCrop::new([8, 8]).padding(1)));
        let loader = DataLoader::new(train).batch_size(4).shuffle(3).workers(workers);
        let mut all = Vec::new();
        for _epoch in 0..2 {
            for batch in loader.iter() {
                let (images, labels) = batch.unwrap();
                all.push((images.value().to_vec(), labels.to_vec()));
            }
        }
        all
    };
    let wanted = batches(0, 0);
    assert_eq!(wanted.len(), 16);
    assert_ne!(wanted[0], wanted[8], "epochs differ");
    for workers in [0, 1, 3] {
        for cache in [0, 3000, 1 << 20] {
            assert!(batches(workers, cache) == wanted, "{workers} workers, {cache} bytes");
        }
    }
}

#[test]
fn a_cache_keeps_what_finds_room() {
    let dir = folder(&["c/1.png", "c/2.png", "c/3.png"]);
    let one = {
        let all = Cached::new(ImageFolder::open(dir.path()).unwrap(), 1 << 20);
        let first = all.get(0).unwrap();
        assert_eq!((all.kept(), all.get(0).unwrap()), (1, first));
        all.bytes()
    };
    assert!(one > 3);
    let some = Cached::new(ImageFolder::open(dir.path()).unwrap(), 2 * one);
    for _ in 0..2 {
        for i in 0..3 {
            assert_eq!(some.get(i).unwrap().0.pixels()[0], i as u8);
        }
    }
    assert_eq!((some.kept(), some.bytes()), (2, 2 * one));
    // What is kept needs no file.
    fs::remove_dir_all(dir.path().join("c")).unwrap();
    assert!(some.get(0).is_ok() && some.get(2).is_err());
    assert!(matches!(some.get(3), Err(Error::Index { .. })));
}
