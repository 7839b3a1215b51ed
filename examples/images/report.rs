//! What the network learned, in figures and pictures.

use gradus::data::Dataset;
use gradus::data::vision::Image;
use gradus::prelude::*;
use gradus::train::RunFolder;
use gradus::train::metrics::ConfusionMatrix;
use gradus::train::plots::{ImageGrid, Plane};

use crate::net::Net;

/// Prints figures for each class, and draws what was confused, pictures that were predicted wrong, what the network looks for and
/// finds, and how the classes lie to each other.
pub fn write<D: Dataset<Item = (Image, i64)> + 'static>(
    net: &Net,
    test: &DataLoader<D>,
    names: &[String],
    folder: &RunFolder,
) -> gradus::Result<()> {
    let (mut pictures, mut features, mut scores, mut labels) = (vec![], vec![], vec![], vec![]);
    let mut cx = Context::eval();
    for batch in test.iter() {
        let (batch, answers) = batch?;
        let maps = no_grad(|| net.maps(&batch, &mut cx))?;
        scores.push(net.scores(&maps, &mut cx)?.into_value());
        features.push(maps.value().mean_axes(&[2, 3], false)?);
        // The pictures of some batches are enough to choose from, however many there are.
        if pictures.len() < 40 {
            pictures.push(batch.into_value());
        }
        labels.push(answers);
    }
    let all = |parts: &[Tensor]| Tensor::concat(&parts.iter().collect::<Vec<_>>(), 0);
    let (pictures, features, scores) = (all(&pictures)?, all(&features)?, all(&scores)?);
    let labels = Tensor::concat(&labels.iter().collect::<Vec<_>>(), 0)?;

    let mut matrix = ConfusionMatrix::with_names(names)?;
    matrix.add_logits(&scores, &labels)?;
    if names.len() <= 20 {
        println!("\n{}", matrix.report()?);
    }
    let (right, total) = (matrix.correct(), matrix.total());
    println!(
        "\ntest accuracy {:.2} %: {right} of {total} pictures right",
        100.0 * matrix.accuracy()?
    );
    if names.len() <= 400 {
        folder.write_confusion(&matrix)?;
    }
    let shown = pictures.shape()[0];
    let (few, answers) = (scores.slice(0, ..shown)?, labels.slice(0, ..shown)?);
    folder.write_plot(
        "predictions",
        &ImageGrid::predictions(&pictures, &few, &answers, names, 48)?,
    )?;
    if let Some(filters) = net.filters() {
        folder.write_plot("filters", &ImageGrid::filters(&filters)?)?;
    }
    let maps = no_grad(|| net.maps(&pictures.slice(0, 0..1)?.into(), &mut cx))?;
    folder.write_plot("maps", &ImageGrid::feature_maps(&maps.value().index(0, 0)?)?)?;
    if names.len() <= Plane::MOST_CLASSES && labels.len() > 1 {
        let plane = Plane::new(&features, &labels, names)?;
        folder.write_plot("features", &plane.title("What the last layer reads, in the plane"))?;
    }
    println!(
        "History, pictures, checkpoints and weights.safetensors are in {}",
        folder.path().display()
    );
    Ok(())
}
