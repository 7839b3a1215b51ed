//! What a person sees: progress and images, plain where there is no terminal.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use gradus_tensor::Tensor;
use gradus_train::{Gallery, Progress};

use crate::message;

/// A pipe whose other end can be looked at.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_pipe_gets_one_plain_line_for_each_epoch() {
    let pipe = Pipe::default();
    let mut progress = Progress::to_writer(2, 3, "images", Box::new(pipe.clone()));
    for epoch in 1..=2 {
        for step in 0..3 {
            progress.step(10, &[("loss", f64::from(step)), ("accuracy", 0.5)]);
        }
        assert_eq!(["loss", "accuracy"].map(|name| progress.mean(name)), [Some(1.0), Some(0.5)]);
        progress.end_epoch(&format!("\u{1b}[32mepoch {epoch}/2\u{1b}[0m\r  loss 1.0000"));
        assert_eq!(progress.mean("loss"), None);
    }
    progress.finish();
    drop(progress);
    assert_eq!(pipe.text(), "epoch 1/2  loss 1.0000\nepoch 2/2  loss 1.0000\n");
}

#[test]
fn odd_counts_do_no_harm() {
    let mut progress = Progress::to_writer(0, 0, "", Box::new(io::sink()));
    progress.start_at(usize::MAX, usize::MAX);
    progress.step(0, &[("loss", f64::NAN)]);
    progress.end_epoch("");
    Progress::silent(1, 1).step(1, &[]);
}

#[test]
fn a_closed_pipe_does_not_stop_the_training() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let mut progress = Progress::to_writer(1, 1, "images", Box::new(Closed));
    progress.step(1, &[("loss", 1.0)]);
    progress.end_epoch("epoch 1/1");
    progress.print("done");
}

fn ramp(h: usize, w: usize) -> Tensor {
    Tensor::filled_by([1, h, w], |out| {
        out.iter_mut().enumerate().for_each(|(i, x)| *x = i as f32);
    })
}

#[test]
fn images_stand_side_by_side() {
    let mut gallery = Gallery::new().plain(true).columns(26);
    for caption in ["7 (99.8 %)", "3 (51.0 %)\nbut is 5", "a caption that is too long"] {
        gallery.add(&ramp(2, 5), caption).unwrap();
    }
    let text = gallery.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "  ..::--==      ..::--==",
            "++**##%%@@    ++**##%%@@",
            "7 (99.8 %)    3 (51.0 %)",
            "              but is 5",
            "",
            "  ..::--==",
            "++**##%%@@",
            "a caption t…",
        ]
    );
}

#[test]
fn plain_images_have_no_control_codes() {
    let mut gallery = Gallery::new().plain(true).columns(200);
    for size in [1, 8, 16, 17, 28, 100] {
        gallery.add(&ramp(size, size), "\u{1b}[1mcaption\u{1b}[0m\r").unwrap();
    }
    let text = gallery.to_string();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(text.lines().all(|line| line.chars().count() <= 200));
    assert!(text.contains('@') && text.contains("caption"));
    // Tests do not run on a terminal, so that is also what comes without asking for it.
    let mut unasked = Gallery::new();
    unasked.add(&ramp(8, 8), "x").unwrap();
    if !io::IsTerminal::is_terminal(&io::stdout()) {
        assert!(!unasked.to_string().contains('\u{1b}'));
    }
}

#[test]
fn a_terminal_gets_greys_and_every_line_ends_them() {
    let mut gallery = Gallery::new().plain(false);
    gallery.add(&ramp(8, 8), "small").unwrap();
    gallery.add(&ramp(28, 28), "large").unwrap();
    let text = gallery.to_string();
    assert!(text.contains("\u{1b}[48;5;16m") && text.contains("\u{1b}[48;5;231m"));
    assert!(text.contains('▀'));
    for line in text.lines().filter(|line| line.contains('\u{1b}')) {
        assert!(line.trim_end().ends_with("\u{1b}[0m"), "{line:?}");
    }
}

#[test]
fn odd_pixels_are_drawn() {
    let image = |values: &[f32]| Tensor::from_slice(values, [1, values.len()]).unwrap();
    let draw = |values: &[f32]| {
        let mut gallery = Gallery::new().plain(true);
        gallery.add(&image(values), "").unwrap();
        gallery.to_string()
    };
    assert_eq!(draw(&[f32::NAN, 0.0, 1.0]), "??  @@");
    assert_eq!(draw(&[f32::NEG_INFINITY, 0.0, 1.0, f32::INFINITY]), "    @@@@");
    assert_eq!(draw(&[f32::MIN, 0.0, f32::MAX]), "  ++@@");
    assert_eq!(draw(&[0.0, 0.0]), "");
    assert_eq!(draw(&[0.5, 0.5]), "@@@@");
    assert_eq!(draw(&[f32::NAN]), "??");
    assert_eq!(Gallery::new().to_string(), "");
}

#[test]
fn what_is_no_grey_image_is_refused() {
    let mut gallery = Gallery::new();
    for shape in [&[3, 8, 8][..], &[8], &[], &[1, 1, 8, 8], &[1, 0, 8], &[8, 0]] {
        let text = message(gallery.add(&Tensor::zeros(shape), ""));
        assert!(text.starts_with(&format!("Gallery::add: got shape {shape:?}")), "{text}");
    }
    let text = message(gallery.add(&Tensor::zeros([1001, 1000]), ""));
    assert!(text.contains("got an image of 1001×1000 pixels"), "{text}");
}
