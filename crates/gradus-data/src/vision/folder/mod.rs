//! Pictures in folders: `root/cat/1.jpg`, `root/dog/2.jpg`, one folder a class. torchvision's
//! `ImageFolder`.

mod list;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::decode::Kind;
use super::{Image, ImageReader};
use crate::bounded::up_to;
use crate::{Dataset, Error, Result};

/// How a folder of classes is read.
///
/// ```no_run
/// use gradus_data::vision::FolderOptions;
/// let train = FolderOptions::new().skip_bad(true).open("pets/train")?;
/// // The same numbers for the same classes, whatever folders are there.
/// let test = FolderOptions::new().classes(train.classes()).open("pets/test")?;
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FolderOptions {
    reader: ImageReader,
    skip_bad: bool,
    classes: Option<Vec<String>>,
}

impl Default for FolderOptions {
    fn default() -> Self {
        Self { reader: ImageReader::new().channels(3), skip_bad: false, classes: None }
    }
}

impl FolderOptions {
    /// RGB, every file must be a picture, classes by the names of folders.
    pub fn new() -> Self {
        Self::default()
    }

    /// How files are read: limits, channels.
    pub fn reader(self, reader: ImageReader) -> Self {
        Self { reader, ..self }
    }

    /// Goes on where a file cannot be read: the next one that can be, in the order of the items, stands
    /// in for it. [`ImageFolder::skipped`] counts and names them. The items stay the same in every
    /// epoch and for any number of workers.
    pub fn skip_bad(self, skip_bad: bool) -> Self {
        Self { skip_bad, ..self }
    }

    /// The classes and their numbers. A class may have no folder; a folder that is no class is an
    /// error.
    pub fn classes<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { classes: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Lists the files below `root`. Pictures are read later, by whoever asks for an item, such as the
    /// workers of a loader; only the first bytes of one picture a class are read here.
    ///
    /// # Errors
    /// [`Error::File`] if a folder cannot be read. [`Error::Folder`] if there is no class, a class has
    /// no file that begins as a picture, a folder is no class, or, without
    /// [`skip_bad`](Self::skip_bad), an entry cannot be looked at or leads in a circle.
    pub fn open(self, root: impl AsRef<Path>) -> Result<ImageFolder> {
        let root = root.as_ref();
        let wrong = |dir: &Path, message: String| Error::Folder { dir: dir.into(), message };
        let folders = list::folders(root)?;
        if folders.is_empty() {
            let message = "has no folders; wanted one for each class, with its pictures in it";
            return Err(wrong(root, message.into()));
        }
        // Names need not be UTF-8; what is not is shown as U+FFFD.
        let name = |path: &Path| {
            path.file_name().map_or_else(String::new, |n: &OsStr| n.to_string_lossy().into_owned())
        };
        let classes = match &self.classes {
            Some(classes) => classes.clone(),
            None => folders.iter().map(|dir| name(dir)).collect(),
        };
        let (mut items, mut broken) = (Vec::new(), BTreeMap::new());
        for (i, dir) in folders.iter().enumerate() {
            let label = match &self.classes {
                None => i,
                Some(classes) => {
                    let found = classes.iter().position(|class| *class == name(dir));
                    found
                        .ok_or_else(|| wrong(dir, format!("is none of the classes {classes:?}")))?
                }
            };
            let found = list::files(dir)?;
            if let (Some((path, why)), false) = (found.broken.first(), self.skip_bad) {
                let message = format!("{why}; remove it, or go on with `skip_bad(true)`");
                return Err(wrong(path, message));
            }
            check_class(dir, &found)?;
            broken.extend(found.broken);
            items.extend(found.pictures.into_iter().map(|path| (path, label)));
        }
        let unreadable = Mutex::default();
        Ok(ImageFolder { options: self, classes, items, broken, unreadable })
    }
}

/// An error unless a file of the class begins as a picture does.
fn check_class(dir: &Path, found: &list::Found) -> Result<()> {
    let begins = |path: &PathBuf| {
        let start = File::open(path).and_then(|mut file| up_to(&mut file, 32));
        start.is_ok_and(|start| Kind::of(&start).is_some())
    };
    if found.pictures.iter().any(begins) {
        return Ok(());
    }
    let message = match found.pictures.first() {
        Some(first) => format!(
            "is a class without a readable picture: none of its {} files is a picture, the first is \
             {}",
            found.pictures.len(),
            first.display()
        ),
        None => format!(
            "is a class without a readable picture: of its {} files none ends in {}",
            found.others,
            list::endings()
        ),
    };
    Err(Error::Folder { dir: dir.into(), message })
}

/// Pictures in folders, one folder a class: items are a picture and its class, a number from 0.
///
/// Classes are sorted by name, items by class and path; folders within those of classes belong to
/// them, hidden entries do not. Any number of classes is possible. Pictures are RGB unless
/// [`FolderOptions::reader`] says otherwise.
///
/// ```
/// use gradus_data::vision::{Image, ImageFolder, save_png};
/// use gradus_data::Dataset;
/// # let root = std::env::temp_dir().join(format!("gradus-folder-{}", std::process::id()));
/// for class in ["cat", "dog"] {
///     std::fs::create_dir_all(root.join(class))?;
///     save_png(root.join(class).join("1.png"), &Image::filled([4, 4], &[9])?)?;
/// }
/// let pets = ImageFolder::open(&root)?;
/// assert_eq!((pets.classes(), pets.len()), (&["cat".to_owned(), "dog".to_owned()][..], 2));
/// assert_eq!(pets.get(1)?, (Image::filled([4, 4], &[9; 3])?, 1));
/// # std::fs::remove_dir_all(root)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ImageFolder {
    options: FolderOptions,
    classes: Vec<String>,
    items: Vec<(PathBuf, usize)>,
    /// Entries that could not be looked at.
    broken: BTreeMap<PathBuf, String>,
    /// Items that could not be read so far.
    unreadable: Mutex<BTreeMap<usize, String>>,
}

impl ImageFolder {
    /// The pictures below `root`, by the usual [`FolderOptions`].
    ///
    /// # Errors
    /// As [`FolderOptions::open`].
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        FolderOptions::new().open(root)
    }

    /// The names of the classes; a label is an index into them.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The file and the class of each item.
    pub fn items(&self) -> &[(PathBuf, usize)] {
        &self.items
    }

    /// How many items each class has.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.items.iter().for_each(|&(_, class)| counts[class] += 1);
        counts
    }

    /// What was skipped so far, and why: entries that lead nowhere, and items that were asked for and
    /// could not be read. Empty without [`FolderOptions::skip_bad`].
    pub fn skipped(&self) -> Vec<(PathBuf, String)> {
        let unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        let items = unreadable.iter().map(|(&i, why)| (self.items[i].0.clone(), why.clone()));
        self.broken.iter().map(|(path, why)| (path.clone(), why.clone())).chain(items).collect()
    }

    /// Reads every picture once and gives the error of each that cannot be read, with its item.
    pub fn check(&self) -> Vec<(usize, Error)> {
        (0..self.items.len()).filter_map(|i| self.read(i).err().map(|e| (i, e))).collect()
    }

    fn read(&self, index: usize) -> Result<(Image, i64)> {
        let (path, class) = &self.items[index];
        let label = i64::try_from(*class).map_err(Error::other)?;
        Ok((self.options.reader.open(path)?, label))
    }
}

impl Dataset for ImageFolder {
    type Item = (Image, i64);

    fn len(&self) -> usize {
        self.items.len()
    }

    fn get(&self, index: usize) -> Result<(Image, i64)> {
        Error::check_index("ImageFolder", index, self.len())?;
        if !self.options.skip_bad {
            return self.read(index);
        }
        let unreadable = || self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        for step in 0..self.len() {
            let i = (index + step) % self.len();
            if unreadable().contains_key(&i) {
                continue;
            }
            match self.read(i) {
                Ok(item) => return Ok(item),
                Err(e) => {
                    unreadable().insert(i, e.to_string());
                }
            }
        }
        let dir = self.items[index].0.parent().unwrap_or(Path::new("")).into();
        let first = unreadable().values().next().cloned().unwrap_or_default();
        let count = self.len();
        let message =
            format!("none of the {count} pictures of the data set can be read; the first: {first}");
        Err(Error::Folder { dir, message })
    }
}
