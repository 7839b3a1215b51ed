//! Fetching, from a server of this test.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread::JoinHandle;

use gradus_data::{PublicData, PublicFile, Result};
use tempfile::TempDir;

use crate::message;

/// Answers one request after the other, and says for which paths they were.
fn server(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut paths = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            paths.push(request.split(' ').nth(1).unwrap().to_string());
            while !lines.next().unwrap().unwrap().is_empty() {}
            // A client that has heard enough hangs up.
            let _ = stream.write_all(&answer);
        }
        paths
    });
    (address, thread)
}

/// A whole answer; `length` is what it says of its body.
fn answer(status: &str, length: Option<usize>, body: &[u8]) -> Vec<u8> {
    let length = length.map(|length| format!("Content-Length: {length}\r\n")).unwrap_or_default();
    let head = format!("HTTP/1.1 {status}\r\n{length}Connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn whole(body: &[u8]) -> Vec<u8> {
    answer("200 OK", Some(body.len()), body)
}

const TEXT: &[u8] = b"abc";
/// Of `TEXT` (FIPS 180-4, the first example).
const SUM: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Fetches a file `letters.txt` of three bytes, and the names that the folder has afterwards.
fn fetch_letters(answers: Vec<Vec<u8>>) -> (Result<std::path::PathBuf>, Vec<String>, TempDir) {
    let (address, thread) = server(answers);
    let url = format!("{address}/letters.txt");
    let dir = tempfile::tempdir().unwrap();
    let file = PublicFile { name: "letters.txt", url: &url, bytes: 3, sha256: SUM };
    let data = PublicData { name: "letters", files: &[file], folder: None };
    let result = data.fetch(dir.path());
    thread.join().unwrap();
    let names = names(dir.path());
    (result, names, dir)
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_right_bytes_are_kept() {
    for answers in [
        vec![whole(TEXT)],
        // Without a length it ends where the connection does.
        vec![answer("200 OK", None, TEXT)],
        vec![b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(), whole(TEXT)],
    ] {
        let (result, names, dir) = fetch_letters(answers);
        assert_eq!(result.unwrap(), dir.path());
        assert_eq!(names, ["letters.txt"]);
        assert_eq!(fs::read(dir.path().join("letters.txt")).unwrap(), TEXT);
    }
}

#[test]
fn others_are_not() {
    let other = "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34"; // of "def"
    for (given, wanted) in [
        (whole(b"def"), format!("got bytes of SHA-256 {other}, wanted {SUM}")),
        (answer("200 OK", Some(3), b"ab"), "after 2 of 3 bytes".into()),
        (answer("200 OK", None, b"ab"), "got 2 bytes, wanted 3".into()),
        (answer("200 OK", None, b"abcdef"), "got 4 bytes or more, wanted 3".into()),
        (whole(b"abcd"), "got a file of 4 bytes, wanted 3".into()),
        (answer("404 Not Found", Some(0), b""), "404".into()),
        (b"nonsense\r\n\r\n".to_vec(), "".into()),
        (Vec::new(), "".into()),
    ] {
        let (result, names, _dir) = fetch_letters(vec![given]);
        let error = message(result);
        assert!(error.starts_with("http://127.0.0.1:") && error.contains(&wanted), "{error}");
        assert!(names.is_empty(), "{error}: {names:?}");
    }
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let (address, thread) =
        server(vec![whole(TEXT), answer("500 Internal Server Error", None, b""), whole(TEXT)]);
    let urls = ["a", "b"].map(|name| format!("{address}/{name}"));
    let files = [("a", &urls[0]), ("b", &urls[1])];
    let files = files.map(|(name, url)| PublicFile { name, url, bytes: 3, sha256: SUM });
    let data = PublicData { name: "two", files: &files, folder: None };
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("new/folder");
    assert!(message(data.fetch(&dir)).contains("500"));
    assert_eq!(names(&dir), ["a"]);
    let mut heard = Vec::new();
    data.fetch_with(&dir, |file, bytes| heard.push((file.name.to_string(), bytes))).unwrap();
    assert_eq!(names(&dir), ["a", "b"]);
    assert_eq!(heard.last().unwrap(), &("b".to_string(), 3));
    assert_eq!(thread.join().unwrap(), ["/a", "/b", "/b"]);
    // Nobody answers any more, and nobody is asked.
    data.fetch(&dir).unwrap();
    fs::remove_file(dir.join("a")).unwrap();
    assert!(message(data.fetch(&dir)).starts_with(&urls[0]));
}

/// An archive of files, each with its text.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the library refuses to write names that leave the folder.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn sum(bytes: &[u8]) -> String {
    use graviola::hashing::{Hash, Sha256};
    Sha256::hash(bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fetches an archive that makes the folder `words`.
fn fetch_archive(bytes: Vec<u8>, dir: &Path) -> Result<std::path::PathBuf> {
    let (address, thread) = server(vec![whole(&bytes)]);
    let (url, sha256) = (format!("{address}/words.tar.gz"), sum(&bytes));
    let (name, bytes) = ("words.tar.gz", bytes.len() as u64);
    let file = PublicFile { name, url: &url, bytes, sha256: &sha256 };
    let data = PublicData { name: "words", files: &[file], folder: Some("words") };
    let result = data.fetch(dir);
    thread.join().unwrap();
    if result.is_ok() {
        assert_eq!(data.fetch(dir).unwrap(), dir.join("words"));
    }
    result
}

#[test]
fn an_archive_becomes_a_folder() {
    // With the folder in it, and without.
    for start in ["words/", "./"] {
        let dir = tempfile::tempdir().unwrap();
        let [a, b] = ["yes/1.txt", "no/2.txt"].map(|name| format!("{start}{name}"));
        let folder = fetch_archive(archive(&[(&a, "one"), (&b, "two")]), dir.path()).unwrap();
        assert_eq!(folder, dir.path().join("words"));
        assert_eq!(names(dir.path()), ["words"]);
        assert_eq!(names(&folder), ["no", "yes"]);
        assert_eq!(fs::read_to_string(folder.join("yes/1.txt")).unwrap(), "one");
    }
}

#[test]
fn a_damaged_archive_leaves_nothing() {
    let good = archive(&[("words/1.txt", "one")]);
    for bytes in [b"no archive".to_vec(), good[..good.len() / 2].to_vec()] {
        let dir = tempfile::tempdir().unwrap();
        let error = message(fetch_archive(bytes, dir.path()));
        assert!(error.contains("the archive cannot be unpacked"), "{error}");
        assert!(names(dir.path()).is_empty());
    }
}

#[test]
fn nothing_is_written_outside_the_folder() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("a");
    fs::create_dir(&dir).unwrap();
    let _ = fetch_archive(archive(&[("words/1.txt", "one"), ("../../evil.txt", "x")]), &dir);
    assert_eq!(names(root.path()), ["a"]);
    assert!(names(&dir).iter().all(|name| name == "words"));

    for name in ["../letters.txt", "a/b", "", ".."] {
        let file = PublicFile { name, url: "http://127.0.0.1:1", bytes: 3, sha256: SUM };
        let data = PublicData { name: "letters", files: &[file], folder: None };
        let error = message(data.fetch(&dir));
        assert!(error.contains("wanted one without a folder"), "{error}");
    }
}
