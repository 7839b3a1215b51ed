//! The README says what is so.

use std::fs;

#[test]
fn the_example_in_the_readme_is_the_one_that_is_compiled() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let readme = fs::read_to_string(format!("{root}/README.md")).expect("a README");
    let quickstart = fs::read_to_string(format!("{root}/crates/gradus/examples/quickstart.rs"))
        .expect("the example");
    assert!(readme.contains(quickstart.trim()), "the README shows another example");
    for crate_name in ["tensor", "autograd", "nn", "optim", "data", "serialize", "train"] {
        assert!(readme.contains(&format!("gradus-{crate_name}")), "{crate_name} is not named");
    }
}
