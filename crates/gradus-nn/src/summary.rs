//! A table of a network's layers: what they give, how many parameters they have, what they cost.

use std::collections::BTreeMap;
use std::fmt;

use gradus_autograd::{ParamId, Var, no_grad};
use gradus_tensor::{Float, Tensor};

use crate::{Context, Layer, Module, ModuleExt, Result};

/// What a layer writes down about itself in one forward pass.
#[derive(Debug, Clone)]
pub struct Line {
    /// The kind of layer with its settings, such as `Linear(512, 10)`.
    pub layer: String,
    /// The shape that it gives.
    pub output: Vec<usize>,
    /// Its parameters: which, and how many numbers.
    pub params: Vec<(ParamId, usize)>,
    /// Multiplications with an addition that the pass took.
    pub multiply_adds: u64,
}

/// The layers of a network in the order in which an input passes through them.
///
/// ```
/// use gradus_nn::{Linear, Relu, Sequential, Summary};
/// let mut rng = gradus_tensor::Rng::new(0);
/// let net: Sequential = Sequential::new()
///     .push(Linear::new(784, 128).init(&mut rng)?)
///     .push(Relu)
///     .push(Linear::new(128, 10).init(&mut rng)?);
/// let summary = Summary::of(&net, &[1, 784])?;
/// assert_eq!(summary.params, 101_770);
/// println!("{summary}");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The shape of the input, if it is one tensor.
    pub input: Option<Vec<usize>>,
    /// One line a layer; the first word is the path, if the layer has parameters.
    pub lines: Vec<(String, Line)>,
    /// Parameters in all, each counted once.
    pub params: usize,
    /// Multiplications with an addition in all, for this input.
    pub multiply_adds: u64,
}

impl Summary {
    /// Sends zeros of shape `input` through a network and writes down what it meets.
    ///
    /// # Errors
    /// If the network does not take that shape.
    pub fn of<T: Float>(network: &dyn Layer<T>, input: &[usize]) -> Result<Self> {
        let zeros = Var::constant(Tensor::zeros(input));
        let traced = Self::trace(network, |cx| network.forward(&zeros, cx))?;
        Ok(Self { input: Some(input.to_vec()), ..traced })
    }

    /// The same for a network that takes something else than one tensor: `pass` runs it once, with the
    /// context that it is given.
    ///
    /// ```
    /// use gradus_nn::{Embedding, Lstm, Module, Result, Summary};
    /// use gradus_tensor::{Rng, Tensor};
    ///
    /// #[derive(Module)]
    /// struct Reader { words: Embedding, lstm: Lstm }
    ///
    /// let mut rng = Rng::new(0);
    /// let words = Embedding::new(100, 8).init(&mut rng)?;
    /// let net = Reader { words, lstm: Lstm::new(8, 16).batch_first(true).init(&mut rng)? };
    /// let tokens = Tensor::<i64>::zeros([1, 5]);
    /// let summary = Summary::trace(&net, |cx| {
    ///     let x = net.words.forward(&tokens, cx)?;
    ///     net.lstm.forward(&x, None, cx)
    /// })?;
    /// assert_eq!(summary.multiply_adds, 5 * 4 * 16 * (8 + 16));
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    ///
    /// # Errors
    /// That of `pass`.
    pub fn trace<T: Float, M: Module<T> + ?Sized, R>(
        network: &M,
        pass: impl FnOnce(&mut Context) -> Result<R>,
    ) -> Result<Self> {
        let mut paths = BTreeMap::new();
        network.for_each_param(|path, param| {
            let owner = path.rsplit_once('.').map_or("", |(owner, _)| owner);
            paths.insert(param.id(), owner.to_string());
        });
        let mut cx = Context::tracing();
        no_grad(|| pass(&mut cx))?;
        let with_path = |line: Line| {
            let path = line.params.first().and_then(|(id, _)| paths.get(id));
            (path.cloned().unwrap_or_default(), line)
        };
        let lines: Vec<_> = cx.into_lines().into_iter().map(with_path).collect();
        Ok(Self {
            input: None,
            params: network.count_params(),
            multiply_adds: lines.iter().map(|(_, line)| line.multiply_adds).sum(),
            lines,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["path", "layer", "output", "parameters", "multiply-adds"].map(String::from);
        let rows = self.lines.iter().map(|(path, line)| {
            let params: usize = line.params.iter().map(|(_, n)| n).sum();
            [
                path.clone(),
                line.layer.clone(),
                format!("{:?}", line.output),
                thousands(params as u64),
                thousands(line.multiply_adds),
            ]
        });
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for (i, [path, layer, output, params, cost]) in rows.iter().enumerate() {
            let [p, l, o, n, c] = widths;
            let line = format!("{path:p$}  {layer:l$}  {output:o$}  {params:>n$}  {cost:>c$}");
            writeln!(f, "{}", line.trim_end())?;
            if i == 0 {
                writeln!(f, "{}", "-".repeat(widths.iter().sum::<usize>() + 8))?;
            }
        }
        let (params, cost) = (thousands(self.params as u64), thousands(self.multiply_adds));
        write!(f, "{params} parameters, {cost} multiply-adds")?;
        match &self.input {
            Some(input) => write!(f, " for input {input:?}"),
            None => Ok(()),
        }
    }
}

/// A number with a comma after every third digit.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn commas_stand_after_every_third_digit() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(super::thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
