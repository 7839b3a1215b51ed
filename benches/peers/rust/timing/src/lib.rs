//! What both Rust peers share: the options, the clock, what the system says of memory, and the line of
//! JSON, with the fields that `benches/workloads` prints for Gradus.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

/// The command line of a runner.
pub struct Options {
    pub workload: String,
    pub threads: usize,
    pub seconds: f64,
    batch: Option<usize>,
    mode: String,
}

impl Options {
    /// Reads `--name value` pairs; the error says what is wrong with them.
    pub fn read() -> Result<Self, String> {
        let mut options = Self {
            workload: String::new(),
            threads: 2,
            seconds: 3.0,
            batch: None,
            mode: "both".into(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            let value = words.next().ok_or(format!("error: {name} without a value"))?;
            let bad = |_| format!("error: {name} {value} is no number");
            match name.as_str() {
                "--workload" => options.workload = value,
                "--threads" => options.threads = value.parse().map_err(bad)?,
                "--seconds" => {
                    options.seconds = value.parse().map_err(|_| format!("error: {name} {value}"))?
                }
                "--batch" => options.batch = Some(value.parse().map_err(bad)?),
                "--mode" => options.mode = value,
                _ => return Err(format!("error: no option {name}")),
            }
        }
        Ok(options)
    }

    /// Samples in a batch: that of the comparison, if nothing else was asked for.
    pub fn batch(&self) -> usize {
        let text = ["lstm", "gpt"].contains(&self.workload.as_str());
        self.batch.unwrap_or(if text { 32 } else { 64 })
    }

    pub fn trains(&self) -> bool {
        self.mode != "infer"
    }

    pub fn infers(&self) -> bool {
        self.mode != "train"
    }
}

/// The figures of a run, collected as fields of JSON.
pub struct Report(String);

impl Report {
    /// To be made before the workload is built: what memory the process has now is kept.
    pub fn new(runner: &str, version: &str, options: &Options) -> Self {
        Self(format!(
            "\"runner\":\"{runner}\",\"version\":\"{version}\",\"workload\":\"{}\",\"threads\":{},\
             \"batch\":{},\"base_bytes\":{}",
            options.workload,
            options.threads,
            options.batch(),
            memory("VmRSS:"),
        ))
    }

    /// The training steps, and the loss at their end.
    pub fn trained(&mut self, timed: &Timed, loss: f32) {
        let Timed { median, least, steps, faults } = timed;
        let (median, least) = (median * 1e3, least * 1e3);
        self.0 += &format!(
            ",\"train_ms\":{median:.5},\"train_ms_min\":{least:.5},\"steps\":{steps},\
             \"faults_per_step\":{faults:.2},\"loss\":{loss}"
        );
    }

    pub fn inferred(&mut self, timed: &Timed) {
        self.0 += &format!(",\"infer_us\":{:.3}", timed.median * 1e6);
    }

    /// Prints the line.
    pub fn print(self) {
        println!("{{{},\"peak_bytes\":{}}}", self.0, memory("VmHWM:"));
    }
}

/// Times of a step in seconds, and its page faults.
pub struct Timed {
    median: f64,
    least: f64,
    steps: usize,
    faults: f64,
}

/// Repeats a step for so many seconds, after three times that do not count.
pub fn repeat<E>(seconds: f64, mut step: impl FnMut() -> Result<(), E>) -> Result<Timed, E> {
    for _ in 0..3 {
        step()?;
    }
    let (mut times, faults) = (Vec::with_capacity(1 << 20), page_faults());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while times.is_empty() || Instant::now() < end {
        let start = Instant::now();
        step()?;
        times.push(start.elapsed().as_secs_f64());
    }
    let faults = (page_faults() - faults) as f64 / times.len() as f64;
    times.sort_by(f64::total_cmp);
    Ok(Timed { median: times[times.len() / 2], least: times[0], steps: times.len(), faults })
}

/// Numbers below `end`, from a linear congruential generator.
pub fn below(end: u64, count: usize, mut state: u64) -> impl Iterator<Item = u32> {
    (0..count).map(move |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % end) as u32
    })
}

fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

fn page_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    fields.split_whitespace().nth(7).and_then(|n| n.parse().ok()).unwrap_or_default()
}
