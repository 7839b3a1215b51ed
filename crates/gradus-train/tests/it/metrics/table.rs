//! The table of the README beside the metrics that there are.

use std::collections::BTreeMap;

use gradus_train::metrics::Goal;

use super::any::all;

/// The cells of the README's rows, by the metric's name in the code.
fn rows() -> BTreeMap<&'static str, Vec<&'static str>> {
    let readme = include_str!("../../../README.md");
    let (_, table) = readme.split_once("| metric | column |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        (cells[0].trim_matches('`'), cells)
    })
    .collect()
}

#[test]
fn the_readme_lists_every_metric() {
    let source = include_str!("../../../src/metrics/mod.rs");
    let (_, list) = source.split_once("shown!(").unwrap();
    let list = list.split_once(");").unwrap().0.split(',').map(str::trim);
    let mut wanted: Vec<&str> = list.filter(|name| !name.is_empty()).collect();
    wanted.push("ConfusionMatrix");
    wanted.sort_unstable();
    assert_eq!(rows().into_keys().collect::<Vec<_>>(), wanted);
    // Whatever implements the trait in a file of its own is in the list; macros make the others.
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics")).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in source.lines().filter_map(|line| line.strip_prefix("impl Metric for ")) {
            let name = line.trim_end_matches(" {");
            assert!(wanted.contains(&name), "{name} is not in the list");
        }
    }
}

#[test]
fn the_readme_says_column_and_direction() {
    let rows = rows();
    let mut found = 0;
    for (metric, name, goal, _) in all() {
        let better = if goal == Goal::Higher { "higher" } else { "lower" };
        // An average or a number at the end is one of many.
        let stem = |column: &str| {
            let end = column
                .rsplit_once('_')
                .filter(|(_, end)| ["micro", "macro", "weighted", "class1"].contains(end));
            end.map_or(column, |(stem, _)| stem).to_string()
        };
        if let Some(row) = rows.values().find(|row| stem(row[1].trim_matches('`')) == stem(name)) {
            assert_eq!(row[2], better, "{metric:?}");
            found += 1;
        } else {
            assert!(
                format!("{metric:?}").contains("::Mean("),
                "no row says the column of {metric:?}"
            );
        }
    }
    assert_eq!(found, rows.len() - 1, "all but the mean, whose column is what it is called");
}
