//! Data sets, transforms, samplers and loaders: from files to batches. A floor of
//! Gradus.
//!
//! ```
//! use gradus_data::transforms::{RandomShift, on_images};
//! use gradus_data::{DataLoader, Dataset, Digits};
//!
//! // 1,797 real handwritten digits are part of this crate.
//! let (train, test) = Digits::load()?.split(0.8, 42)?;
//! let train = train.map(42, on_images(RandomShift::new(1)));
//!
//! let loader = DataLoader::new(train).batch_size(64).shuffle(42).workers(2);
//! for batch in loader.iter() {
//!     let (images, labels) = batch?;
//!     assert_eq!(images.shape()[1..], [1, 8, 8]);
//!     assert_eq!(images.shape()[0], labels.len());
//! }
//! # assert_eq!(test.len(), 359);
//! # Ok::<(), gradus_data::Error>(())
//! ```
//!
//! * A [`Dataset`] gives items by index; [`split`](Dataset::split), [`map`](Dataset::map) and [`map_fixed`](Dataset::map_fixed) make
//!   new ones of it. In this crate: [`Digits`], [`Mnist`] ([`Emnist`], too), [`LabelledImages`], [`TensorDataset`],
//!   [`ImageFolder`](vision::ImageFolder), [`Cifar`](vision::Cifar), columns of a [`Csv`] file.
//!   Of text: [`LabelledTexts`], [`EncodedTexts`], [`EncodedPairs`], [`TokenWindows`]; embedded [`Plays`] and [`Reviews`].
//!   [`PublicData`] says where the public ones lie, and fetches them with the feature `download`.
//! * [`transforms`] change images, [`samplers`] choose the order, [`Collate`] makes a batch of items.
//! * [`text`] has tokenizers, [`audio`] reads sound and makes features of it, [`vision`] reads pictures
//!   and changes them.
//! * A [`DataLoader`] brings them together, with worker threads if you like; a [`StreamLoader`] does so for [`Shards`],
//!   which have no length and no index.
//!
//! **A seed determines everything.** The batches are the same, bit for bit, for any number of
//! workers, and after a stop and a [`restore`](DataLoader::restore) in the middle of an epoch:
//! every random choice comes from a stream of numbers that belongs to a (seed, epoch, item), never
//! from a thread's.

#![forbid(unsafe_code)]

pub mod audio;
pub mod idx;
pub mod samplers;
pub mod text;
pub mod transforms;
pub mod vision;

mod bounded;
mod classes;
mod collate;
mod concat;
mod dataset;
mod digest;
mod digits;
mod embedded;
mod emnist;
mod encoded_pairs;
mod encoded_texts;
mod error;
mod gzip;
mod images;
mod labelled_texts;
mod loader;
mod map;
mod mnist;
mod padded;
mod plays;
mod public;
mod read_text;
mod reviews;
mod seeds;
mod standardize;
mod stream;
mod subset;
mod table;
mod tensor_dataset;
mod token_windows;
mod vowels;

pub use classes::{class_counts, classes, inverse_frequency, stratified_split};
pub use collate::{BatchOf, Collate};
pub use concat::ConcatDataset;
pub use dataset::Dataset;
pub use digits::Digits;
pub use emnist::Emnist;
pub use encoded_pairs::EncodedPairs;
pub use encoded_texts::EncodedTexts;
pub use error::{Error, Result};
pub use images::LabelledImages;
pub use labelled_texts::LabelledTexts;
pub use loader::{Batches, DataLoader, LoaderState};
pub use map::{Map, MapFixed};
pub use mnist::Mnist;
pub use padded::{Padded, Sequence};
pub use plays::Plays;
pub use public::{PublicData, PublicFile};
pub use read_text::read_text;
pub use reviews::Reviews;
pub use standardize::Standardizer;
pub use stream::{MapShards, ShardItems, Shards, StreamBatches, StreamLoader};
pub use subset::{Part, Subset};
pub use table::{Classes, Csv, CsvProblem, Table};
pub use tensor_dataset::{Rows, TensorDataset};
pub use token_windows::TokenWindows;
pub use vowels::{Recordings, Vowels};

/// The example of the README is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
