//! Public data sets: what to fetch, from where, and how to know that it is the right thing.
//!
//! Nothing here goes to the network by itself. A data set that is not there is an error that says what to fetch; with
//! the feature `download`, [`PublicData::fetch`](crate::public::PublicData::fetch) does it.

mod sets;

#[cfg(feature = "download")]
mod fetch;

use std::path::Path;

/// A public data set: files, or one archive of them.
///
/// ```
/// use gradus_data::PublicData;
///
/// let how = PublicData::MNIST.how_to_get("data/mnist");
/// assert!(how.contains("SHA-256 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"));
/// ```
///
/// With the feature `download`:
///
/// ```no_run
/// # #[cfg(feature = "download")]
/// # fn main() -> gradus_data::Result<()> {
/// use gradus_data::vision::Cifar;
/// use gradus_data::{Mnist, PublicData};
///
/// // What is there is not fetched again.
/// let mnist = Mnist::from_dir(PublicData::MNIST.fetch("data/mnist")?)?;
/// let cifar = Cifar::cifar10(PublicData::CIFAR_10.fetch("data")?)?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "download"))]
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicData<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The files.
    pub files: &'a [PublicFile<'a>],
    /// If the only file is a `.tar.gz`: the folder that comes of it.
    pub folder: Option<&'a str>,
}

/// A file that lies somewhere in the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicFile<'a> {
    /// What it is called in the folder.
    pub name: &'a str,
    /// Where it lies.
    pub url: &'a str,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes (FIPS 180-4), in hexadecimal.
    pub sha256: &'a str,
}

impl PublicData<'_> {
    /// What to fetch, from where, its SHA-256, and where to put it: a line for each file that `dir` lacks.
    pub fn how_to_get(&self, dir: impl AsRef<Path>) -> String {
        let dir = dir.as_ref();
        let mut lines = vec![format!("{}: fetch into {}", self.name, dir.display())];
        for file in self.files.iter().filter(|file| !dir.join(file.name).is_file()) {
            let PublicFile { url, bytes, sha256, .. } = file;
            lines.push(format!("  {url} ({bytes} bytes, SHA-256 {sha256})"));
        }
        if let Some(folder) = self.folder {
            let archive = self.files.first().map_or("", |file| file.name);
            lines.push(format!("and unpack it with `tar xzf {archive}`: the folder is {folder}"));
        }
        lines.join("\n")
    }
}
