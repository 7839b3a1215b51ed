//! A language model of texts: interpolated Kneser–Ney.
//!
//! A word that was seen behind a history gives up a part of its count, and what all of them give up is shared out by a
//! shorter history:
//!
//! ```text
//! p(w | h) = max(c(h w) − D, 0) / c(h ·) + γ(h) p(w | h'),     γ(h) = D N(h ·) / c(h ·)
//! ```
//!
//! with `h'` the history without its first word and `N(h ·)` the number of different words behind `h`. For the longest
//! n-grams, and those that begin a text, `c` counts how often they stand in the texts. For shorter ones it counts
//! *before how many different words' they stand: "Francisco" is frequent, but only behind "San". Each length has its
//! own `D = n₁ / (n₁ + 2 n₂)`, with `n₁` and `n₂` the numbers of n-grams with `c` 1 and 2 (one half if there is neither).
//! Single words fall back on a probability that is equal for all, `<unk>` among them. For every history the
//! probabilities add up to one. (Kneser and Ney, *Improved backing-off for m-gram language modeling*, 1995; Chen and
//! Goodman, *An empirical study of smoothing techniques for language modeling*, 1998, section 2.8, equation 23 for the
//! interpolation, 4 for `D`.)

use std::collections::{BTreeSet, HashMap};

use gradus_nn::{Error, Result};

use super::ngram::{END, Entry, MAX_ORDER, NGram, START, UNKNOWN};

type Counts = HashMap<Vec<u32>, u64>;

/// What `<s>` has in ARPA files, which stands before all texts and is never behind a word.
const NEVER: f32 = -99.0;

pub(super) fn train<'a, S: IntoIterator<Item = &'a str>>(
    order: usize,
    texts: impl IntoIterator<Item = S>,
) -> Result<NGram> {
    let op = "NGram::train";
    if !(1..=MAX_ORDER).contains(&order) {
        return Err(Error::setting(op, format!("order {order}"), format!("1 to {MAX_ORDER}")));
    }
    let texts: Vec<Vec<&str>> = texts.into_iter().map(|text| text.into_iter().collect()).collect();
    let special = [START, END, UNKNOWN];
    let mut words: BTreeSet<&str> = special.into();
    for &word in texts.iter().flatten() {
        if word.is_empty() || word.contains(char::is_whitespace) || special.contains(&word) {
            let wanted = "words without white space, other than <s>, </s> and <unk>";
            return Err(Error::setting(op, format!("the word {word:?}"), wanted));
        }
        words.insert(word);
    }
    if words.len() == special.len() {
        return Err(Error::setting(op, "no words", "a text with one or more"));
    }
    let words: Vec<String> = words.into_iter().map(String::from).collect();
    let ids: HashMap<&str, u32> =
        words.iter().enumerate().map(|(i, word)| (word.as_str(), i as u32)).collect();
    let (start, end) = (ids[START], ids[END]);

    let counts = counts(
        order,
        start,
        texts.iter().map(|text| {
            let inner = text.iter().map(|&word| ids[word]);
            std::iter::once(start).chain(inner).chain([end]).collect()
        }),
    );

    // Shortest first: a probability needs that of the shorter history.
    let mut found: Vec<HashMap<Vec<u32>, f64>> = Vec::new();
    let mut tables: Vec<HashMap<Vec<u32>, Entry>> = Vec::new();
    for (i, counts) in counts.iter().enumerate() {
        let discount = discount(counts);
        let mut histories: HashMap<&[u32], (u64, u64)> = HashMap::new();
        for (key, &count) in counts {
            let (sum, different) = histories.entry(&key[..i]).or_default();
            *sum += count;
            *different += 1;
        }
        let gamma = |(sum, different): (u64, u64)| discount * different as f64 / sum as f64;
        if let Some(shorter) = i.checked_sub(1) {
            for (history, &sums) in &histories {
                if let Some(entry) = tables[shorter].get_mut(*history) {
                    entry.back_off = gamma(sums).log10() as f32;
                }
            }
        }
        let p = |key: &Vec<u32>, count: u64| {
            let sums = histories[&key[..i]];
            let below = match i {
                0 => 1.0 / (words.len() - 1) as f64,
                _ => found[i - 1][&key[1..]],
            };
            (count as f64 - discount).max(0.0) / sums.0 as f64 + gamma(sums) * below
        };
        let mut probabilities: HashMap<Vec<u32>, f64> =
            counts.iter().map(|(key, &count)| (key.clone(), p(key, count))).collect();
        if i == 0 {
            let rest = gamma(histories[&[][..]]) / (words.len() - 1) as f64;
            probabilities.insert(vec![ids[UNKNOWN]], rest);
        }
        let entry = |p: f64| Entry { log_p: p.log10() as f32, back_off: 0.0 };
        let mut table: HashMap<_, _> =
            probabilities.iter().map(|(key, &p)| (key.clone(), entry(p))).collect();
        if i == 0 {
            table.insert(vec![start], Entry { log_p: NEVER, back_off: 0.0 });
        }
        tables.push(table);
        found.push(probabilities);
    }
    Ok(NGram::assemble(words, tables))
}

/// `c` of n-grams of each length; there may be none of the longest.
fn counts(order: usize, start: u32, texts: impl Iterator<Item = Vec<u32>>) -> Vec<Counts> {
    let mut all = vec![Counts::new(); order];
    for text in texts {
        for (i, counts) in all.iter_mut().enumerate() {
            let windows = text.windows(i + 1);
            windows.for_each(|key| *counts.entry(key.to_vec()).or_default() += 1);
        }
    }
    all.retain(|counts| !counts.is_empty());
    for i in 0..all.len() - 1 {
        let mut before = Counts::new();
        all[i + 1].keys().for_each(|key| *before.entry(key[1..].to_vec()).or_default() += 1);
        for (key, count) in &mut all[i] {
            if key[0] != start {
                // Something stands before every word, if only the start.
                *count = before.get(key).copied().unwrap_or(1);
            }
        }
    }
    all[0].remove(&vec![start]);
    all
}

fn discount(counts: &Counts) -> f64 {
    let having = |n: u64| counts.values().filter(|&&count| count == n).count() as f64;
    let (once, twice) = (having(1), having(2));
    if once == 0.0 { 0.5 } else { once / (once + 2.0 * twice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] =
        ["san francisco", "san francisco", "in san francisco", "the cat in the hat", "in the hat"];

    fn model(order: usize) -> Result<NGram> {
        NGram::train(order, TEXTS.map(str::split_whitespace))
    }

    #[test]
    fn probabilities_add_up_to_one_behind_every_history() -> Result<()> {
        for order in 1..=5 {
            let model = model(order)?;
            let start = model.start()[0];
            let mut histories: Vec<Vec<u32>> = vec![vec![], vec![start]];
            histories.extend(model.tables.iter().flat_map(|table| table.keys().cloned()));
            for history in histories {
                let p = (0..model.words.len() as u32).filter(|&word| word != start);
                let sum: f64 = p.map(|word| model.log_probability(&history, word).exp()).sum();
                assert!((sum - 1.0).abs() < 1e-5, "order {order}, {history:?}: {sum}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_bigram_by_hand() -> Result<()> {
        // Two texts, "a b" and "a c". Pairs: "<s> a" 2; "a b", "a c", "b </s>", "c </s>" 1: D = 4 / (4 + 2) = 2/3.
        // Single words by how many different ones stand before them: a 1, b 1, c 1, </s> 2, of 5 in all;
        // D = 3 / (3 + 2) = 3/5, and γ = 3/5 · 4 / 5 = 12/25 is shared by a, b, c, </s> and <unk>.
        let model = NGram::train(2, ["a b", "a c"].map(str::split_whitespace))?;
        let p = |history: &str, word: &str| {
            let history: Vec<u32> = model.ids.get(history).copied().into_iter().collect();
            model.log_probability(&history, model.ids[word]).exp()
        };
        let single = |count: f64| (count - 0.6) / 5.0 + 12.0 / 125.0;
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-6, "{x} {y}");
        near(p("", "b"), single(1.0));
        near(p("", "</s>"), single(2.0));
        near(p("", "<unk>"), 12.0 / 125.0);
        near(p("a", "b"), (1.0 - 2.0 / 3.0) / 2.0 + 2.0 / 3.0 * single(1.0));
        near(p("<s>", "a"), (2.0 - 2.0 / 3.0) / 2.0 + 1.0 / 3.0 * single(1.0));
        near(p("a", "a"), 2.0 / 3.0 * single(1.0));
        Ok(())
    }

    #[test]
    fn a_word_that_stands_behind_one_word_alone_is_rare_elsewhere() -> Result<()> {
        // Both are said three times, but "francisco" behind "san" alone, "the" behind "in" and at the start.
        let model = model(2)?;
        let p = |word| model.log_probability(&[model.ids["cat"]], model.ids[word]);
        assert!(p("francisco") < p("the"));
        Ok(())
    }

    #[test]
    fn written_and_read_it_is_the_same() -> Result<()> {
        for order in [1, 3] {
            let model = model(order)?;
            assert_eq!(NGram::parse("again", &model.to_arpa())?, model);
        }
        let characters = NGram::characters(3, &["a b", "ab"])?;
        assert!(characters.to_arpa().contains("a ▁ b"));
        Ok(())
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let says = |order, texts: &[&str], message: &str| {
            let error = NGram::train(order, texts.iter().map(|&text| [text])).unwrap_err();
            assert_eq!(error.to_string(), message);
        };
        says(0, &["a"], "NGram::train: got order 0, wanted 1 to 20");
        says(21, &["a"], "NGram::train: got order 21, wanted 1 to 20");
        says(2, &[], "NGram::train: got no words, wanted a text with one or more");
        let wanted = "wanted words without white space, other than <s>, </s> and <unk>";
        for word in ["", "a b", "<s>"] {
            says(2, &[word], &format!("NGram::train: got the word {word:?}, {wanted}"));
        }
        let tab = NGram::characters(2, &["a\tb"]).unwrap_err().to_string();
        assert_eq!(tab, format!("NGram::train: got the word \"\\t\", {wanted}"));
    }
}
