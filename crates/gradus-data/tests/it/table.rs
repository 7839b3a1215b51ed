//! CSV files: types, quotes, line ends, and what is said of bad ones.

use gradus_data::{Csv, Error, Table};

use crate::message;

fn read(text: &str) -> gradus_data::Result<Table> {
    Csv::new().parse("t.csv", text.as_bytes())
}

#[test]
fn columns_have_types() {
    let text = "\u{feff}a, kind ,n\r\n1.5,\"red, dark\",7\r\n\r\n-2e3 ,blue,-8\r\n";
    let table = read(text).unwrap();
    assert_eq!((table.names(), table.len()), (&["a", "kind", "n"].map(String::from)[..], 2));
    let numbers = table.numbers::<f64>(&["n", "a"]).unwrap();
    assert_eq!((numbers.shape(), numbers.to_vec()), (&[2, 2][..], vec![7.0, 1.5, -8.0, -2000.0]));
    assert_eq!(table.integers("n").unwrap().to_vec(), [7, -8]);
    let kinds = table.classes("kind").unwrap();
    assert_eq!(
        (kinds.labels.to_vec(), kinds.names.clone()),
        (vec![1, 0], vec!["blue".into(), "red, dark".into()])
    );
    let names = ["x".to_string(), "red, dark".into(), "blue".into()];
    assert_eq!(table.classes_of("kind", &names).unwrap().to_vec(), [1, 2]);
    assert_eq!(
        (table.field(1, 1), table.field(1, 3), table.field(2, 0)),
        (Some("blue"), None, None)
    );
    let tabs = Csv::new().delimiter(b'\t').parse("t", b"a\tb\n1\t2").unwrap();
    assert_eq!(tabs.numbers::<f32>(&["b"]).unwrap().to_vec(), [2.0]);
    assert_eq!(read("a\n0.1\n").unwrap().numbers::<f32>(&["a"]).unwrap().to_vec(), [0.1]);
}

#[test]
fn files_that_are_no_tables() {
    for (text, wanted) in [
        ("", "the file is empty; wanted a header"),
        ("\n\r\n", "the file is empty; wanted a header"),
        ("a,b\n", "no lines below the header"),
        ("a,,c\n1,2,3\n", "line 1, column 2: the header has no name there"),
        ("a,b,a\n1,2,3\n", "line 1, columns 1 and 3: both have the name `a`"),
        ("a,b\n1,2\n3\n", "line 3: got 1 fields, wanted 2 as in the header"),
        // Blank lines, CRLF, and a record of two lines before it.
        ("a,b\r\n\r\n\"1\n\",2\r\n\r\n3,4,5\r\n", "line 6: got 3 fields, wanted 2"),
    ] {
        let error = message(read(text));
        assert!(error.starts_with("t.csv: ") && error.contains(wanted), "{text:?}: {error}");
    }
    let error = message(Csv::new().parse("t.csv", b"a,b\n1,2\n3,\xff\n"));
    assert!(error.contains("line 3, column 2: got bytes that are not UTF-8"), "{error}");
    let error = Table::open("/no/such/file.csv").unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
}

#[test]
fn fields_of_another_type() {
    let table = read("x,y\n1,red\n\n2.5,\nNaN,1e999\n").unwrap();
    let numbers = |name| message(table.numbers::<f32>(&[name]));
    assert_eq!(numbers("y"), "t.csv: line 2, column 2 (`y`): got `red`, wanted a finite number");
    assert_eq!(numbers("x"), "t.csv: line 5, column 1 (`x`): got `NaN`, wanted a finite number");
    assert_eq!(numbers("z"), "t.csv: there is no column `z`; the header has `x`, `y`");
    let error = message(table.integers("x"));
    assert_eq!(error, "t.csv: line 4, column 1 (`x`): got `2.5`, wanted a whole number");
    let error = message(table.classes("y"));
    assert!(
        error.starts_with("t.csv: line 4, column 2 (`y`): the value is missing, wanted a word"),
        "{error}"
    );
    let error = message(table.classes_of("y", &["blue".into()]));
    assert_eq!(error, "t.csv: line 2, column 2 (`y`): got `red`, wanted one of `blue`");
    assert!(message(table.numbers::<f32>(&[] as &[&str])).contains("no columns"));
    let long = read(&format!("x\n{}\n", "ß".repeat(99))).unwrap();
    assert!(message(long.integers("x")).contains(&format!("got `{}…`", "ß".repeat(40))));
}

#[test]
fn missing_values_are_filled_on_request_only() {
    let table =
        Csv::new().missing("NA").missing("?").parse("t", b"x,y\nNA,1\n?,2\n,3\n4,5\n").unwrap();
    assert!(
        message(table.numbers::<f64>(&["y", "x"]))
            .contains("line 2, column 1 (`x`): the value is missing")
    );
    assert_eq!(table.numbers_or(&["x"], 0.5_f64).unwrap().to_vec(), [0.5, 0.5, 0.5, 4.0]);
    assert!(table.numbers_or(&["x"], f32::NAN).unwrap().to_vec()[2].is_nan());
}
