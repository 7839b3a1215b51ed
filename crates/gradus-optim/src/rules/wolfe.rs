//! A line search for a step that is long enough and not too long: the strong conditions of Wolfe,
//!
//! ```text
//! f(t) ≤ f(0) + c₁ t f'(0)        |f'(t)| ≤ c₂ |f'(0)|        with c₁ = 10⁻⁴, c₂ = 0.9
//! ```
//!
//! Nocedal and Wright, *Numerical optimization*, 2006, algorithms 3.5 and 3.6; trial steps by cubic interpolation, equation 3.59. What the
//! book leaves open (how far a step may grow, when a bracket shrinks too slowly) is as in PyTorch; but the lower end of a bracket fulfils the
//! first condition here, if either does.

use crate::Result;

/// A point on the line: the step, the loss, its slope along the line, and what the caller keeps of it.
#[derive(Debug, Clone)]
pub(super) struct Point<G> {
    pub(super) t: f64,
    pub(super) f: f64,
    pub(super) slope: f64,
    pub(super) grad: G,
}

const C1: f64 = 1e-4;
const C2: f64 = 0.9;
const MOST: usize = 25;

/// The point that is found. `start` is that of step 0, `t` the first step to try, `size` the largest element of the direction, and
/// `least` the shortest change of the parameters that counts.
pub(super) fn search<G: Clone>(
    start: &Point<G>,
    t: f64,
    [size, least]: [f64; 2],
    mut at: impl FnMut(f64) -> Result<Point<G>>,
) -> Result<Point<G>> {
    let too_high = |p: &Point<G>| p.f > start.f + C1 * p.t * start.slope;
    let flat = |p: &Point<G>| p.slope.abs() <= -C2 * start.slope;

    // Longer and longer steps, until one is right or two have a right one between them.
    let (mut last, mut new) = (start.clone(), at(t)?);
    let mut tries = 0;
    let mut bracket = loop {
        if tries == MOST {
            break [start.clone(), new];
        }
        if too_high(&new) || (tries > 1 && new.f >= last.f) {
            break [last, new];
        }
        if flat(&new) {
            return Ok(new);
        }
        if new.slope >= 0.0 {
            break [last, new];
        }
        let bounds = [new.t + 0.01 * (new.t - last.t), new.t * 10.0];
        let t = lowest(&last, &new, bounds);
        last = std::mem::replace(&mut new, at(t)?);
        tries += 1;
    };

    // The bracket shrinks around it.
    let order = |bracket: &[Point<G>; 2]| match bracket.each_ref().map(too_high) {
        [false, true] => 0,
        [true, false] => 1,
        _ => usize::from(bracket[0].f > bracket[1].f),
    };
    let mut low = order(&bracket);
    let mut slow = false;
    while tries < MOST && (bracket[1].t - bracket[0].t).abs() * size >= least {
        let [left, right] = {
            let [a, b] = [bracket[0].t, bracket[1].t];
            [a.min(b), a.max(b)]
        };
        let mut t = lowest(&bracket[0], &bracket[1], [left, right]);
        // Twice too near an end, it is moved away from there.
        let edge = 0.1 * (right - left);
        if (right - t).min(t - left) < edge {
            if slow || t >= right || t <= left {
                t = if (t - right).abs() < (t - left).abs() { right - edge } else { left + edge };
                slow = false;
            } else {
                slow = true;
            }
        } else {
            slow = false;
        }
        let new = at(t)?;
        tries += 1;
        if too_high(&new) || new.f >= bracket[low].f {
            bracket[1 - low] = new;
            low = order(&bracket);
        } else if flat(&new) {
            return Ok(new);
        } else {
            if new.slope * (bracket[1 - low].t - bracket[low].t) >= 0.0 {
                bracket[1 - low] = bracket[low].clone();
            }
            bracket[low] = new;
        }
    }
    let [first, second] = bracket;
    Ok(if low == 0 { first } else { second })
}

/// Where the cubic through two points with their slopes is lowest, within bounds.
fn lowest<G>(a: &Point<G>, b: &Point<G>, [left, right]: [f64; 2]) -> f64 {
    let (a, b) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d = a.slope + b.slope - 3.0 * (a.f - b.f) / (a.t - b.t);
    let square = d * d - a.slope * b.slope;
    if square.is_nan() || square < 0.0 {
        return (left + right) / 2.0;
    }
    let root = square.sqrt();
    let t = b.t - (b.t - a.t) * ((b.slope + root - d) / (b.slope - a.slope + 2.0 * root));
    t.max(left).min(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(f: fn(f64) -> [f64; 2], t: f64) -> Point<()> {
        let point = |t: f64| {
            let [f, slope] = f(t);
            Point { t, f, slope, grad: () }
        };
        search(&point(0.0), t, [1.0, 1e-9], |t| Ok(point(t))).unwrap()
    }

    #[test]
    fn both_conditions_hold_at_what_is_found() {
        let functions: [fn(f64) -> [f64; 2]; 3] = [
            |t| [(t - 3.0).powi(2), 2.0 * (t - 3.0)],
            // Functions of Moré and Thuente, 1994, equations 5.1 and 5.2.
            |t| [-t / (t * t + 2.0), (t * t - 2.0) / (t * t + 2.0).powi(2)],
            |t| {
                let x = t + 0.004;
                [x.powi(5) - 2.0 * x.powi(4), 5.0 * x.powi(4) - 8.0 * x.powi(3)]
            },
        ];
        for f in functions {
            for t in [1e-3, 0.1, 1.0, 10.0, 1e3] {
                let (found, [start, slope]) = (find(f, t), f(0.0));
                assert!(found.f <= start + C1 * found.t * slope, "{t}: {found:?}");
                assert!(found.slope.abs() <= C2 * slope.abs(), "{t}: {found:?}");
            }
        }
    }

    #[test]
    fn a_search_without_an_end_ends() {
        assert!(find(|t| [-t, -1.0], 1.0).t.is_finite());
        assert!(find(|_| [f64::NAN, f64::NAN], 1.0).f.is_nan());
    }
}
