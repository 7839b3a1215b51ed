//! What can go wrong with data. Every message names the place, what was found there, and what to do.

use std::path::PathBuf;

use crate::audio::AudioProblem;
use crate::idx::IdxProblem;
use crate::table::CsvProblem;
use crate::vision::ImageProblem;

/// The result of reading, transforming or loading data.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no item, no batch or no data set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation on tensors failed.
    #[error(transparent)]
    Tensor(#[from] gradus_tensor::Error),
    /// A differentiable operation failed.
    #[error(transparent)]
    Autograd(gradus_autograd::Error),
    /// An error of a data set or transform outside this crate; made with [`Error::other`].
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// Text has no ids, ids have no text, or a tokenizer cannot be built.
    #[error(transparent)]
    Text(#[from] crate::text::TextError),
    /// An argument outside its domain.
    #[error("{op}: got {got}, wanted {wanted}")]
    Value {
        /// The operation that was asked for.
        op: &'static str,
        /// What it was given, with the argument's name.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
    /// An item that the data set does not have.
    #[error("{dataset}: item {index} of a data set of {len} items; indices go from 0 to len - 1")]
    Index {
        /// The kind of data set.
        dataset: &'static str,
        /// The index it was given.
        index: usize,
        /// How many items there are.
        len: usize,
    },
    /// Items of different shapes cannot be stacked.
    #[error(
        "collate: item {item} of the batch has shape {got:?} and item 0 has {wanted:?}; give all \
         items one shape (crop or pad them in a transform), or implement `Collate` for an item \
         type of your own"
    )]
    Stack {
        /// The first item, counted in the batch, that differs.
        item: usize,
        /// Its shape.
        got: Vec<usize>,
        /// The shape of item 0.
        wanted: Vec<usize>,
    },
    /// A batch of no items has no shape.
    #[error("collate: a batch of no items; a batch needs at least one")]
    EmptyBatch,
    /// A loader was asked to go through a data set without items.
    #[error("DataLoader: the data set is empty; there is nothing to make batches of")]
    EmptyDataset,
    /// A loader that drops incomplete batches would drop everything.
    #[error(
        "DataLoader: {items} items do not fill one batch of {batch_size}, and drop_last(true) \
         drops what is left; use a smaller batch or drop_last(false)"
    )]
    NoFullBatch {
        /// How many items there are.
        items: usize,
        /// How many a batch needs.
        batch_size: usize,
    },
    /// The data set or a transform panicked while it made a batch.
    #[error("DataLoader: the data set panicked at batch {batch} of epoch {epoch}: {message}")]
    Panicked {
        /// The epoch, from 0.
        epoch: u64,
        /// The batch in that epoch, from 0.
        batch: usize,
        /// What the panic said.
        message: String,
    },
    /// The system gives no thread, or a thread ended before its work.
    #[error("DataLoader: {message}")]
    Worker {
        /// What happened.
        message: String,
    },
    /// A file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder lacks files of a data set.
    #[error("the folder {} has no {}.\n{hint}", dir.display(), files.join(", no "))]
    MissingFiles {
        /// The folder.
        dir: PathBuf,
        /// The files that it lacks, each with its other spellings.
        files: Vec<String>,
        /// Where to get them.
        hint: String,
    },
    /// A file of a public data set cannot be fetched, or is not what it should be.
    #[error("{url}: {problem}")]
    Download {
        /// Where it lies.
        url: String,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// A file in the IDX format is not what it should be.
    #[error("{file}: {problem}")]
    Idx {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        problem: IdxProblem,
    },
    /// A CSV file is no table, or a column is of another type.
    #[error("{file}: {problem}")]
    Csv {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        problem: CsvProblem,
    },
    /// A file of sound is not what it should be.
    #[error("{file}: {problem}")]
    Audio {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        problem: AudioProblem,
    },
    /// A picture is not what it should be.
    #[error("{file}: {problem}")]
    Image {
        /// The name of the file.
        file: String,
        /// What is wrong with it.
        problem: ImageProblem,
    },
    /// A folder of pictures is not what it should be.
    #[error("{}: {message}", dir.display())]
    Folder {
        /// The folder, or an entry of it.
        dir: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// As many labels as images are needed.
    #[error("{source_name}: {images} images but {labels} labels; each image needs one label")]
    Counts {
        /// The data set or its files.
        source_name: String,
        /// How many images there are.
        images: usize,
        /// How many labels there are.
        labels: usize,
    },
    /// A label that is no class.
    #[error(
        "{source_name}: item {item} has the label {label}, but there are {classes} classes, \
         numbered from 0"
    )]
    Label {
        /// The data set or its file.
        source_name: String,
        /// The item, from 0.
        item: usize,
        /// Its label.
        label: i64,
        /// How many classes there are.
        classes: usize,
    },
}

/// An error of a tensor is found under [`Error::Tensor`], whatever it came through.
impl From<gradus_autograd::Error> for Error {
    fn from(error: gradus_autograd::Error) -> Self {
        match error {
            gradus_autograd::Error::Tensor(error) => Self::Tensor(error),
            other => Self::Autograd(other),
        }
    }
}

impl Error {
    /// An argument outside its domain.
    pub fn value(op: &'static str, got: impl Into<String>, wanted: impl Into<String>) -> Self {
        Self::Value { op, got: got.into(), wanted: wanted.into() }
    }

    /// An error of your own data set or transform, or its message.
    ///
    /// ```
    /// use gradus_data::Error;
    /// assert_eq!(Error::other("the disk is gone").to_string(), "the disk is gone");
    /// ```
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// [`Error::Index`] unless `index < len`.
    pub(crate) fn check_index(dataset: &'static str, index: usize, len: usize) -> Result<()> {
        if index < len { Ok(()) } else { Err(Self::Index { dataset, index, len }) }
    }
}
