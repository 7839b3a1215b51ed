//! Replacing a file, without kills: see `kill` for those.

use std::fs::{self, File};
use std::io;

use gradus_serialize::{Checkpoint, atomic};

use crate::fixtures::small;

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ckpt");
    small().save(&path).unwrap();
    let error = atomic::write(&path, |file| {
        file.write_all(&[0; 100_000])?;
        Err(io::Error::other("the disk is full"))
    });
    let wanted = format!("cannot write {}: the disk is full", path.display());
    assert_eq!(error.unwrap_err().to_string(), wanted);
    assert_eq!(Checkpoint::load(&path).unwrap(), small());
    assert_eq!(names(folder.path()), ["a.ckpt"]);
}

#[test]
fn temporary_files_of_the_dead_are_removed_and_others_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ckpt");
    let kept = [".a.ckpt.x1-2.partial", ".b.ckpt.1-2.partial", ".a.ckpt.1-2", "a.ckpt.1-2.partial"];
    for name in kept.iter().chain(&[".a.ckpt.1-2.partial", ".a.ckpt.4000000000-0.partial"]) {
        fs::write(folder.path().join(name), "cut").unwrap();
    }
    // One that another writer is at work on.
    let alive = folder.path().join(".a.ckpt.7-7.partial");
    let file = File::create(&alive).unwrap();
    file.lock().unwrap();
    small().save(&path).unwrap();
    let mut wanted: Vec<&str> = kept.into_iter().chain([".a.ckpt.7-7.partial", "a.ckpt"]).collect();
    wanted.sort();
    assert_eq!(names(folder.path()), wanted);
    drop(file);
    small().save(&path).unwrap();
    assert!(!alive.exists());
}

#[test]
fn writers_at_the_same_time_leave_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ckpt");
    let (path, first) = (&path, &small());
    first.save(path).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for i in 0..25 {
                    let step = thread * 100 + i;
                    Checkpoint { step, ..first.clone() }.save(path).unwrap();
                    Checkpoint::load(path).unwrap();
                }
            });
        }
    });
    assert_eq!(names(folder.path()), ["a.ckpt"]);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &std::path::Path| small().save(path).unwrap_err().to_string();
    let absent = folder.path().join("no/a.ckpt");
    assert_eq!(
        error(&absent),
        format!(
            "cannot write {}: the folder {} does not exist; create it first",
            absent.display(),
            folder.path().join("no").display()
        )
    );
    assert_eq!(
        error(folder.path()),
        format!("cannot write {}: there is a folder of that name", folder.path().display())
    );
    assert_eq!(error("..".as_ref()), "cannot write ..: the path does not name a file");
    assert!(error("".as_ref()).ends_with("the path does not name a file"));
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let set = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    set(0o555);
    let path = folder.path().join("a.ckpt");
    let result = small().save(&path);
    set(0o755);
    // The superuser may write everywhere.
    if let Err(error) = result {
        let message = error.to_string();
        assert!(message.starts_with(&format!("cannot write {}: ", path.display())), "{message}");
        assert!(message.contains("ermission denied"), "{message}");
    }
}
