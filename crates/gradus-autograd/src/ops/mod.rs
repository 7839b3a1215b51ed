//! The operations, one file each: formula, forward pass, derivative, and the cases that check
//! them. A test below fails if a file has an operation and no cases.

mod add;
mod concat;
mod div;
mod exp;
mod expand;
mod matmul;
mod mul;
mod permute;
mod pointwise;
mod reshape;
mod scale;
mod slice;
mod sub;
mod sum;

pub use pointwise::{Function, Needs};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Every file that implements an operation runs the table of properties on it.
    #[test]
    fn every_operation_is_checked() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
        let mut operations = 0;
        for entry in fs::read_dir(folder).expect("the folder of this file") {
            let path = entry.expect("a readable entry").path();
            let code = fs::read_to_string(&path).expect("a readable file");
            let is_operation = ["Op<T,", "OpMany<T>", "Function<T>"]
                .iter()
                .any(|op| code.contains(&format!("> {op}")) && code.contains("impl<"));
            let is_mechanism = path.ends_with("pointwise.rs");
            if is_operation && !is_mechanism {
                operations += 1;
                assert!(code.contains("Cases::new(") && code.contains(".check()"), "{path:?}");
            }
        }
        assert!(operations >= 30, "only {operations} operations found");
    }
}
