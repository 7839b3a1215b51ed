//! The operations, one file each: formula, forward pass, derivative, and the cases that check
//! them. A test below fails if a file has an operation and no cases.

mod abs;
mod activation;
mod add;
mod affine;
mod attention;
mod avg_pool2d;
mod batch_norm;
mod batch_norm_with;
mod bce_with_logits;
mod choose;
mod clamp;
mod concat;
mod conv2d;
mod cos;
mod cross_entropy;
mod cumsum;
mod definition;
mod div;
mod dropout;
mod elu;
mod erf;
mod exp;
mod expand;
mod extremes;
mod flip;
mod gather;
mod gelu;
mod gelu_tanh;
mod gru;
mod hook;
mod huber_loss;
mod kl_div;
mod l1_loss;
mod layer_norm;
mod leaky_relu;
mod linear;
mod linear_gelu;
mod ln;
mod ln_1p;
mod log_sigmoid;
mod log_softmax;
mod logsumexp;
mod lstm;
mod matmul;
mod max_pool2d;
mod maximum;
mod mse_loss;
mod mul;
mod pair_loss;
mod permute;
mod pointwise;
mod powf;
mod prelu;
mod reciprocal;
mod reduction;
mod relu;
mod reshape;
mod select;
mod sigmoid;
mod silu;
mod sin;
mod slice;
mod softmax;
mod softplus;
mod sort;
mod split;
mod sqrt;
mod square;
mod sub;
mod sum;
mod tanh;
mod var_axes;
mod with_number;

pub use cross_entropy::CrossEntropyOptions;
pub use pair_loss::PairLoss;
pub use pointwise::{Function, Needs};
pub use reduction::Reduction;

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
            let path = if path.is_dir() { path.join("mod.rs") } else { path };
            let code = fs::read_to_string(&path).expect("a readable file");
            let is_operation = ["Op<T> for", "pair_loss! {"].iter().any(|op| code.contains(op));
            let is_mechanism = path.ends_with("pointwise.rs") || path.ends_with("pair_loss.rs");
            if is_operation && !is_mechanism {
                operations += 1;
                assert!(
                    (code.contains("Cases::new(") && code.contains(".check()"))
                        || code.contains("pair_loss::check;"),
                    "{path:?}"
                );
            }
        }
        assert!(operations >= 30, "only {operations} operations found");
    }
}
