//! What the network learned: figures for each class, the confusion matrix, and some images.

use gradus::data::{DataLoader, Dataset};
use gradus::prelude::*;
use gradus::train::Gallery;
use gradus::train::metrics::ConfusionMatrix;

use crate::data::Images;
use crate::net::Net;

/// The network's scores for every image of a loader, in order, and the labels.
///
/// # Errors
/// If the images do not fit the network.
pub fn predict(net: &Net, loader: &DataLoader<Images>) -> gradus::Result<(Tensor, Tensor<i64>)> {
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    let mut cx = Context::eval();
    for batch in loader.iter() {
        let (images, answers) = batch?;
        scores.push(no_grad(|| net.forward(&images, &mut cx))?.into_value());
        labels.push(answers);
    }
    let scores = Tensor::concat(&scores.iter().collect::<Vec<_>>(), 0)?;
    let labels = Tensor::concat(&labels.iter().collect::<Vec<_>>(), 0)?;
    Ok((scores, labels))
}

/// Prints precision and recall for each class and the confusion matrix, and returns the matrix.
///
/// # Errors
/// If a label is outside the classes.
pub fn print(
    scores: &Tensor,
    labels: &Tensor<i64>,
    test: &Images,
) -> gradus::Result<ConfusionMatrix> {
    let mut matrix = ConfusionMatrix::with_names(test.dataset().class_names())?;
    matrix.add_logits(scores, labels)?;
    println!("\n{}\n\n{matrix}", matrix.report()?);
    println!(
        "test accuracy {:.2} %: {} of {} images right",
        100.0 * matrix.accuracy()?,
        matrix.correct(),
        matrix.total()
    );
    Ok(matrix)
}

/// Draws the images that were predicted wrong, up to five of them, and then right ones up to eight
/// in all.
///
/// # Errors
/// If the scores are not those of the test images.
pub fn draw(scores: &Tensor, labels: &Tensor<i64>, test: &Images) -> gradus::Result<()> {
    let probabilities = scores.softmax(1)?;
    let predicted = scores.argmax(1)?.to_vec();
    let labels = labels.to_vec();
    let names = test.dataset().class_names();
    let all = 0..labels.len();
    let (wrong, right): (Vec<_>, Vec<_>) = all.partition(|&i| predicted[i] != labels[i]);
    let mut gallery = Gallery::new();
    let shown = wrong.into_iter().take(5).chain(right);
    for i in shown.take(8) {
        let (image, label) = test.get(i)?;
        let guess = predicted[i] as usize;
        let sure = 100.0 * probabilities.get([i, guess])?;
        let truth = match predicted[i] == label {
            true => String::new(),
            false => format!(", is {}", names[label as usize]),
        };
        gallery.add(&image, &format!("{} ({sure:.1} %){truth}", names[guess]))?;
    }
    println!("\nTest images with prediction and probability, wrong ones first:\n\n{gallery}");
    Ok(())
}
