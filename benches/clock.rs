//! Timing of steps, and what the system says of memory.

use std::time::{Duration, Instant};

/// What the repeated step took.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// Seconds.
    pub median: f64,
    /// Seconds of the quickest step.
    pub least: f64,
    /// How many steps were timed.
    pub steps: usize,
    /// Page faults in a step.
    pub faults: f64,
}

/// Repeats `step` for a while, after three times that do not count.
///
/// # Errors
/// The first one of `step`.
pub fn time(seconds: f64, mut step: impl FnMut() -> gradus::Result<()>) -> gradus::Result<Timed> {
    for _ in 0..3 {
        step()?;
    }
    // Room for the results beforehand: no page of it is touched first while the clock runs.
    let mut times = vec![0.0_f64; 1 << 20];
    let (faults, end) = (page_faults(), Instant::now() + Duration::from_secs_f64(seconds));
    let mut steps = 0;
    while steps < times.len() && (steps == 0 || Instant::now() < end) {
        let start = Instant::now();
        step()?;
        times[steps] = start.elapsed().as_secs_f64();
        steps += 1;
    }
    let faults = (page_faults() - faults) as f64 / steps as f64;
    let times = &mut times[..steps];
    times.sort_by(f64::total_cmp);
    Ok(Timed { median: times[steps / 2], least: times[0], steps, faults })
}

/// Memory of this process in bytes: `VmRSS:` now, `VmHWM:` the most it ever had; zero where the
/// system does not say.
pub fn memory_bytes(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

/// Seconds of processor time that this process took so far, all threads together, to a hundredth; zero where the system does
/// not say. What others do on the machine changes it little.
pub fn processor_seconds() -> f64 {
    (stat(11) + stat(12)) as f64 / 100.0
}

/// Page faults so far that needed no disk.
fn page_faults() -> u64 {
    stat(7)
}

/// A number that the system keeps of this process.
fn stat(field: usize) -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold spaces; fields are counted behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    fields.split_whitespace().nth(field).and_then(|n| n.parse().ok()).unwrap_or_default()
}
