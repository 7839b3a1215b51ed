//! Pictures of a run, as SVG and as PNG: curves over the epochs, the confusion matrix, images with predictions, what layers find,
//! which pixels count, embeddings in the plane, spectrograms with words.
//!
//! They need no fonts and no libraries of the system. Text in a PNG is drawn with a font that is
//! part of this crate (Latin, Greek and Cyrillic; other signs become boxes), text in an SVG by
//! whoever shows it. Colours are those of Okabe and Ito, which colour-blind readers can tell apart.

mod axis;
mod canvas;
mod colors;
mod confusion;
mod curves;
mod grid;
mod heat;
mod maps;
mod pca;
mod picture;
mod plane;
mod predictions;
mod spectrogram;

use std::path::Path;

pub use confusion::ConfusionPlot;
pub use curves::{Curves, Panel};
pub use grid::ImageGrid;
pub use pca::Pca;
pub use plane::Plane;
pub use spectrogram::Spectrogram;

use crate::files::write_whole;
use crate::{Error, Result};

mod private {
    /// What a plot draws; keeps the trait closed.
    pub trait Draw {
        fn draw(&self) -> crate::Result<super::canvas::Canvas>;
    }
}

/// A picture that can be written.
///
/// ```
/// use gradus_train::plots::{Curves, Panel, Plot};
///
/// let panel = Panel::new("Learning rate", "lr").curve("lr", &[1.0, 2.0, 3.0], &[0.1, 0.05, 0.01]);
/// let curves = Curves::new("epoch").panel(panel);
/// assert!(curves.svg()?.contains("Learning rate"));
/// assert!(curves.png()?.starts_with(b"\x89PNG"));
/// # Ok::<(), gradus_train::Error>(())
/// ```
pub trait Plot: private::Draw {
    /// The picture as an SVG document.
    ///
    /// # Errors
    /// [`Error::Picture`] if the drawing library refuses.
    fn svg(&self) -> Result<String> {
        self.draw()?.svg()
    }

    /// The picture as a PNG file, with twice as many pixels on each side as the SVG has units.
    ///
    /// # Errors
    /// [`Error::Picture`] if the drawing library refuses.
    fn png(&self) -> Result<Vec<u8>> {
        self.draw()?.png()
    }

    /// Writes the picture, as SVG or PNG by the ending of the path, in one step.
    ///
    /// # Errors
    /// [`Error::Value`] for another ending, [`Error::File`] if the system refuses,
    /// [`Error::Picture`] if the drawing library does.
    fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending.as_str() {
            "svg" => write_whole(path, self.svg()?.as_bytes()),
            "png" => write_whole(path, &self.png()?),
            _ => Err(Error::value(
                "Plot::save",
                format!("the path {}", path.display()),
                "a path that ends in .svg or .png",
            )),
        }
    }
}

impl<P: private::Draw> Plot for P {}
