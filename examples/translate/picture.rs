//! A picture of attention: which words the network looked at while it wrote each character.
//!
//! An SVG document, written by hand: its texts are drawn by whoever shows it, with whatever font has the characters.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gradus::data::Error;
use gradus::models::Transformer;
use gradus::prelude::*;

use super::data::Languages;
use super::net::best;

const CELL: usize = 36;
/// Room for the names of rows and columns.
const LEFT: usize = 90;
const TOP: usize = 120;

/// Draws the translation of a text: a row for each character, a column for each piece of the text.
pub fn draw(
    net: &Transformer,
    languages: &Languages,
    text: &str,
    path: &Path,
) -> gradus::Result<()> {
    let source = languages.english.encode(text)?.ids;
    let written = best(net, &source)?;
    let row = |ids: &[u32]| {
        Tensor::from_vec(ids.iter().map(|&id| i64::from(id)).collect(), [1, ids.len()])
    };
    let target = [&[Languages::START], &written[..]].concat();
    let (read, write) = (row(&source)?, row(&target)?);
    let weights = no_grad(|| net.attention(&read, None, &write, &mut Context::eval()))?;

    let columns = source.iter().map(|&id| languages.english.decode(&[id]));
    let rows = written.iter().map(|&id| languages.chinese.decode(&[id]));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let svg = svg(&weights.value().to_vec(), &rows, &columns);
    Ok(fs::write(path, svg).map_err(|source| Error::File { path: path.into(), source })?)
}

/// Squares, the darker the more weight they have; each row of weights adds up to one.
fn svg(weights: &[f32], rows: &[String], columns: &[String]) -> String {
    let [width, height] = [LEFT + CELL * columns.len() + 60, TOP + CELL * rows.len() + 20];
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"16\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    // Writing to a string cannot fail.
    for (j, name) in columns.iter().enumerate() {
        let (x, y, name) = (LEFT + CELL * j + CELL / 2, TOP - 8, plain(name));
        let _ = writeln!(out, "<text transform=\"translate({x} {y}) rotate(-50)\">{name}</text>");
    }
    for (i, name) in rows.iter().enumerate() {
        let (y, name) = (TOP + CELL * i, plain(name));
        let (x, base) = (LEFT - 10, y + CELL / 2 + 6);
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{base}\" text-anchor=\"end\">{name}</text>");
        for j in 0..columns.len() {
            let (x, weight) = (LEFT + CELL * j, weights[i * columns.len() + j]);
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" stroke=\"#ddd\" \
                 fill=\"#0072b2\" fill-opacity=\"{weight:.3}\"><title>{weight:.3}</title></rect>"
            );
        }
    }
    out + "</svg>\n"
}

/// Without what SVG would take for its own.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
