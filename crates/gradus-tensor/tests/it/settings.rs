//! What `#[derive(Settings)]` makes, written out by hand, and the two compared.

use gradus_tensor::settings::{
    About, BadSetting, Blank, Domain, Field, Stored, Value, from_values, show,
};
use std::fmt;

use gradus_tensor::Settings;

/// The declaration.
mod derived {
    use gradus_tensor::Settings;

    /// Falls from 1 by a fixed amount for every step.
    #[derive(Settings, Debug, Clone, PartialEq)]
    #[settings(source = "nobody", check = Slope::not_both)]
    pub struct Slope {
        /// How much it falls in one step.
        #[above(0)]
        slope: f64,
        /// How many steps it falls.
        #[at_least(1)]
        #[unit("step")]
        #[default(10)]
        steps: u64,
        /// Both ends.
        #[in_unit]
        #[default([0.0, 0.5])]
        ends: [f64; 2],
        /// Where it stops, if it does.
        #[at_most(-1)]
        until: Option<f64>,
    }

    impl Slope {
        fn not_both(&self) -> Result<(), gradus_tensor::settings::BadSetting> {
            super::not_both(self.slope, self.until)
        }
    }
}

fn not_both(slope: f64, until: Option<f64>) -> Result<(), BadSetting> {
    match slope > 1.0 && until.is_some() {
        true => Err(BadSetting::new("Slope", "both", "one")),
        false => Ok(()),
    }
}

/// What is made of it.
#[derive(Debug, Clone, PartialEq)]
struct Slope {
    slope: f64,
    steps: u64,
    ends: [f64; 2],
    until: Option<f64>,
}

impl Slope {
    pub const ABOUT: &'static About = &About {
        name: "Slope",
        doc: "Falls from 1 by a fixed amount for every step.",
        torch: "",
        source: "nobody",
        fields: &[
            Field {
                name: "slope",
                label: "slope",
                doc: "How much it falls in one step.",
                default: "",
                required: true,
                inner: false,
                domain: Domain { low: Some((0.0, true)), high: None, whole: false, unit: "" },
            },
            Field {
                name: "steps",
                label: "steps",
                doc: "How many steps it falls.",
                default: "10",
                required: false,
                inner: false,
                domain: Domain { low: Some((1.0, false)), high: None, whole: true, unit: "step" },
            },
            Field {
                name: "ends",
                label: "ends",
                doc: "Both ends.",
                default: "[0.0, 0.5]",
                required: false,
                inner: false,
                domain: Domain {
                    low: Some((0.0, false)),
                    high: Some((1.0, true)),
                    whole: false,
                    unit: "",
                },
            },
            Field {
                name: "until",
                label: "until",
                doc: "Where it stops, if it does.",
                default: "none",
                required: false,
                inner: false,
                domain: Domain { low: None, high: Some((-1.0, false)), whole: false, unit: "" },
            },
        ],
    };

    /// With the given `slope`.
    ///
    /// Unless they are set: `steps` 10, `ends` [0.0, 0.5], `until` none.
    #[must_use]
    pub fn new(slope: f64) -> Self {
        Self { slope, steps: 10, ends: [0.0, 0.5], until: None }
    }

    /// How much it falls in one step.
    ///
    /// Above 0.
    #[must_use]
    pub fn slope(mut self, slope: f64) -> Self {
        self.slope = slope;
        self
    }

    /// How many steps it falls.
    ///
    /// 1 or more; default 10.
    #[must_use]
    pub fn steps(mut self, steps: u64) -> Self {
        self.steps = steps;
        self
    }

    /// Both ends.
    ///
    /// In `[0, 1)`; default [0.0, 0.5].
    #[must_use]
    pub fn ends(mut self, end1: f64, end2: f64) -> Self {
        self.ends = [end1, end2];
        self
    }

    /// Where it stops, if it does.
    ///
    /// -1 or less; default none.
    #[must_use]
    pub fn until(mut self, until: impl Into<Option<f64>>) -> Self {
        self.until = until.into();
        self
    }
}

impl Settings for Slope {
    fn about(&self) -> &'static About {
        Self::ABOUT
    }
    fn get(&self, field: usize) -> Value {
        match field {
            0 => self.slope.store(),
            1 => self.steps.store(),
            2 => self.ends.store(),
            3 => self.until.store(),
            _ => Value::Nothing,
        }
    }
    fn put(&mut self, field: usize, value: Value) -> bool {
        match field {
            0 => Stored::load(value).map(|value| self.slope = value).is_some(),
            1 => Stored::load(value).map(|value| self.steps = value).is_some(),
            2 => Stored::load(value).map(|value| self.ends = value).is_some(),
            3 => Stored::load(value).map(|value| self.until = value).is_some(),
            _ => false,
        }
    }
    fn check_together(&self) -> Result<(), BadSetting> {
        not_both(self.slope, self.until)
    }
}

impl Blank for Slope {
    fn blank() -> Self {
        Self { slope: Stored::blank(), steps: 10, ends: [0.0, 0.5], until: None }
    }
}

impl fmt::Display for Slope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, f)
    }
}

#[test]
fn the_derived_code_is_the_code_by_hand() {
    assert_eq!(derived::Slope::ABOUT, Slope::ABOUT);
    let texts: [&[(&str, &str)]; 9] = [
        &[("slope", "0.5")],
        &[("slope", "2"), ("until", "-3"), ("ends", "[0.25, 0.5]")],
        &[("slope", "0.0")],
        &[("slope", "1"), ("steps", "0")],
        &[("slope", "1"), ("ends", "[0.0, 1.0]")],
        &[("slope", "1"), ("ends", "[0.0]")],
        &[("slope", "1"), ("until", "-0.5")],
        &[("slope", "high")],
        &[("steps", "3")],
    ];
    let mut messages = Vec::new();
    for text in texts {
        let values: Vec<(&str, Value)> =
            text.iter().map(|(name, value)| (*name, value.parse().unwrap())).collect();
        let a: Result<derived::Slope, _> = from_values(&values);
        let b: Result<Slope, _> = from_values(&values);
        match (a, b) {
            (Ok(a), Ok(b)) => {
                assert_eq!(
                    (a.to_string(), a.check(), a.values()),
                    (b.to_string(), b.check(), b.values())
                );
                messages.push(b.check().map_or_else(|bad| bad.to_string(), |()| b.to_string()));
            }
            (a, b) => {
                messages.push(b.clone().unwrap_err().to_string());
                assert_eq!(a.unwrap_err(), b.unwrap_err());
            }
        }
    }
    assert_eq!(
        messages,
        [
            "Slope { slope: 0.5, steps: 10, ends: [0.0, 0.5], until: none }",
            "Slope: got both, wanted one",
            "Slope: got slope 0, wanted a finite number > 0",
            "Slope: got steps 0, wanted at least 1 step",
            "Slope: got end2 1, wanted a number in [0, 1)",
            "Slope: got ends [0.0], wanted a number in [0, 1)",
            "Slope: got until -0.5, wanted a finite number <= -1",
            "Slope: got slope high, wanted a finite number > 0",
            "Slope: got no slope, wanted `slope`",
        ]
    );
    let a = derived::Slope::new(0.1).slope(0.2).steps(3).ends(0.1, 0.2).until(-2.0);
    let b = Slope::new(0.1).slope(0.2).steps(3).ends(0.1, 0.2).until(-2.0);
    assert_eq!(a.to_string(), b.to_string());
    assert_eq!(a.clone().until(None).to_string(), b.until(None).to_string());
}

/// What another crate would have that has settings and no optimizers.
mod elsewhere {
    pub use gradus_tensor::settings::*;
}

/// Puts noise on pictures.
#[derive(Settings, Debug, Clone, PartialEq)]
#[settings(home = elsewhere, source = "nobody")]
struct Noise<const N: usize> {
    /// How much, for each channel.
    #[default([0.5; N])]
    #[above(0)]
    #[at_most(1)]
    amounts: [f64; N],
    /// What `type` means is up to the reader.
    #[default(Vec::new())]
    r#type: Vec<u64>,
}

#[test]
fn settings_of_other_things_and_crates() {
    let noise = Noise::<2>::default().r#type([3, 4]);
    assert_eq!(noise.to_string(), "Noise { amounts: [0.5, 0.5], type: [3, 4] }");
    let bad = noise.amounts([0.5, 0.0]).check().unwrap_err().to_string();
    assert_eq!(bad, "Noise: got amount2 0, wanted a number in (0, 1]");
    let by_name: Noise<2> = from_values(&[("amounts", "[1, 0.25]".parse().unwrap())]).unwrap();
    assert_eq!(by_name, Noise::new().amounts([1.0, 0.25]));
    assert_eq!(Noise::<2>::ABOUT.fields[1].name, "type");
}
