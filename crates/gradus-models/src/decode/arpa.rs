//! The ARPA form of language models: text that every tool for n-grams reads and writes.
//!
//! ```text
//! \data\
//! ngram 1=3
//! ngram 2=1
//!
//! \1-grams:
//! -0.5  the  -0.3        log₁₀ of the probability, the word, log₁₀ of its weight as a history
//! ⋮
//! \2-grams:
//! -0.2  the cat
//!
//! \end\
//! ```
//!
//! (with tabs between the columns). What stands before `\data\` is a comment. No count that is read is trusted: memory is taken for what is there.
//! (Paul and Baker, *The design for the Wall Street Journal-based CSR corpus*, 1992; the manual page `ngram-format`
//! of SRILM.)

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::fmt::Write;

use gradus_nn::{Error, Result};

use super::ngram::{Entry, MAX_ORDER, NGram};

/// The lines that are left, for messages.
struct Lines<'a> {
    name: &'a str,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    /// The number of the last line, from 1 on.
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line that is not empty.
    fn next(&mut self, wanted: &str) -> Result<&'a str> {
        for (i, line) in self.lines.by_ref() {
            self.number = i + 1;
            let line = line.trim();
            if !line.is_empty() {
                return Ok(line);
            }
        }
        self.number += 1;
        Err(self
            .error("the end of the file, which was cut off or is no model in ARPA form", wanted))
    }

    fn error(&self, got: impl Into<String>, wanted: impl Into<String>) -> Error {
        Error::setting(format!("{}, line {}", self.name, self.number), got, wanted)
    }
}

/// As much of a line as a message shows.
fn shown(line: &str) -> String {
    let start: String = line.chars().take(60).collect();
    if start.len() < line.len() { format!("`{start}…`") } else { format!("`{start}`") }
}

pub(super) fn parse(name: &str, text: &str) -> Result<NGram> {
    let mut lines = Lines { name, lines: text.lines().enumerate(), number: 0 };
    while lines.next("a line `\\data\\`")? != "\\data\\" {}
    let mut counts: Vec<u64> = Vec::new();
    let mut line = lines.next("`ngram 1=COUNT`")?;
    while let Some(count) = line.strip_prefix("ngram ") {
        let order = counts.len() + 1;
        let fields = count.split_once('=');
        let fields = fields.map(|(n, count)| (n.trim().parse::<usize>(), count.trim().parse()));
        match fields {
            Some((Ok(n), Ok(count))) if n == order && order <= MAX_ORDER => counts.push(count),
            _ => {
                let wanted = format!("`ngram {order}=COUNT`, for n-grams of at most {MAX_ORDER}");
                return Err(lines.error(shown(line), wanted));
            }
        }
        line = lines.next("`\\1-grams:`")?;
    }
    if counts.is_empty() {
        return Err(lines.error(shown(line), "`ngram 1=COUNT`"));
    }
    let (mut words, mut ids) = (Vec::new(), HashMap::new());
    let mut tables = Vec::new();
    for (order, &count) in counts.iter().enumerate().map(|(i, count)| (i + 1, count)) {
        let heading = format!("\\{order}-grams:");
        if line != heading {
            return Err(lines.error(shown(line), format!("`{heading}`")));
        }
        let mut table = HashMap::new();
        loop {
            line = lines.next("another n-gram, or the next section or `\\end\\`")?;
            let next = if order == counts.len() { "\\end\\" } else { "\\" };
            if line.starts_with(next) && line.split_whitespace().count() == 1 {
                break;
            }
            if table.len() as u64 == count {
                let got = format!("{} after {count} n-grams of {order}, as announced", shown(line));
                return Err(lines.error(got, "the next section or `\\end\\`"));
            }
            entry(&lines, line, order, &mut words, &mut ids, &mut table)?;
        }
        if (table.len() as u64) < count {
            let got = format!("{} after {} n-grams of {order}", shown(line), table.len());
            return Err(lines.error(got, format!("{count} of them, as announced above")));
        }
        tables.push(table);
    }
    Ok(NGram::assemble(words, tables))
}

/// Takes a line in.
fn entry(
    lines: &Lines<'_>,
    line: &str,
    order: usize,
    words: &mut Vec<String>,
    ids: &mut HashMap<String, u32>,
    table: &mut HashMap<Vec<u32>, Entry>,
) -> Result<()> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if ![order + 1, order + 2].contains(&fields.len()) {
        let got = format!("{} of {} fields", shown(line), fields.len());
        let wanted = format!("a logarithm, {order} words, and perhaps the weight of a history");
        return Err(lines.error(got, wanted));
    }
    let number = |field: &str| match field.parse::<f32>() {
        Ok(x) if x.is_finite() => Ok(x),
        _ => Err(lines.error(shown(field), "a finite number, a logarithm to the base 10")),
    };
    let log_p = number(fields[0])?;
    // Rounding may have lifted a probability a little above one.
    if log_p > 1e-3 {
        return Err(lines.error(shown(fields[0]), "a logarithm of at most 0, of a probability"));
    }
    let back_off = fields.get(order + 1).map_or(Ok(0.0), |field| number(field))?;
    let key = fields[1..=order].iter().map(|&word| match (ids.get(word), order) {
        (Some(&id), _) => Ok(id),
        (None, 1) => {
            let id = u32::try_from(words.len())
                .map_err(|_| lines.error("2^32 words", "fewer than that"))?;
            words.push(word.to_string());
            ids.insert(word.into(), id);
            Ok(id)
        }
        (None, _) => Err(lines.error(shown(word), "words that are listed as 1-grams")),
    });
    match table.entry(key.collect::<Result<_>>()?) {
        Place::Occupied(_) => Err(lines.error(format!("{} again", shown(line)), "it once")),
        Place::Vacant(place) => {
            place.insert(Entry { log_p: log_p.min(0.0), back_off });
            Ok(())
        }
    }
}

pub(super) fn write(model: &NGram) -> String {
    let mut out = String::from("\\data\\\n");
    // Writing to a string cannot fail.
    let mut put = |text: std::fmt::Arguments<'_>| out.write_fmt(text).unwrap_or_default();
    for (i, table) in model.tables.iter().enumerate() {
        put(format_args!("ngram {}={}\n", i + 1, table.len()));
    }
    for (i, table) in model.tables.iter().enumerate() {
        put(format_args!("\n\\{}-grams:\n", i + 1));
        let text = |key: &[u32]| {
            let words: Vec<&str> = key.iter().map(|&id| &*model.words[id as usize]).collect();
            words.join(" ")
        };
        let mut lines: Vec<_> = table.iter().map(|(key, entry)| (text(key), entry)).collect();
        lines.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (words, Entry { log_p, back_off }) in lines {
            if i + 1 == model.tables.len() {
                put(format_args!("{log_p}\t{words}\n"));
            } else {
                put(format_args!("{log_p}\t{words}\t{back_off}\n"));
            }
        }
    }
    out.push_str("\n\\end\\\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "a comment\n\\data\\\nngram 1=4\nngram  2=2\n\n\\1-grams:\n-1\t<unk>\n-99 <s> -0.5\n\
                         -0.5 </s>\n-0.25\tthe -0.125\n\n\\2-grams:\n-0.1 <s> the\n-0.2 the </s>\n\\end\\\nrest";

    #[test]
    fn probabilities_are_listed_or_backed_off_to() -> Result<()> {
        let model = NGram::parse("small", &SMALL.replace("ngram  2", "ngram 2"))?;
        let ten = |log: f64| log * std::f64::consts::LN_10;
        let near = |a: f64, b: f64| assert!((a - ten(b)).abs() < 1e-6, "{a} {b}");
        assert_eq!(model.counts(), [4, 2]);
        near(model.score("the"), -0.1 - 0.2);
        // "the the" is not listed: the weight of "the", and then its probability alone.
        near(model.score("the the"), -0.1 - 0.125 - 0.25 - 0.2);
        // An unknown word, which is no history that has a weight.
        near(model.score("cat"), -0.5 - 1.0 - 0.5);
        near(model.score(""), -0.5 - 0.5);
        assert_eq!(
            NGram::parse("again", &model.to_arpa())?.score("the cat"),
            model.score("the cat")
        );
        Ok(())
    }

    #[test]
    fn what_is_no_model_is_refused_with_its_line() {
        let small = SMALL.replace("ngram  2", "ngram 2");
        let cases = [
            (
                "",
                "",
                "m, line 1: got the end of the file, which was cut off or is no model in ARPA form, wanted a line `\\data\\`",
            ),
            (
                "ngram 1=4",
                "ngram 1=four",
                "m, line 3: got `ngram 1=four`, wanted `ngram 1=COUNT`, for n-grams of at most 20",
            ),
            (
                "ngram 2=2",
                "ngram 3=2",
                "m, line 4: got `ngram 3=2`, wanted `ngram 2=COUNT`, for n-grams of at most 20",
            ),
            ("ngram 1=4\nngram 2=2\n", "", "m, line 4: got `\\1-grams:`, wanted `ngram 1=COUNT`"),
            (
                "ngram 1=4",
                "ngram 1=18446744073709551615",
                "m, line 12: got `\\2-grams:` after 4 n-grams of 1, wanted 18446744073709551615 of them, as announced above",
            ),
            (
                "ngram 1=4",
                "ngram 1=3",
                "m, line 10: got `-0.25\tthe -0.125` after 3 n-grams of 1, as announced, wanted the next section or `\\end\\`",
            ),
            ("\\1-grams:", "\\3-grams:", "m, line 6: got `\\3-grams:`, wanted `\\1-grams:`"),
            (
                "-0.1 <s> the",
                "-0.1 <s>",
                "m, line 13: got `-0.1 <s>` of 2 fields, wanted a logarithm, 2 words, and perhaps the weight of a history",
            ),
            (
                "-0.1 <s> the",
                "x <s> the",
                "m, line 13: got `x`, wanted a finite number, a logarithm to the base 10",
            ),
            (
                "-0.1 <s> the",
                "NaN <s> the",
                "m, line 13: got `NaN`, wanted a finite number, a logarithm to the base 10",
            ),
            (
                "-0.1 <s> the",
                "0.3 <s> the",
                "m, line 13: got `0.3`, wanted a logarithm of at most 0, of a probability",
            ),
            (
                "-0.1 <s> the",
                "-0.1 <s> cat",
                "m, line 13: got `cat`, wanted words that are listed as 1-grams",
            ),
            (
                "-0.2 the </s>",
                "-0.2 <s> the",
                "m, line 14: got `-0.2 <s> the` again, wanted it once",
            ),
        ];
        for (from, to, message) in cases {
            let text = if from.is_empty() { String::new() } else { small.replacen(from, to, 1) };
            assert_eq!(NGram::parse("m", &text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let small = SMALL.replace("ngram  2", "ngram 2");
        let end = small.find("\\end\\").expect("an end");
        for cut in 0..end + 5 {
            let error = NGram::parse("m", &small[..cut]).expect_err("it was cut").to_string();
            assert!(error.starts_with("m, line "), "{error}");
        }
        assert!(NGram::parse("m", &small[..end + 5]).is_ok());
    }

    #[test]
    fn a_file_that_is_not_there_or_no_text_is_named() {
        let error = NGram::read("no such file").unwrap_err().to_string();
        assert!(
            error.starts_with("no such file: got ") && error.ends_with("in ARPA form"),
            "{error}"
        );
        let binary = std::env::temp_dir().join(format!("gradus-arpa-{}", std::process::id()));
        std::fs::write(&binary, [0xff, 0xfe, 0]).expect("a file");
        let error = NGram::read(&binary).unwrap_err().to_string();
        std::fs::remove_file(&binary).expect("removed");
        assert!(error.contains("gradus-arpa") && error.contains("UTF-8"), "{error}");
    }
}
