//! Mean and variance over axes.

use gradus_tensor::{Result, Tensor};

use crate::cases::*;

#[test]
fn moments_are_mean_and_variance() -> Result<()> {
    let shapes = [[5, 3, 4, 6], [1, 1, 1, 1], [3, 70, 9, 31], [2, 1, 300, 100], [40, 2, 1, 1]];
    let all_axes: [&[isize]; 8] =
        [&[0, 2, 3], &[-1], &[0, 1, 2, 3], &[1], &[], &[0], &[2, -1], &[1, 3]];
    for shape in shapes {
        for axes in all_axes {
            // Far from zero, where the textbook formula loses every digit.
            let x = normal::<f32>(shape, 5).map(|x| x + 3000.0);
            let exact = x.map(f64::from);
            let mean = exact.mean_axes(axes, true)?;
            let var = exact.var_axes(axes, true, 0)?;
            for x in std::iter::once(x.clone()).chain(layouts(&x)) {
                let (got_mean, got_var) = x.mean_var(axes, true)?;
                assert_eq!((got_mean.shape(), got_var.shape()), (mean.shape(), var.shape()));
                for ((got, mean), (got_var, var)) in got_mean
                    .to_vec()
                    .iter()
                    .zip(mean.to_vec())
                    .zip(got_var.to_vec().iter().zip(var.to_vec()))
                {
                    assert!((f64::from(*got) - mean).abs() <= 3e-4, "{shape:?} {axes:?}");
                    assert!((f64::from(*got_var) - var).abs() <= 1e-4 * var, "{shape:?} {axes:?}");
                }
                let (flat, _) = x.mean_var(axes, false)?;
                assert_eq!(flat.rank(), 4 - axes.len());
                assert_eq!(flat.to_vec(), got_mean.to_vec());
            }
        }
    }
    Ok(())
}

#[test]
fn moments_of_nothing_and_of_nonsense() -> Result<()> {
    let (mean, var) = Tensor::<f64>::zeros([0, 3]).mean_var(&[0], false)?;
    assert!(mean.shape() == [3] && mean.to_vec().iter().chain(&var.to_vec()).all(|x| x.is_nan()));
    let (mean, _) = Tensor::<f64>::zeros([0, 3]).mean_var(&[1], true)?;
    assert_eq!(mean.shape(), [0, 1]);
    let (mean, var) = Tensor::vector([1.0, f64::INFINITY]).mean_var(&[0], false)?;
    assert!(mean.item()? == f64::INFINITY && var.item()?.is_nan());
    let x = Tensor::<f32>::zeros([2, 3]);
    let message = x.mean_var(&[1, -1], true).map_err(|e| e.to_string()).unwrap_err();
    assert!(message.contains("mean_var: got axes [1, -1], with axis -1 twice"), "{message}");
    let message = x.mean_var(&[2], true).map_err(|e| e.to_string()).unwrap_err();
    assert!(message.contains("mean_var: axis 2 is out of range"), "{message}");
    Ok(())
}
