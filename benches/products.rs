//! Products of matrices, timed. The sizes are arguments: `benches/peers/run --products` has the
//! list, and gives it to PyTorch as well. Prints one line of JSON.
//!
//! `cargo run --release -p gradus-benches --bin products -- --threads 2 1,2048,128,512,nt,1`
#![forbid(unsafe_code)]

use std::hint::black_box;

use clap::Parser;
use gradus::prelude::*;
use gradus_benches::clock::time;

/// Time products of matrices.
#[derive(Debug, Parser)]
struct Options {
    /// Threads that compute [default: one for each processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// How long to repeat each product
    #[arg(long, value_name = "S", default_value_t = 0.1)]
    seconds: f64,

    /// COUNT,M,K,N,FORM,CALLS: so many products of m×k by k×n matrices, where FORM says of each
    /// side whether it lies row by row (n) or transposed (t); timed are so many calls at once
    #[arg(value_parser = parse, required = true)]
    products: Vec<Product>,
}

#[derive(Debug, Clone, Copy)]
struct Product {
    count: usize,
    sizes: [usize; 3],
    transposed: [bool; 2],
    calls: usize,
}

fn parse(text: &str) -> std::result::Result<Product, String> {
    let parts: Vec<&str> = text.split(',').collect();
    let &[count, m, k, n, form, calls] = parts.as_slice() else {
        return Err("six parts with commas between them are wanted".into());
    };
    let number = |text: &str| text.parse::<usize>().map_err(|error| format!("{text}: {error}"));
    let transposed = match form {
        "nn" => [false, false],
        "nt" => [false, true],
        "tn" => [true, false],
        _ => return Err(format!("{form}: nn, nt or tn is wanted")),
    };
    let sizes = [number(m)?, number(k)?, number(n)?];
    Ok(Product { count: number(count)?, sizes, transposed, calls: number(calls)? })
}

impl Product {
    /// A side of the product, which lies in memory as the form says.
    fn side(&self, rows: usize, columns: usize, transposed: bool) -> gradus::Result<Tensor> {
        let matrix = if transposed { [columns, rows] } else { [rows, columns] };
        let mut shape = if self.count > 1 { vec![self.count] } else { vec![] };
        shape.extend(matrix);
        let side = Tensor::normal(shape, 0.0, 1.0, &mut Rng::new(0))?;
        Ok(if transposed { side.transpose(-1, -2)? } else { side })
    }

    /// Seconds that a call takes.
    fn seconds(&self, duration: f64) -> gradus::Result<f64> {
        let [m, k, n] = self.sizes;
        let a = self.side(m, k, self.transposed[0])?;
        let b = self.side(k, n, self.transposed[1])?;
        let timed = time(duration, || {
            for _ in 0..self.calls {
                black_box(black_box(&a).matmul(black_box(&b))?);
            }
            Ok(())
        })?;
        Ok(timed.median / self.calls as f64)
    }
}

fn main() -> gradus::Result<()> {
    let options = Options::parse();
    if let Some(threads) = options.threads {
        gradus::tensor::threads::set_count(threads)?;
    }
    let mut times = Vec::new();
    for product in &options.products {
        times.push(format!("{:e}", product.seconds(options.seconds)?));
    }
    println!(
        "{{\"runner\":\"gradus\",\"version\":\"{}\",\"threads\":{},\"seconds\":[{}]}}",
        env!("CARGO_PKG_VERSION"),
        gradus::tensor::threads::count(),
        times.join(","),
    );
    Ok(())
}
