//! The folder of one run, and the names of the files in it.
//!
//! ```text
//! history.csv                       one row for each epoch
//! config.toml                       the settings
//! curves.svg, curves.png            loss and metrics over the epochs
//! confusion.svg, confusion.png      the confusion matrix
//! last.ckpt, best.ckpt              checkpoints
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::metrics::ConfusionMatrix;
use crate::plots::{ConfusionPlot, Curves, Plot};
use crate::{Config, Error, History, Result};

/// A folder that holds what a run writes.
///
/// ```
/// use gradus_train::{Config, History, RunFolder};
///
/// # let place = tempfile::tempdir().unwrap();
/// let folder = RunFolder::create(place.path().join("runs/digits"))?;
/// folder.write_config(&Config::new().set("seed", 1))?;
/// folder.write_history(&History::epochs())?;
/// assert!(folder.history_csv().ends_with("runs/digits/history.csv"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Creates the folder and those above it where they do not exist, and makes sure that files
    /// can be written into it: a run must not find that out after an hour of training.
    ///
    /// # Errors
    /// [`Error::File`] naming the folder and the reason.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(Error::file("create the output folder", &path))?;
        let probe = path.join(format!(".probe.{}", std::process::id()));
        File::create(&probe)
            .and_then(|_| fs::remove_file(&probe))
            .map_err(Error::file("write into the output folder", &path))?;
        Ok(Self { path })
    }

    /// The same for a new run: refuses a folder that holds one.
    ///
    /// # Errors
    /// [`Error::Value`] if it holds a run; and those of [`create`](Self::create).
    pub fn create_new(path: impl Into<PathBuf>) -> Result<Self> {
        let folder = Self::create(path)?;
        if folder.holds_run() {
            let got = format!("{}, which holds a run", folder.path.display());
            let wanted =
                "a folder without one: go on with that run, remove it, or choose another folder";
            return Err(Error::value("RunFolder::create_new", got, wanted));
        }
        Ok(folder)
    }

    /// Whether a run was written into it.
    pub fn holds_run(&self) -> bool {
        self.last_checkpoint().exists() || self.history_csv().exists()
    }

    /// Removes the files of the run in it, and nothing else: checkpoints, history, settings, pictures.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses.
    pub fn clear(&self) -> Result<()> {
        const FILES: [&str; 8] = [
            "last.ckpt",
            "best.ckpt",
            "history.csv",
            "config.toml",
            "curves.svg",
            "curves.png",
            "confusion.svg",
            "confusion.png",
        ];
        for path in FILES.map(|name| self.file(name)) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::file("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// The history, one row for each epoch.
    pub fn history_csv(&self) -> PathBuf {
        self.file("history.csv")
    }

    /// The settings.
    pub fn config_toml(&self) -> PathBuf {
        self.file("config.toml")
    }

    /// The checkpoint of the last epoch.
    pub fn last_checkpoint(&self) -> PathBuf {
        self.file("last.ckpt")
    }

    /// The checkpoint of the best epoch.
    pub fn best_checkpoint(&self) -> PathBuf {
        self.file("best.ckpt")
    }

    /// Replaces `config.toml`.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        config.write(self.config_toml())
    }

    /// Replaces `history.csv`.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses.
    pub fn write_history(&self, history: &History) -> Result<()> {
        history.write(self.history_csv())
    }

    /// Draws `curves.svg` and `curves.png` from a history; gives their paths.
    ///
    /// # Errors
    /// As [`Curves::from_history`] and [`Plot::save`].
    pub fn write_curves(&self, history: &History) -> Result<[PathBuf; 2]> {
        self.write_plot("curves", &Curves::from_history(history)?)
    }

    /// Draws `confusion.svg` and `confusion.png`; gives their paths.
    ///
    /// # Errors
    /// As [`ConfusionPlot::new`] and [`Plot::save`].
    pub fn write_confusion(&self, matrix: &ConfusionMatrix) -> Result<[PathBuf; 2]> {
        self.write_plot("confusion", &ConfusionPlot::new(matrix)?)
    }

    /// Draws `NAME.svg` and `NAME.png`; gives their paths.
    ///
    /// # Errors
    /// As [`Plot::save`].
    pub fn write_plot(&self, name: &str, plot: &impl Plot) -> Result<[PathBuf; 2]> {
        let paths = ["svg", "png"].map(|kind| self.file(format!("{name}.{kind}")));
        for path in &paths {
            plot.save(path)?;
        }
        Ok(paths)
    }
}
