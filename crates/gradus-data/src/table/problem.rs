//! What is wrong with a CSV file, in words that name the line and the column.

/// Why a CSV file is no table, or a column not of the type that was asked for. Lines and columns count from 1; line 1 is
/// the header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvProblem {
    /// The file has no text.
    #[error(
        "the file is empty; wanted a header, which names the columns, and a line for each item"
    )]
    Empty,
    /// There is nothing below the header.
    #[error("there are no lines below the header; wanted at least one item")]
    NoItems,
    /// A column without a name.
    #[error("line 1, column {column}: the header has no name there; give every column one")]
    Unnamed {
        /// The column.
        column: usize,
    },
    /// Two columns of one name.
    #[error(
        "line 1, columns {first} and {second}: both have the name `{name}`; rename one of them"
    )]
    Duplicate {
        /// The name.
        name: String,
        /// The column that has it first.
        first: usize,
        /// The column that has it again.
        second: usize,
    },
    /// A line with more or fewer fields than the header.
    #[error(
        "line {line}: got {got} fields, wanted {wanted} as in the header; give each column a field (a comma or a line \
             break inside of one needs quotes around it)"
    )]
    Ragged {
        /// The line on which the record begins.
        line: u64,
        /// How many fields it has.
        got: usize,
        /// How many the header has.
        wanted: usize,
    },
    /// A field that is not text.
    #[error("line {line}, column {column}: got bytes that are not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The line on which the record begins.
        line: u64,
        /// The column.
        column: usize,
    },
    /// A column that was asked for and is not there.
    #[error("there is no column `{name}`; the header has {}", list(names))]
    NoColumn {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<String>,
    },
    /// A field that is missing.
    #[error(
        "line {line}, column {column} (`{name}`): the value is missing, wanted {wanted}; leave the line out or, for \
             numbers, read the column with `numbers_or`"
    )]
    Missing {
        /// The line on which the record begins.
        line: u64,
        /// The column.
        column: usize,
        /// Its name.
        name: String,
        /// What would have fitted.
        wanted: String,
    },
    /// A field of another type.
    #[error("line {line}, column {column} (`{name}`): got `{got}`, wanted {wanted}")]
    Field {
        /// The line on which the record begins.
        line: u64,
        /// The column.
        column: usize,
        /// Its name.
        name: String,
        /// The field, shortened if it is long.
        got: String,
        /// What would have fitted.
        wanted: String,
    },
}

/// Names in a message: the first ones, if there are many.
pub(super) fn list(names: &[String]) -> String {
    let first: Vec<_> = names.iter().take(12).map(|name| format!("`{}`", short(name))).collect();
    let more = names.len() - first.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

/// The beginning of a long field.
pub(super) fn short(field: &str) -> String {
    match field.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &field[..end]),
        None => field.to_owned(),
    }
}
