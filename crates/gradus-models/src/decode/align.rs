//! When a known text was said: the likeliest path over the frames from which it comes.
//!
//! With `l'` the labels with a blank before, between and behind them, as in the loss:
//!
//! ```text
//! v_t(s) = y_t(l'_s) + max( v_{t-1}(s), v_{t-1}(s-1), [l'_s may follow l'_{s-2}] v_{t-1}(s-2) )
//! ```
//!
//! and the path is followed back from the better of the last two states. It is the forward walk of the loss with `max`
//! in the place of the sum (Viterbi). A label lasts from its first frame to its last. A network that was trained by
//! CTC says a label in few frames, somewhere within the sound: starts are good to some hundredths of a second, ends
//! less so. (Graves, Fernández, Gomez and Schmidhuber, 2006, section 4.1 for `l'`; Kürzinger and others,
//! *CTC-segmentation of large corpora*, 2020.)

use gradus_nn::{Error, Result};
use gradus_tensor::{Float, Tensor};

use super::Alphabet;
use super::frames::Frames;

/// When a label was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The class.
    pub label: usize,
    /// Its first frame.
    pub start: usize,
    /// The frame behind its last.
    pub end: usize,
    /// The mean over its frames of the logarithm of its probability: low where the text does not fit the sound.
    pub log_probability: f64,
}

/// When a word was said, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedWord {
    /// The word.
    pub word: String,
    /// When it begins.
    pub start: f64,
    /// When it ends.
    pub end: f64,
    /// The mean over its frames of the logarithm of the probability of its letters.
    pub log_probability: f64,
}

/// Where in the frames each label is.
///
/// ```
/// use gradus_models::decode::align;
/// use gradus_tensor::Tensor;
/// // Blank, a, a, blank, b.
/// let p = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.6, 0.2], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]];
/// let p = Tensor::<f32>::from_vec(p.concat(), [5, 3])?.ln();
/// let spans = align(&p, &[1, 2], 0)?;
/// assert_eq!([(spans[0].start, spans[0].end), (spans[1].start, spans[1].end)], [(1, 3), (4, 5)]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] unless `log_p` is `[frames, classes]`, free of NaN and of numbers above 0; if a label is the blank or
/// no class; if there are fewer frames than the labels need, one each and a blank between two that are equal; or
/// if no path has a probability.
pub fn align<T: Float>(log_p: &Tensor<T>, labels: &[usize], blank: usize) -> Result<Vec<Span>> {
    let op = "align";
    let frames = Frames::new(op, log_p, blank)?;
    if let Some(i) = labels.iter().position(|&k| k >= frames.classes || k == blank) {
        let wanted = format!("a class from 0 to {} other than the blank", frames.classes - 1);
        return Err(Error::setting(op, format!("label {} at position {i}", labels[i]), wanted));
    }
    let twice = labels.windows(2).filter(|two| two[0] == two[1]).count();
    let (there, needed) = (frames.rows().len(), labels.len() + twice);
    if there < needed {
        let got = format!("{there} frames for {} labels", labels.len());
        let wanted =
            format!("{needed} or more: one for each label, and one between two that are equal");
        return Err(Error::setting(op, got, wanted));
    }
    if labels.is_empty() {
        return Ok(Vec::new());
    }
    let state = |s: usize| if s % 2 == 1 { labels[s / 2] } else { blank };
    let states = 2 * labels.len() + 1;
    let leaps = |s: usize| s % 2 == 1 && s > 1 && labels[s / 2] != labels[s / 2 - 1];
    // How many states back the best path came from: 0, 1 or 2 for each frame and state.
    let mut back = vec![0_u8; there * states];
    let mut best = vec![f64::NEG_INFINITY; states];
    for (t, (y, back)) in frames.rows().zip(back.chunks_exact_mut(states)).enumerate() {
        // From the last state on, so that those before are still of the frame before.
        for s in (0..states).rev() {
            let (from, log) = match t {
                0 => (0, if s < 2 { 0.0 } else { f64::NEG_INFINITY }),
                _ => {
                    let far = if leaps(s) { 2 } else { 1 };
                    let ways = (0..=far.min(s)).map(|back| (back, best[s - back]));
                    let first = (0, f64::NEG_INFINITY);
                    ways.fold(first, |most, way| if way.1 > most.1 { way } else { most })
                }
            };
            back[s] = from as u8;
            best[s] = log + y[state(s)];
        }
    }
    let mut s = if best[states - 1] > best[states - 2] { states - 1 } else { states - 2 };
    if best[s] == f64::NEG_INFINITY {
        let wanted = "labels that the network thinks possible";
        return Err(Error::setting(op, "labels of which no path has a probability", wanted));
    }
    let mut path = vec![0; there];
    for t in (0..there).rev() {
        path[t] = s;
        s -= usize::from(back[t * states + s]);
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut open = None;
    for (t, (&s, y)) in path.iter().zip(frames.rows()).enumerate() {
        if s % 2 == 1 {
            if open != Some(s) {
                spans.push(Span { label: state(s), start: t, end: t, log_probability: 0.0 });
            }
            if let Some(span) = spans.last_mut() {
                span.end = t + 1;
                span.log_probability += y[state(s)];
            }
        }
        open = Some(s);
    }
    for span in &mut spans {
        span.log_probability /= (span.end - span.start) as f64;
    }
    Ok(spans)
}

/// When the words of a text were said; a space ends a word, `step` is the time between two frames in seconds, and the
/// blank is class 0.
///
/// ```
/// use gradus_models::decode::{Alphabet, timed_words};
/// use gradus_tensor::Tensor;
/// let alphabet = Alphabet::new(" ab")?;
/// // Frames that say "a", " ", "b", each the only likely class.
/// let said = |k: usize| (0..4).map(move |class| if class == k { 0.97_f32 } else { 0.01 });
/// let p = Tensor::from_vec([2, 1, 0, 3].into_iter().flat_map(said).collect(), [4, 4])?.ln();
/// let words = timed_words(&p, "a b", &alphabet, 0.02)?;
/// assert_eq!((words[0].word.as_str(), words[0].start, words[0].end), ("a", 0.0, 0.02));
/// assert_eq!((words[1].word.as_str(), words[1].start, words[1].end), ("b", 0.06, 0.08));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
///
/// # Errors
/// As [`align`] and [`Alphabet::labels`].
pub fn timed_words<T: Float>(
    log_p: &Tensor<T>,
    text: &str,
    alphabet: &Alphabet,
    step: f64,
) -> Result<Vec<TimedWord>> {
    let spans = align(log_p, &alphabet.labels(text)?, 0)?;
    let mut words: Vec<TimedWord> = Vec::new();
    let mut spans = spans.into_iter();
    for word in text.split(' ') {
        // The labels of the word, and then its space.
        let letters: Vec<Span> = spans.by_ref().take(word.chars().count()).collect();
        spans.next();
        if let [first, .., last] | [first @ last] = letters[..] {
            let frames: usize = letters.iter().map(|span| span.end - span.start).sum();
            let log = |span: &Span| span.log_probability * (span.end - span.start) as f64;
            words.push(TimedWord {
                word: word.into(),
                start: first.start as f64 * step,
                end: last.end as f64 * step,
                log_probability: letters.iter().map(log).sum::<f64>() / frames as f64,
            });
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradus_autograd::Var;
    use gradus_tensor::Rng;

    #[test]
    fn it_is_the_likeliest_of_all_paths_with_these_labels() -> Result<()> {
        let (frames, classes) = (5, 3);
        for (labels, blank, seed) in
            [(vec![1, 2], 0, 1), (vec![1, 1], 0, 2), (vec![0, 1, 0], 2, 3), (vec![2], 0, 4)]
        {
            let x = Tensor::<f64>::normal([frames, classes], 0.0, 1.0, &mut Rng::new(seed))?;
            let log_p = Var::from(x).log_softmax(-1)?.value().clone();
            let mut best = (f64::NEG_INFINITY, Vec::new());
            for code in 0..classes.pow(frames as u32) {
                let path: Vec<_> =
                    (0..frames).map(|t| code / classes.pow(t as u32) % classes).collect();
                let mut said = path.clone();
                said.dedup();
                said.retain(|&k| k != blank);
                let log: f64 = (0..frames).map(|t| log_p.get([t, path[t]]).unwrap()).sum();
                if said == labels && log > best.0 {
                    best = (log, path);
                }
            }
            let spans = align(&log_p, &labels, blank)?;
            let mut path = vec![blank; frames];
            spans.iter().for_each(|span| path[span.start..span.end].fill(span.label));
            assert_eq!(path, best.1, "{labels:?}");
            assert_eq!(spans.iter().map(|span| span.label).collect::<Vec<_>>(), labels);
            let mean = |s: &Span| {
                let sum: f64 = (s.start..s.end).map(|t| log_p.get([t, s.label]).unwrap()).sum();
                sum / (s.end - s.start) as f64
            };
            assert!(spans.iter().all(|s| (s.log_probability - mean(s)).abs() < 1e-12));
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_aligned_is_refused() -> Result<()> {
        let says = |x: &Tensor<f32>, labels: &[usize], message: &str| {
            assert_eq!(align(x, labels, 0).unwrap_err().to_string(), message);
        };
        let three = Tensor::full([3, 3], -1.0);
        let more = "or more: one for each label, and one between two that are equal";
        let message = format!("align: got 3 frames for 4 labels, wanted 4 {more}");
        says(&three, &[1, 2, 1, 2], &message);
        let message = format!("align: got 3 frames for 3 labels, wanted 4 {more}");
        says(&three, &[1, 1, 2], &message);
        let wanted = "wanted a class from 0 to 2 other than the blank";
        says(&three, &[1, 3], &format!("align: got label 3 at position 1, {wanted}"));
        says(&three, &[0], &format!("align: got label 0 at position 0, {wanted}"));
        let message = "align: got labels of which no path has a probability, wanted labels that the network \
                       thinks possible";
        says(&Tensor::full([3, 3], f32::NEG_INFINITY), &[1], message);
        assert!(align(&three, &[], 0)?.is_empty());
        assert!(align(&Tensor::<f32>::zeros([0, 3]), &[], 0)?.is_empty());
        let error = timed_words(&three, "a!", &Alphabet::new("ab")?, 0.01).unwrap_err();
        assert!(error.to_string().contains("'!' at position 1"), "{error}");
        Ok(())
    }
}
