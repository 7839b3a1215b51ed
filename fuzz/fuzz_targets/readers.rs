//! One reader, named by `GRADUS_READER`, under libFuzzer; `fuzz/run` starts it.
#![no_main]

// How much memory a reader may take is looked at elsewhere.
#[allow(dead_code)]
#[path = "../../examples/tests/hostile/readers.rs"]
mod readers;

use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

use readers::{READERS, Reader};

static CHOSEN: OnceLock<(&Reader, PathBuf)> = OnceLock::new();

/// The reader, and a folder for what it reads by path. Its whole file becomes the first of the corpus.
fn choose() {
    let names: Vec<&str> = READERS.iter().map(|reader| reader.name).collect();
    let asked = std::env::var("GRADUS_READER").unwrap_or_default();
    let Some(reader) = READERS.iter().find(|reader| reader.name == asked) else {
        eprintln!("GRADUS_READER is {asked:?}, wanted one of {names:?}");
        std::process::exit(2);
    };
    let folder = tempfile::tempdir().expect("a folder for files").keep();
    if let Some(corpus) = std::env::var_os("GRADUS_CORPUS") {
        let whole = (reader.whole)(&folder);
        std::fs::write(PathBuf::from(corpus).join("whole"), whole).expect("the corpus");
    }
    let _ = CHOSEN.set((reader, folder));
}

fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some((reader, folder)) = CHOSEN.get() {
        (reader.read)(bytes, folder);
    }
});
