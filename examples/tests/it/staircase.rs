//! Dependencies point down the stack.

use std::process::Command;

/// From the ground up; the macros depend on nothing.
const STEPS: [&str; 10] = [
    "gradus-derive",
    "gradus-tensor",
    "gradus-autograd",
    "gradus-nn",
    "gradus-optim",
    "gradus-data",
    "gradus-serialize",
    "gradus-models",
    "gradus-train",
    "gradus",
];

#[test]
fn no_dependency_points_up() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let step = |name: &str| STEPS.iter().position(|&step| step == name);
    let mut edges = 0;
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let Some(own) = step(name) else { continue };
        for dependency in package["dependencies"].as_array().expect("a list") {
            let below = dependency["name"].as_str().expect("a name");
            if let Some(other) = step(below) {
                edges += 1;
                assert!(other < own, "{name} depends on {below}, which stands above it");
            }
        }
    }
    assert!(edges >= 20, "only {edges} edges found");
}

#[test]
fn unsafe_code_stands_in_the_tensor_crate_alone() {
    for name in STEPS.iter().filter(|&&name| name != "gradus-tensor") {
        let face = format!("{}/../crates/{name}/src/lib.rs", env!("CARGO_MANIFEST_DIR"));
        let face = std::fs::read_to_string(face).expect("every crate has a face");
        assert!(face.contains("#![forbid(unsafe_code)]"), "{name} does not forbid unsafe code");
    }
}
