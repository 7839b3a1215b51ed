//! The end of an epoch: validation, a row of history, which epoch is best, the schedules.

use std::time::Instant;

use gradus_autograd::no_grad;
use gradus_nn::Context;
use gradus_serialize::{StateDict, state_dict};
use gradus_tensor::Float;

use super::hooks::{News, When};
use super::interrupt::Listener;
use super::moment::Moment;
use super::parts::{Part, Parts};
use super::run::nothing;
use super::state::Run;
use super::{Outcome, Tally, names};
use crate::Result;

/// What an epoch came to.
struct Judged {
    validated: Option<Tally>,
    /// What the schedules are told.
    observed: f64,
    is_best: bool,
    /// The weights that were judged, if they are the best.
    weights: Option<StateDict>,
}

impl<T: Float> Run<'_, T> {
    /// Closes the epoch, or says what ends training before that.
    pub(super) fn close_epoch(
        &mut self,
        parts: &mut dyn Parts<T>,
        moment: &mut Moment<T>,
        listener: &Listener,
    ) -> Result<Option<Outcome>> {
        let clock = Instant::now();
        // Should validation fail, the epoch is closed another time.
        let before = self.state.averaged.clone();
        if let Some(averaged) = &mut self.state.averaged {
            averaged.epoch(parts.model(), self.state.epoch + 1)?;
        }
        self.swap(parts);
        let judged = self.judge(parts, moment, listener);
        self.swap(parts);
        let Some(judged) = judged.inspect_err(|_| self.state.averaged = before.clone())? else {
            self.state.averaged = before;
            return Ok(Some(Outcome::Interrupted));
        };
        self.state.seconds += clock.elapsed().as_secs_f64();
        self.close(parts, judged)
    }

    /// Exchanges the weights with their averages, if they are kept.
    fn swap(&mut self, parts: &mut dyn Parts<T>) {
        if let Some(averaged) = &mut self.state.averaged {
            averaged.swap(parts.both().0);
        }
    }

    /// Validates, and says whether the epoch is the best; `None` if that was interrupted.
    fn judge(
        &mut self,
        parts: &mut dyn Parts<T>,
        moment: &mut Moment<T>,
        listener: &Listener,
    ) -> Result<Option<Judged>> {
        let mut validated = None;
        if parts.validates() {
            parts.begin(Part::Validation);
            let start = parts.position(Part::Validation);
            let tally = validate(parts, moment, listener);
            if !matches!(tally, Ok(Some(_))) {
                parts.restore(Part::Validation, start)?;
            }
            let Some(tally) = tally? else { return Ok(None) };
            let at = (parts.position(Part::Validation), self.about(parts, Part::Validation));
            self.state.validation = Some(at);
            validated = Some(tally);
        }
        let settings = &self.state.settings;
        let (observed, (best, goal)) =
            names::values(settings, &self.state.tally, validated.as_ref())?;
        let wants_weights = settings.restore_best || settings.folder.is_some();
        let is_best = self.state.monitor.take(best, goal);
        let weights = match is_best && wants_weights {
            true => Some(state_dict(parts.model())?),
            false => None,
        };
        Ok(Some(Judged { validated, observed, is_best, weights }))
    }

    /// Writes everything down.
    fn close(&mut self, parts: &mut dyn Parts<T>, judged: Judged) -> Result<Option<Outcome>> {
        let Judged { validated, observed, is_best, weights } = judged;
        let state = &mut *self.state;
        let trained = std::mem::take(&mut state.tally);
        let mut row = vec![("epoch".to_string(), (state.epoch + 1) as f64)];
        row.extend(trained.columns("train"));
        row.extend(validated.iter().flat_map(|tally| tally.columns("validation")));
        let rates = parts.optimizers().all().into_iter().zip(&state.rates);
        row.extend(rates.map(|((name, _), rate)| (rate_column(name), *rate)));
        row.push(("seconds".to_string(), std::mem::take(&mut state.seconds)));
        self.history.add(&row)?;
        trained.explain("train", self.history);
        validated.iter().for_each(|tally| tally.explain("validation", self.history));

        state.epoch += 1;
        state.trained = false;
        let mut line = format!("epoch {}/{}", state.epoch, state.settings.epochs);
        for (name, tally) in [("train", Some(&trained)), ("validation", validated.as_ref())] {
            line += &tally.map_or(String::new(), |tally| format!("  {name} {}", tally.line()));
        }
        self.progress.end_epoch(&line);
        if state.settings.restore_best && weights.is_some() {
            state.best.clone_from(&weights);
        }
        for (_, optimizer) in parts.both().1.all_mut() {
            optimizer.observe(observed);
        }
        let mut news = News {
            epoch: state.epoch,
            step: state.step,
            loss: state.loss,
            train: &trained,
            validation: validated.as_ref(),
            gradients: None,
            is_best,
            stop: false,
            lines: Vec::new(),
        };
        let called = parts.call(When::Epoch, &mut news);
        let (stop, lines) = (news.stop, news.lines);
        lines.iter().for_each(|line| self.progress.print(line));
        self.save_epoch(parts, weights)?;
        called?;
        Ok(stop.then_some(Outcome::Stopped))
    }
}

/// The column of an optimizer's learning rate.
fn rate_column(name: &str) -> String {
    match name {
        "" => "lr".into(),
        name => format!("lr_{name}"),
    }
}

/// A pass over the validation data; `None` if it was interrupted.
fn validate<T: Float>(
    parts: &mut dyn Parts<T>,
    moment: &mut Moment<T>,
    listener: &Listener,
) -> Result<Option<Tally>> {
    let mut context = Context::eval().naming(parts.model());
    let (mut tally, mut batches) = (Tally::default(), 0);
    moment.training = false;
    while parts.fetch()? {
        batches += 1;
        let step = no_grad(|| parts.step(moment, &mut context))?;
        tally.add(&step)?;
        if listener.heard() {
            return Ok(None);
        }
    }
    if batches == 0 {
        return Err(nothing("validation"));
    }
    Ok(Some(tally))
}
