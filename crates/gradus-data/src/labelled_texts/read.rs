//! Files of texts with classes: tables, lines of JSON, a file or a folder for each class.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::LabelledTexts;
use crate::text::Invalid;
use crate::{Classes, Error, Result, Table, read_text};

impl LabelledTexts {
    /// A file with a text a line: the name of its class, a TAB, and the text, which may have more of them. The classes
    /// are numbered in the order of their names. Empty lines are left out.
    ///
    /// # Errors
    /// As [`read_text`]; [`Error::Value`] for a line without a TAB, and for a file without a text.
    pub fn from_tsv(path: impl AsRef<Path>, invalid: Invalid) -> Result<Self> {
        let path = path.as_ref();
        let file = read_text(path, invalid)?;
        let mut named = Vec::new();
        for (i, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let (name, text) = line.split_once('\t').ok_or_else(|| {
                let start: String = line.chars().take(40).collect();
                let got = format!("{start:?} in line {} of {}", i + 1, path.display());
                Error::value("LabelledTexts::from_tsv", got, "a class, a TAB and a text")
            })?;
            named.push((name.trim(), text.trim()));
        }
        Self::named(&named, "LabelledTexts::from_tsv", path)
    }

    /// A file for each class, with a text a line; classes are numbered in the order given. Empty lines are left out.
    ///
    /// # Errors
    /// As [`read_text`]; [`Error::Value`] for a file without a text.
    pub fn from_lines<P: AsRef<Path>>(
        files: impl IntoIterator<Item = (&'static str, P)>,
        invalid: Invalid,
    ) -> Result<Self> {
        let (mut texts, mut names) = (Vec::new(), Vec::new());
        for (name, path) in files {
            let (class, before) = (names.len() as i64, texts.len());
            let file = read_text(path.as_ref(), invalid)?;
            let lines = file.lines().map(str::trim).filter(|line| !line.is_empty());
            texts.extend(lines.map(|line| (line.to_string(), class)));
            names.push(name);
            if texts.len() == before {
                let got = format!("no text in {}", path.as_ref().display());
                return Err(Error::value("LabelledTexts::from_lines", got, "one or more"));
            }
        }
        Self::new(texts, names)
    }

    /// Two columns of a CSV file: that of the texts, and that of the names of their classes.
    ///
    /// ```
    /// use gradus_data::{Csv, Dataset, LabelledTexts};
    /// let table = Csv::new().parse("mail.csv", b"kind,text\nham,\"Hi, you\"\nspam,Win!\n")?;
    /// let texts = LabelledTexts::from_table(&table, "text", "kind")?;
    /// assert_eq!(texts.get(0)?, ("Hi, you".to_string(), 0));
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or a field of them is missing.
    pub fn from_table(table: &Table, text: &str, class: &str) -> Result<Self> {
        let Classes { labels, names } = table.classes(class)?;
        let texts = table.words(text)?.into_iter().zip(labels.to_vec());
        Self::new(texts.collect(), names)
    }

    /// A file with a JSON object a line, in which the field `text` is a text and the field `class` the name of its class,
    /// or a whole number. The classes are numbered in the order of their names. Empty lines are left out.
    ///
    /// # Errors
    /// As [`read_text`]; [`Error::Value`] for a line that is not such an object, and for a file without a text.
    pub fn from_json_lines(
        path: impl AsRef<Path>,
        text: &str,
        class: &str,
        invalid: Invalid,
    ) -> Result<Self> {
        let op = "LabelledTexts::from_json_lines";
        let path = path.as_ref();
        let file = read_text(path, invalid)?;
        let mut named = Vec::new();
        for (i, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |problem: String| {
                let got = format!("{problem} in line {} of {}", i + 1, path.display());
                let wanted = format!("an object with the text {text:?} and the class {class:?}");
                Error::value(op, got, wanted)
            };
            let object: Value = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
            let found = object.get(text).and_then(Value::as_str);
            let found = found.ok_or_else(|| wrong(format!("no text {text:?}")))?.to_string();
            let name = match object.get(class) {
                Some(Value::String(name)) => name.clone(),
                Some(Value::Number(number)) if number.is_i64() => number.to_string(),
                _ => return Err(wrong(format!("no class {class:?}"))),
            };
            named.push((name, found));
        }
        let named: Vec<(&str, &str)> =
            named.iter().map(|(name, text)| (&**name, &**text)).collect();
        Self::named(&named, op, path)
    }

    /// A folder with a folder for each class, named as the class is, and in it a text a file, whose name ends in `.txt`.
    /// Classes and files are taken in the order of their names; other files are left out.
    ///
    /// # Errors
    /// [`Error::File`] if a folder cannot be read; as [`read_text`]; [`Error::Value`] if there is no text.
    pub fn from_folder(path: impl AsRef<Path>, invalid: Invalid) -> Result<Self> {
        let path = path.as_ref();
        let entries = |dir: &Path| {
            let failed = |source| Error::File { path: dir.into(), source };
            let entries = fs::read_dir(dir).map_err(failed)?;
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            let mut paths = paths.collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
            paths.sort();
            Ok::<_, Error>(paths)
        };
        let mut named = Vec::new();
        for folder in entries(path)?.into_iter().filter(|path| path.is_dir()) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for file in entries(&folder)? {
                let is_text = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("txt"));
                if is_text && file.is_file() {
                    named.push((name.clone(), read_text(&file, invalid)?.trim().to_string()));
                }
            }
        }
        let named: Vec<(&str, &str)> =
            named.iter().map(|(name, text)| (&**name, &**text)).collect();
        Self::named(&named, "LabelledTexts::from_folder", path)
    }

    /// Texts with the names of their classes, which are numbered in their order.
    fn named(named: &[(&str, &str)], op: &'static str, path: &Path) -> Result<Self> {
        if named.is_empty() {
            let got = format!("no text in {}", path.display());
            return Err(Error::value(op, got, "one or more"));
        }
        let mut classes: BTreeMap<&str, i64> = BTreeMap::new();
        classes.extend(named.iter().map(|(name, _)| (*name, 0)));
        classes.values_mut().zip(0..).for_each(|(class, number)| *class = number);
        let texts = named.iter().map(|(name, text)| (text.to_string(), classes[name]));
        Self::new(texts.collect(), classes.keys().copied())
    }
}
