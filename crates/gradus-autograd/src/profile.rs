//! Where the time goes, by operation.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::{Event, Observer, Pass, observe};

/// How often each operation ran, and how long it took; see [`profile`].
#[derive(Debug, Clone, Default)]
pub struct Profile {
    rows: BTreeMap<(&'static str, Pass), (usize, Duration)>,
}

/// Runs `work` and measures its operations, forward and backward.
///
/// ```
/// use gradus_autograd::{Pass, Var, profile};
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::<f32>::ones([100]));
/// let (gradients, profile) = profile(|| x.exp().exp().sum().backward());
/// assert_eq!(profile.count("exp", Pass::Backward), 2);
/// println!("{profile}");
/// # gradients?;
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn profile<R>(work: impl FnOnce() -> R) -> (R, Profile) {
    observe(Profile::default(), work)
}

impl Observer for Profile {
    fn ran(&mut self, event: &Event<'_>) {
        // What runs inside a derivative is in the derivative's time.
        if !event.inner {
            let (count, time) = self.rows.entry((event.op, event.pass)).or_default();
            *count += 1;
            *time += event.took;
        }
    }
}

impl Profile {
    /// How often an operation ran.
    pub fn count(&self, op: &str, pass: Pass) -> usize {
        self.rows.iter().filter(|(row, _)| **row == (op, pass)).map(|(_, row)| row.0).sum()
    }

    /// How long an operation took, all its runs together.
    pub fn time(&self, op: &str, pass: Pass) -> Duration {
        self.rows.iter().filter(|(row, _)| **row == (op, pass)).map(|(_, row)| row.1).sum()
    }

    /// How long all operations took.
    pub fn total(&self) -> Duration {
        self.rows.values().map(|row| row.1).sum()
    }
}

/// A table, the longest first.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
        let total = self.total().as_secs_f64().max(f64::MIN_POSITIVE);
        writeln!(f, "{:24} {:16} {:>8} {:>12} {:>6}", "operation", "pass", "times", "ms", "%")?;
        for ((op, pass), (count, time)) in rows {
            let (ms, share) = (time.as_secs_f64() * 1e3, time.as_secs_f64() / total * 100.0);
            writeln!(f, "{op:24} {:16} {count:8} {ms:12.3} {share:6.1}", pass.word())?;
        }
        Ok(())
    }
}
