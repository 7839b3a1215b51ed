//! What the registry says of every entry, and that nothing is forgotten.

use std::collections::BTreeSet;

use gradus_optim::settings::{About, Value};
use gradus_optim::{
    Optimizer, RULES, Rule, SCHEDULES, Sam, Schedule, Settings, Sgd, rule, schedule,
};

/// Values for what has no default.
fn required(about: &About) -> Vec<(&'static str, Value)> {
    let needed = about.fields.iter().filter(|field| field.required);
    let value = |name| match name {
        "milestones" => Value::List(vec![Value::Count(3), Value::Count(5)]),
        "total" | "steps" | "every" | "first" | "up" | "warmup" => Value::Count(7),
        _ => Value::Number(0.5),
    };
    needed.map(|field| (field.name, value(field.name))).collect()
}

fn made(about: &About, values: &[(&str, Value)]) -> Result<String, String> {
    let settings: Box<dyn Settings> = match RULES.contains(&about) {
        true => Box::new(rule::<f32>(about.name, values).map_err(|e| e.to_string())?),
        false => {
            let schedule = schedule(about.name, values).map_err(|e| e.to_string())?;
            schedule.validate().map_err(|e| e.to_string())?;
            return Ok(format!("{:?}", &schedule as &dyn Schedule));
        }
    };
    settings.check().map_err(|bad| bad.to_string())?;
    assert_eq!(settings.about(), about);
    Ok(settings.values().iter().map(|(name, value)| format!("{name} {value}, ")).collect())
}

fn all() -> impl Iterator<Item = &'static About> {
    RULES.iter().chain(SCHEDULES).copied()
}

#[test]
fn every_entry_is_described_and_can_be_built_by_name() {
    let mut names = BTreeSet::new();
    for about in all() {
        assert!(names.insert(about.name), "two are called {}", about.name);
        assert!(!about.doc.is_empty() && about.doc.ends_with('.'), "{about:?}");
        assert!(
            !(about.torch.is_empty() && about.source.is_empty()),
            "{} is from nowhere",
            about.name
        );
        assert!(about.fields.iter().all(|f| f.doc.len() > 5 && f.doc.ends_with('.')), "{about:?}");
        let shown = made(about, &required(about)).unwrap();
        assert!(about.fields.iter().all(|field| shown.contains(field.name)), "{shown}");
    }
    let error = rule::<f32>("Adma", &[]).unwrap_err().to_string();
    assert!(error.starts_with("rule: got `Adma`, wanted one of Sgd, Asgd, "), "{error}");
    let error = schedule("Warm", &[]).err().unwrap().to_string();
    assert!(error.starts_with("schedule: got `Warm`, wanted one of Constant, "), "{error}");
}

#[test]
fn every_setting_outside_its_domain_is_refused() {
    let mut tried = 0;
    for about in all() {
        for field in about.fields {
            let domain = field.domain;
            let wrong = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.0, 1e9];
            for x in wrong.into_iter().filter(|x| !domain.contains(*x)) {
                let value = match (domain.whole, x == 0.0, field.default.starts_with('[')) {
                    (true, false, _) => continue,
                    (true, true, _) => Value::Count(0),
                    (_, _, true) => {
                        Value::List(vec![Value::Number(x); field.default.split(',').count()])
                    }
                    _ => Value::Number(x),
                };
                let mut values = required(about);
                values.retain(|(name, _)| *name != field.name);
                values.push((field.name, value));
                let error = made(about, &values).unwrap_err();
                let start = format!("{}: got {}", about.name, field.label.trim_end_matches('s'));
                assert!(error.starts_with(&start) && error.ends_with(&domain.wanted()), "{error}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn what_is_wrapped_is_found() {
    let mut sam = Sam::new(Sgd::new(0.1).momentum(0.9)).rho(0.2);
    assert_eq!(sam.title(), "Sam of Sgd");
    assert_eq!(
        (sam.value("rho"), sam.value("lr")),
        (Some(Value::Number(0.2)), Some(Value::Number(0.1)))
    );
    sam.set("lr", Value::Number(0.3)).unwrap();
    assert_eq!(
        sam.to_string(),
        "Sam { rule: Sgd { lr: 0.3, momentum: 0.9, dampening: 0.0, nesterov: false, \
         weight_decay: 0.0 }, rho: 0.2 }"
    );
    sam.set("momentum", Value::Number(2.0)).unwrap();
    let message = "Sgd: got momentum 2, wanted a number in [0, 1)";
    assert_eq!(sam.check().unwrap_err().to_string(), message);
    let optimizer: Optimizer<_> = sam.optimizer();
    assert_eq!(optimizer.validate().unwrap_err().to_string(), message);
}

/// The table of the readme, from the registry.
#[test]
fn the_readme_lists_every_entry() {
    let row = |about: &&About| {
        let torch = match about.torch {
            "" => "–".into(),
            torch => format!("`{}`", torch.rsplit('.').next().unwrap_or(torch)),
        };
        let settings: Vec<String> = about.fields.iter().map(|f| format!("`{}`", f.name)).collect();
        let source = if about.source.is_empty() { "–" } else { about.source };
        format!("| `{}` | {torch} | {} | {source} |\n", about.name, settings.join(", "))
    };
    let sam = Sam::<Box<dyn Rule>>::ABOUT;
    let table = |of: &[&About]| of.iter().map(row).collect::<String>();
    let rules = table(RULES) + &row(&sam);
    let head = "| PyTorch | settings | source |\n|---|---|---|---|\n";
    let want = format!("| rule {head}{rules}\n| schedule {head}{}", table(SCHEDULES));
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&want), "the readme should have:\n\n{want}");
}
