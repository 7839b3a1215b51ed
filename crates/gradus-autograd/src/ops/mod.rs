//! The operations, one file each: formula, forward pass, derivative, and the cases that check
//! them. A test below fails if a file has an operation and no cases, or a method that is not listed.

// What several operations share.
mod activation;
mod definition;
mod pair_loss;
mod pointwise;
mod reduction;
mod windows;

/// Declares the file of each operation, and its methods beside what they are called in PyTorch.
macro_rules! operations {
    ($($file:ident: $($method:ident = $torch:literal),*;)*) => {
        $(mod $file;)*

        /// Every operation that is a method of [`Var`](crate::Var), and what it is called in PyTorch (in
        /// `torch`, unless a module is named); an empty text where PyTorch has no such function.
        ///
        /// ```
        /// let torch = gradus_autograd::OPERATIONS.iter().find(|(name, _)| *name == "choose");
        /// assert_eq!(torch, Some(&("choose", "where")));
        /// ```
        pub const OPERATIONS: &[(&str, &str)] = &[$($((stringify!($method), $torch)),*),*];
    };
}

operations! {
    abs: abs = "abs";
    add: add = "add";
    affine: affine = "";
    attention: attention = "nn.functional.scaled_dot_product_attention", self_attention = "nn.functional.multi_head_attention_forward, its middle";
    avg_pool2d: avg_pool2d = "nn.functional.avg_pool2d", global_avg_pool2d = "nn.functional.adaptive_avg_pool2d to 1";
    batch_norm: batch_norm = "nn.functional.batch_norm in training", batch_norm_act = "";
    batch_norm_with: batch_norm_with = "nn.functional.batch_norm in evaluation", batch_norm_with_act = "";
    bce_with_logits: bce_with_logits = "nn.functional.binary_cross_entropy_with_logits";
    choose: choose = "where";
    clamp: clamp = "clamp";
    concat: concat = "cat", stack = "stack";
    conv1d: conv1d = "nn.functional.conv1d";
    conv2d: conv2d = "nn.functional.conv2d", conv2d_with = "", conv2d_input_grad = "nn.grad.conv2d_input", conv2d_weight_grad = "nn.grad.conv2d_weight";
    conv_transpose2d: conv_transpose2d = "nn.functional.conv_transpose2d";
    cos: cos = "cos";
    cross_entropy: cross_entropy = "nn.functional.cross_entropy";
    ctc_loss: ctc_loss = "nn.functional.ctc_loss";
    cumsum: cumsum = "cumsum";
    div: div = "div";
    dropout: dropout = "nn.functional.dropout";
    elu: elu = "nn.functional.elu";
    erf: erf = "erf";
    exp: exp = "exp";
    expand: expand = "expand";
    extremes: max = "amax over all", min = "amin over all", max_axes = "amax", min_axes = "amin";
    flip: flip = "flip";
    gather: gather = "gather", scatter_add = "scatter_add";
    gelu: gelu = "nn.functional.gelu";
    gelu_tanh: gelu_tanh = "nn.functional.gelu, approximate";
    gru: gru = "nn.GRU, one layer";
    hook: hook = "Tensor.register_hook";
    huber_loss: huber_loss = "nn.functional.huber_loss", smooth_l1_loss = "nn.functional.smooth_l1_loss";
    kl_div: kl_div = "nn.functional.kl_div";
    l1_loss: l1_loss = "nn.functional.l1_loss";
    layer_norm: layer_norm = "nn.functional.layer_norm", normalize_last = "nn.functional.layer_norm without weight";
    leaky_relu: leaky_relu = "nn.functional.leaky_relu";
    linear: linear = "nn.functional.linear";
    linear_gelu: linear_gelu = "";
    ln: ln = "log";
    ln_1p: ln_1p = "log1p";
    log_sigmoid: log_sigmoid = "nn.functional.logsigmoid";
    log_softmax: log_softmax = "log_softmax";
    logsumexp: logsumexp = "logsumexp";
    lstm: lstm = "nn.LSTM, one layer";
    matmul: matmul = "matmul";
    max_pool2d: max_pool2d = "nn.functional.max_pool2d";
    maximum: maximum = "maximum", minimum = "minimum";
    mse_loss: mse_loss = "nn.functional.mse_loss";
    mul: mul = "mul";
    permute: permute = "permute", transpose = "transpose";
    powf: powf = "pow with a number";
    prelu: prelu = "nn.functional.prelu";
    reciprocal: reciprocal = "reciprocal";
    relu: relu = "relu";
    reshape: reshape = "reshape", flatten = "flatten", unsqueeze = "unsqueeze", squeeze = "squeeze";
    select: select = "index_select", index_add = "index_add";
    sigmoid: sigmoid = "sigmoid";
    silu: silu = "nn.functional.silu";
    sin: sin = "sin";
    slice: slice = "narrow", index = "select", pad = "nn.functional.pad";
    softmax: softmax = "softmax";
    softplus: softplus = "nn.functional.softplus";
    sort: topk = "topk", sort = "sort", max_with_index = "max over a dim";
    split: split = "split", chunk = "chunk";
    sqrt: sqrt = "sqrt";
    square: square = "square";
    sub: sub = "sub";
    sum: sum = "sum", sum_axes = "sum over dims", sum_to = "Tensor.sum_to_size", mean = "mean", mean_axes = "mean over dims";
    tanh: tanh = "tanh";
    var_axes: var_axes = "var, uncorrected";
    with_number: scale = "mul with a number", shift = "add with a number";
}

pub use cross_entropy::CrossEntropyOptions;
pub use ctc_loss::CtcOptions;
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
                    (["cases!(", ".single("].iter().any(|x| code.contains(x))
                        && code.contains(".check()"))
                        || code.contains("pair_loss::check;"),
                    "{path:?}"
                );
            }
        }
        assert!(operations >= 30, "only {operations} operations found");
    }

    /// The text of a file of this folder, or of all files in a folder of it, without tests.
    fn code(path: &Path) -> String {
        if !path.is_dir() {
            let code = fs::read_to_string(path).expect("a readable file");
            return code.split("#[cfg(test)]").next().unwrap_or_default().to_string();
        }
        let files = fs::read_dir(path).expect("a readable folder");
        files.map(|entry| code(&entry.expect("a readable entry").path())).collect()
    }

    #[test]
    fn every_method_is_listed_and_told_in_the_readme() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut methods = Vec::new();
        for entry in fs::read_dir(root.join("src/ops")).expect("the folder of this file") {
            let path = entry.expect("a readable entry").path();
            let mechanism = ["mod.rs", "pair_loss.rs", "pointwise.rs"];
            if mechanism.iter().any(|name| path.ends_with(name)) {
                continue;
            }
            let mut of_var = false;
            for line in code(&path).lines() {
                if line.starts_with("impl") {
                    of_var = line.contains(" Var<");
                }
                let name = |rest: &str| rest.split(['(', '<', ';']).next().map(String::from);
                // A method, or a line `Type = method(settings);` of a declaration.
                let method = line.strip_prefix("    pub fn ").filter(|_| of_var).and_then(name);
                let declared = line.strip_prefix("    ").and_then(|line| line.split_once(" = "));
                let declared = declared.filter(|(ty, rest)| {
                    ty.starts_with(char::is_uppercase)
                        && ty.chars().all(char::is_alphanumeric)
                        && rest.contains("(")
                        && rest.ends_with(");")
                });
                methods.extend(method.or_else(|| name(declared?.1)));
            }
        }
        methods.retain(|name| name != "new");
        for (name, _) in super::OPERATIONS {
            assert!(
                methods.iter().any(|method| method == name),
                "{name} is listed, and is no method"
            );
        }
        for method in &methods {
            let listed = super::OPERATIONS.iter().any(|(name, _)| name == method);
            assert!(listed, "{method} is not listed in ops/mod.rs");
        }
        let readme = fs::read_to_string(root.join("README.md")).expect("the readme");
        for (name, torch) in super::OPERATIONS {
            let torch = if torch.is_empty() { "–".into() } else { format!("`{torch}`") };
            let row = format!("| `{name}` | {torch} |");
            assert!(readme.contains(&row), "the readme lacks the row\n{row}");
        }
    }
}
