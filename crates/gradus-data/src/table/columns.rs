//! Columns of a table by their type.

use std::str::FromStr;

use gradus_tensor::{Float, Tensor};

use super::problem::{list, short};
use super::{CsvProblem, Table};
use crate::{Error, Result};

/// A column of words as classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    /// The class of each item, `[N]`: an index into the names.
    pub labels: Tensor<i64>,
    /// The words, sorted, each once.
    pub names: Vec<String>,
}

impl Table {
    /// Columns of numbers, `[N, columns]`.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or if a field is missing or no finite number; [`Error::Value`] if no
    /// column is named.
    pub fn numbers<T: Float + FromStr>(&self, columns: &[impl AsRef<str>]) -> Result<Tensor<T>> {
        self.fill(columns, None)
    }

    /// [`numbers`](Self::numbers) with `fill` where a value is missing: NaN, to look for it later, or a number.
    ///
    /// ```
    /// use gradus_data::Csv;
    /// let table = Csv::new().missing("NA").parse("ages", b"age,sex\n,f\nNA,m\n71,f\n")?;
    /// assert_eq!(table.numbers_or(&["age"], -1.0_f64)?.to_vec(), [-1.0, -1.0, 71.0]);
    /// # Ok::<(), gradus_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`numbers`](Self::numbers), missing values excepted.
    pub fn numbers_or<T: Float + FromStr>(
        &self,
        columns: &[impl AsRef<str>],
        fill: T,
    ) -> Result<Tensor<T>> {
        self.fill(columns, Some(fill))
    }

    fn fill<T: Float + FromStr>(
        &self,
        columns: &[impl AsRef<str>],
        fill: Option<T>,
    ) -> Result<Tensor<T>> {
        let columns = columns.iter().map(|name| self.column(name.as_ref()));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        if columns.is_empty() {
            return Err(Error::value("Table::numbers", "no columns", "the names of one or more"));
        }
        let mut values = Vec::new();
        for item in 0..self.len() {
            for &column in &columns {
                values.push(match (self.present(item, column), fill) {
                    (None, Some(fill)) => fill,
                    (None, None) => return Err(self.lacks(item, column, "a finite number")),
                    (Some(field), _) => {
                        let number = field.parse::<T>().ok().filter(|x| x.to_f64().is_finite());
                        number.ok_or_else(|| self.wrong(item, column, field, "a finite number"))?
                    }
                });
            }
        }
        Ok(Tensor::from_vec(values, [self.len(), columns.len()])?)
    }

    /// A column of whole numbers, `[N]`, such as labels that are numbers already.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or if a field is missing or no whole number that an `i64` holds.
    pub fn integers(&self, column: &str) -> Result<Tensor<i64>> {
        self.each(column, "a whole number", |field| field.parse().ok())
    }

    /// A column of words as classes. They are numbered in the order of their bytes, so that the order of the lines
    /// does not matter.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or if a field is missing.
    pub fn classes(&self, column: &str) -> Result<Classes> {
        let mut names = self.words(column)?;
        names.sort();
        names.dedup();
        Ok(Classes { labels: self.classes_of(column, &names)?, names })
    }

    /// A column of words as the classes of given names, `[N]`: those of the file that a model was trained on.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or if a field is missing or none of the names.
    pub fn classes_of(&self, column: &str, names: &[String]) -> Result<Tensor<i64>> {
        let numbers: std::collections::HashMap<&str, i64> =
            names.iter().map(String::as_str).zip(0..).collect();
        let wanted = format!("one of {}", list(names));
        self.each(column, &wanted, |field| numbers.get(field).copied())
    }

    /// A column as it is written.
    ///
    /// # Errors
    /// [`Error::Csv`] if there is no such column, or if a field is missing.
    pub fn words(&self, column: &str) -> Result<Vec<String>> {
        let column = self.column(column)?;
        let field =
            |item| self.present(item, column).ok_or_else(|| self.lacks(item, column, "a word"));
        (0..self.len()).map(|item| field(item).map(str::to_owned)).collect()
    }

    fn each(
        &self,
        column: &str,
        wanted: &str,
        read: impl Fn(&str) -> Option<i64>,
    ) -> Result<Tensor<i64>> {
        let column = self.column(column)?;
        let one = |item| {
            let field =
                self.present(item, column).ok_or_else(|| self.lacks(item, column, wanted))?;
            read(field).ok_or_else(|| self.wrong(item, column, field, wanted))
        };
        Ok(Tensor::vector((0..self.len()).map(one).collect::<Result<Vec<i64>>>()?))
    }

    fn column(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|other| other == name).ok_or_else(|| {
            self.error(CsvProblem::NoColumn { name: short(name), names: self.names.clone() })
        })
    }

    /// A field that is not missing.
    fn present(&self, item: usize, column: usize) -> Option<&str> {
        self.field(item, column)
            .filter(|&field| !field.is_empty() && !self.missing.iter().any(|m| m == field))
    }

    fn lacks(&self, item: usize, column: usize, wanted: &str) -> Error {
        let (line, name) = (self.lines[item], self.names[column].clone());
        self.error(CsvProblem::Missing { line, column: column + 1, name, wanted: wanted.into() })
    }

    fn wrong(&self, item: usize, column: usize, got: &str, wanted: &str) -> Error {
        let (line, name) = (self.lines[item], self.names[column].clone());
        let (got, wanted) = (short(got), wanted.into());
        self.error(CsvProblem::Field { line, column: column + 1, name, got, wanted })
    }

    fn error(&self, problem: CsvProblem) -> Error {
        Error::Csv { file: self.name.clone(), problem }
    }
}
