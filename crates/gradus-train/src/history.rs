//! The history of a run: a table of numbers with named columns and one row for each epoch, kept
//! as a CSV file that is replaced in one step, so that a reader always finds it whole.
//!
//! The file (RFC 4180) has a header line with the names and then one line for each row. A number
//! is written with as many digits as bring the same bits back; a value that was not measured is
//! NaN, written `NaN` and read from an empty field too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::files::{read_text, write_whole};
use crate::metrics::{Goal, Unit};
use crate::{Error, Result};

/// A table of numbers, one row for each epoch.
///
/// ```
/// use gradus_train::History;
///
/// let mut history = History::new(["epoch", "train_loss", "validation_accuracy"])?;
/// history.push(&[1.0, 0.71, 0.88])?;
/// history.push(&[2.0, 0.32, 0.95])?;
/// assert_eq!(history.column("train_loss"), Some(vec![0.71, 0.32]));
/// assert_eq!(history.last("validation_accuracy"), Some(0.95));
/// assert_eq!(history.to_csv(), "epoch,train_loss,validation_accuracy\n1,0.71,0.88\n2,0.32,0.95\n");
/// # Ok::<(), gradus_train::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct History {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
    /// What is known of columns that is not in the file.
    about: BTreeMap<String, (Goal, Unit)>,
}

/// The same table; how it is to be shown does not count.
impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        (&self.columns, &self.rows) == (&other.columns, &other.rows)
    }
}

impl History {
    /// An empty table with these columns.
    ///
    /// # Errors
    /// [`Error::Value`] for no columns, an empty name or one that occurs twice, or a name with a
    /// comma, a quote or a line break.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        check_names(&columns).map_err(|got| Error::value("History::new", got, NAMES_WANTED))?;
        Ok(Self { columns, rows: Vec::new(), about: BTreeMap::new() })
    }

    /// An empty table of epochs, as a trainer starts with: the column `epoch`. What else is measured makes columns of its
    /// own as it comes ([`add`](Self::add)): `train_loss`, `validation_accuracy`, …; `lr`, the rate that the epoch was
    /// trained with, and `seconds`.
    pub fn epochs() -> Self {
        Self { columns: vec!["epoch".into()], rows: Vec::new(), about: BTreeMap::new() }
    }

    /// Adds a row by names. A name that is new becomes a column, NaN in the rows before; a column without a value gets NaN.
    ///
    /// ```
    /// use gradus_train::History;
    /// let mut history = History::epochs();
    /// history.add(&[("epoch", 1.0), ("train_loss", 0.5)])?;
    /// history.add(&[("epoch", 2.0), ("train_bleu", 31.5)])?;
    /// assert_eq!(history.to_csv(), "epoch,train_loss,train_bleu\n1,0.5,NaN\n2,NaN,31.5\n");
    /// # Ok::<(), gradus_train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a name that [`new`](Self::new) does not take, or one that occurs twice.
    pub fn add<S: AsRef<str>>(&mut self, row: &[(S, f64)]) -> Result<()> {
        let refused = |got| Error::value("History::add", got, NAMES_WANTED);
        let names: Vec<String> = row.iter().map(|(name, _)| name.as_ref().into()).collect();
        check_names(&names).map_err(refused)?;
        for name in names {
            if !self.columns.contains(&name) {
                self.columns.push(name);
                self.rows.iter_mut().for_each(|row| row.push(f64::NAN));
            }
        }
        let value = |column: &String| row.iter().find(|(name, _)| name.as_ref() == column);
        let values =
            self.columns.iter().map(|column| value(column).map_or(f64::NAN, |pair| pair.1));
        self.rows.push(values.collect());
        Ok(())
    }

    /// Says how the values of a column are to be shown: which are better, and in what unit. It is not part of the file.
    pub fn explain(&mut self, column: &str, goal: Goal, unit: Unit) {
        self.about.insert(column.into(), (goal, unit));
    }

    /// Which values of a column are better, and its unit; `None` if nobody has said so.
    pub fn about(&self, column: &str) -> Option<(Goal, Unit)> {
        self.about.get(column).copied()
    }

    /// Adds a row: one value for each column, NaN where nothing was measured.
    ///
    /// # Errors
    /// [`Error::Value`] if there are not as many values as columns.
    pub fn push(&mut self, row: &[f64]) -> Result<()> {
        if row.len() != self.columns.len() {
            return Err(Error::value(
                "History::push",
                format!("{} values", row.len()),
                format!("{}, one for each of {}", self.columns.len(), self.columns.join(", ")),
            ));
        }
        self.rows.push(row.to_vec());
        Ok(())
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The values of one column, or `None` if there is no such column.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let at = self.columns.iter().position(|c| c == name)?;
        Some(self.rows.iter().map(|row| row[at]).collect())
    }

    /// The value of one column in the last row, or `None` if there is no such column or no row.
    pub fn last(&self, name: &str) -> Option<f64> {
        let at = self.columns.iter().position(|c| c == name)?;
        self.rows.last().map(|row| row[at])
    }

    /// Keeps the first `rows` rows: those up to the checkpoint from which a run resumes.
    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
    }

    /// What [`explain`](Self::explain) was told, a line for each column.
    pub(crate) fn explained(&self) -> String {
        let flag = |yes| u8::from(yes);
        let line = |(column, (goal, unit)): (&String, &(Goal, Unit))| {
            format!("{} {} {column}", flag(*goal == Goal::Higher), flag(*unit == Unit::Percent))
        };
        self.about.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Takes such lines in; others are passed over.
    pub(crate) fn explain_all(&mut self, lines: &str) {
        for line in lines.lines() {
            if let [goal, unit, column] = line.splitn(3, ' ').collect::<Vec<_>>()[..] {
                let goal = if goal == "1" { Goal::Higher } else { Goal::Lower };
                let unit = if unit == "1" { Unit::Percent } else { Unit::Plain };
                self.explain(column, goal, unit);
            }
        }
    }

    /// The table as CSV.
    pub fn to_csv(&self) -> String {
        let mut out = self.columns.join(",") + "\n";
        for row in &self.rows {
            let fields: Vec<String> = row.iter().map(|&x| number(x)).collect();
            out += &(fields.join(",") + "\n");
        }
        out
    }

    /// Replaces the file at `path` by this table, in one step: a kill at any instant leaves the old
    /// file or the new one.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write_whole(path.as_ref(), self.to_csv().as_bytes())
    }

    /// Reads a table that [`write`](Self::write) wrote, or any CSV of numbers with a header line.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses, [`Error::Format`] naming the line that is not right.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::parse(path, &read_text(path)?)
    }

    /// Reads a table from text, as [`to_csv`](Self::to_csv) gives it.
    ///
    /// # Errors
    /// [`Error::Format`] naming the line that is not right.
    pub fn from_csv(text: &str) -> Result<Self> {
        Self::parse(Path::new("the history"), text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut lines = text.lines().enumerate();
        let header = lines.next().map_or("", |(_, line)| line.trim_start_matches('\u{feff}'));
        let columns: Vec<String> = header.split(',').map(|name| name.trim().into()).collect();
        check_names(&columns).map_err(|got| Error::format(path, 1, got, NAMES_WANTED))?;
        let mut rows = Vec::new();
        for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let row = line
                .split(',')
                .map(|field| match field.trim() {
                    "" => Ok(f64::NAN),
                    field => field.parse().map_err(|_| {
                        Error::format(path, i + 1, format!("{field:?}"), "a number in each field")
                    }),
                })
                .collect::<Result<Vec<f64>>>()?;
            if row.len() != columns.len() {
                let got = format!("{} fields", row.len());
                let wanted = format!("{}, as in the header", columns.len());
                return Err(Error::format(path, i + 1, got, wanted));
            }
            rows.push(row);
        }
        Ok(Self { columns, rows, about: BTreeMap::new() })
    }
}

const NAMES_WANTED: &str = "distinct column names without commas, quotes and line breaks";

/// What is wrong with the names, if anything.
fn check_names(names: &[String]) -> Result<(), String> {
    if names.is_empty() {
        return Err("no columns".into());
    }
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || name.contains([',', '"', '\n', '\r']) {
            return Err(format!("the column name {name:?}"));
        }
        if !seen.insert(name) {
            return Err(format!("the column name {name:?} twice"));
        }
    }
    Ok(())
}

/// The shortest text that reads back as the same number; whole numbers without a fraction.
fn number(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x}") } else { format!("{x:?}") }
}
