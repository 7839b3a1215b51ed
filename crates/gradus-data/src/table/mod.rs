//! CSV files with a header, as tensors: columns of numbers, of classes by name, of whole numbers.
//!
//! The format is that of RFC 4180, read by the crate `csv`: fields in quotes may hold commas, line breaks and doubled
//! quotes; lines may end in LF or CRLF, and blank lines do not count. White space around a field is dropped.

mod columns;
mod problem;

use std::path::Path;

pub use columns::Classes;
pub use problem::CsvProblem;

use crate::{Error, Result};

/// How a CSV file is read: `Csv::new().delimiter(b';').missing("NA").open("trees.csv")?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    delimiter: u8,
    missing: Vec<String>,
}

impl Default for Csv {
    fn default() -> Self {
        Self { delimiter: b',', missing: Vec::new() }
    }
}

impl Csv {
    /// Fields are separated by commas; an empty field is missing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another separator, such as `b'\t'` or `b';'`.
    pub fn delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// A word that stands for a missing value, besides the empty field; may be called again for others.
    pub fn missing(mut self, word: impl Into<String>) -> Self {
        self.missing.push(word.into());
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read; otherwise as [`parse`](Self::parse).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let bytes = std::fs::read(path);
        let bytes = bytes.map_err(|source| Error::File { path: path.into(), source })?;
        self.parse(path.display().to_string(), &bytes)
    }

    /// Reads the text of a file; `name` stands for it in errors.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no header or no line below it, if a column has no name or that of another, if a line has
    /// more or fewer fields than the header, or if a field is not UTF-8.
    pub fn parse(&self, name: impl Into<String>, bytes: &[u8]) -> Result<Table> {
        let name = name.into();
        // A mark that says "this is UTF-8", as spreadsheets write it.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match self.read(bytes) {
            Ok(read) => Ok(Table { name, missing: self.missing.clone(), ..read }),
            Err(problem) => Err(Error::Csv { file: name, problem }),
        }
    }

    fn read(&self, bytes: &[u8]) -> Result<Table, CsvProblem> {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true) // Lines of another length are found here, where the line is known.
            .trim(::csv::Trim::All)
            .from_reader(bytes);
        let mut record = ::csv::ByteRecord::new();
        let mut lines = Lines { bytes, at: 0, line: 1 };
        let (mut names, mut text) = (Vec::new(), String::new());
        let (mut ends, mut starts) = (Vec::new(), Vec::new());
        loop {
            let start = reader.position().byte();
            // Reading from memory cannot fail, and records are bytes of any number of fields.
            if !reader.read_byte_record(&mut record).unwrap_or(false) {
                break;
            }
            let line = lines.of(usize::try_from(start).unwrap_or(usize::MAX));
            let utf8 = |(i, field)| {
                std::str::from_utf8(field).map_err(|_| CsvProblem::NotUtf8 { line, column: i + 1 })
            };
            let fields = record.iter().enumerate().map(utf8);
            if names.is_empty() {
                names = fields.map(|field| field.map(str::to_owned)).collect::<Result<_, _>>()?;
                check_names(&names)?;
                continue;
            }
            if record.len() != names.len() {
                return Err(CsvProblem::Ragged { line, got: record.len(), wanted: names.len() });
            }
            for field in fields {
                text.push_str(field?);
                ends.push(text.len());
            }
            starts.push(line);
        }
        match (names.is_empty(), starts.is_empty()) {
            (true, _) => Err(CsvProblem::Empty),
            (_, true) => Err(CsvProblem::NoItems),
            _ => Ok(Table {
                name: String::new(),
                names,
                text,
                ends,
                lines: starts,
                missing: Vec::new(),
            }),
        }
    }
}

/// Every column has a name of its own.
fn check_names(names: &[String]) -> Result<(), CsvProblem> {
    let mut seen = std::collections::HashMap::new();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(CsvProblem::Unnamed { column: i + 1 });
        }
        if let Some(first) = seen.insert(name, i) {
            let name = problem::short(name);
            return Err(CsvProblem::Duplicate { name, first: first + 1, second: i + 1 });
        }
    }
    Ok(())
}

/// Counts lines. The reader's own count is late by the line breaks that it has not yet skipped.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte from `start` on that is no line break.
    fn of(&mut self, start: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.at >= start && byte != b'\n' && byte != b'\r' {
                break;
            }
            self.line += u64::from(byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// A CSV file in memory: text, of which columns are made tensors when they are asked for.
///
/// ```
/// use gradus_data::{Csv, Dataset, TensorDataset};
/// let text = "length,width,species\n5.1,3.5,setosa\n6.3,3.3,virginica\n4.9,3,setosa\n";
/// let table = Csv::new().parse("flowers.csv", text.as_bytes())?;
/// let species = table.classes("species")?;
/// assert_eq!(species.names, ["setosa", "virginica"]);
/// let flowers = TensorDataset::new((table.numbers::<f32>(&["length", "width"])?, species.labels))?;
/// assert_eq!((flowers.len(), flowers.get(1)?.0.to_vec(), flowers.get(1)?.1.item()?), (3, vec![6.3, 3.3], 1));
///
/// let table = Csv::new().parse("flowers.csv", b"length,width\n5.1,wide\n")?;
/// let error = table.numbers::<f32>(&["width"]).unwrap_err();
/// assert_eq!(error.to_string(), "flowers.csv: line 2, column 2 (`width`): got `wide`, wanted a finite number");
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    name: String,
    names: Vec<String>,
    /// All fields one after the other, line by line, and where each ends.
    text: String,
    ends: Vec<usize>,
    /// The line of each item.
    lines: Vec<u64>,
    missing: Vec<String>,
}

impl Table {
    /// [`Csv::open`] of a file separated by commas.
    ///
    /// # Errors
    /// As [`Csv::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Csv::new().open(path)
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of items: lines without the header.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no items; a file without any is not read.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A field as it was written, without white space around it; `None` beyond the end.
    pub fn field(&self, item: usize, column: usize) -> Option<&str> {
        let field = item.checked_mul(self.names.len())?.checked_add(column)?;
        if column >= self.names.len() {
            return None;
        }
        let start =
            field.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        self.text.get(start..*self.ends.get(field)?)
    }
}
