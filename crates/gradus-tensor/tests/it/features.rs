//! That the kernels in use are the fast ones.

use std::process::Command;

/// Without its feature `x86-v4` the library behind vectors has no AVX-512, products of matrices run at
/// half the speed, and nothing else would tell.
#[test]
fn vectors_may_be_those_of_avx_512() {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "-p", "gradus-tensor", "-e", "features,normal"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let feature = r#"pulp feature "x86-v4""#;
    assert!(tree.contains(feature), "{feature} is not in\n{tree}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn loops_use_the_widest_vectors_of_the_machine() {
    if std::env::var_os("GRADUS_SIMD").is_some() {
        return; // Somebody asked for less.
    }
    let level = gradus_tensor::simd::level();
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512cd")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    if avx512 {
        assert_eq!(level, "AVX-512");
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        assert_eq!(level, "AVX2");
    }
}
