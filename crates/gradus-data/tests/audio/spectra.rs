//! Windows, spectra and mel filters, beside PyTorch, librosa and Whisper's own filters.

use std::f64::consts::TAU;
use std::io::Read;

use flate2::read::DeflateDecoder;
use gradus_data::audio::{MelFilters, MelScale, MelSpec, Padding, Stft, Window, power_to_db};

use crate::{cases, distance, message, number, numbers, reference, shared, signal};

#[test]
fn windows_of_pytorch() {
    let all = reference("windows");
    for (name, window) in [
        ("hann", Window::Hann),
        ("hamming", Window::Hamming),
        ("blackman", Window::Blackman),
        ("kaiser", Window::Kaiser { beta: 8.5 }),
        ("povey", Window::Povey),
    ] {
        for (kind, got) in [("periodic", window.periodic(25)), ("symmetric", window.symmetric(25))]
        {
            if let Some(wanted) = all.get(format!("{name} {kind}")) {
                let off = distance(&got, &numbers(wanted));
                assert!(off < 1e-7, "{name} {kind}: {off}");
            }
            // A periodic window is a symmetric one without its last.
            let longer = window.symmetric(26);
            assert!(distance(&window.periodic(25), &longer[..25]) < 1e-7);
        }
        assert!(window.periodic(0).is_empty() && window.symmetric(0).is_empty());
        assert_eq!((window.periodic(1), window.symmetric(1)), (vec![1.0], vec![1.0]));
    }
    assert_eq!(Window::Rectangular.periodic(3), [1.0; 3]);
}

#[test]
fn spectra_of_pytorch() {
    let sound = signal(100, 16_000);
    for case in cases("stft") {
        let (n_fft, hop) = (number(&case["n_fft"]), number(&case["hop"]));
        let window = Window::Hann.periodic(number(&case["length"]));
        let padding = match (case["center"].as_bool().unwrap(), case["mode"].as_str().unwrap()) {
            (false, _) => Padding::None,
            (true, "reflect") => Padding::Reflect,
            (true, _) => Padding::Zeros,
        };
        let stft = Stft::new(n_fft, hop).unwrap().window(&window).unwrap().padding(padding);
        let got = stft.complex(&sound).unwrap();
        assert_eq!((got.frames(), got.size()), (number(&case["frames"]), 2 * (n_fft / 2 + 1)));
        assert_eq!(got.frames(), stft.frames(sound.len()));
        let off = distance(got.values(), &numbers(&case["complex"]));
        assert!(off < 2e-6, "{stft:?}: {off}");

        let squares: Vec<f64> = got
            .values()
            .chunks_exact(2)
            .map(|z| f64::from(z[0]).powi(2) + f64::from(z[1]).powi(2))
            .collect();
        let power = stft.power(&sound).unwrap();
        assert!(distance(power.values(), &squares) < 1e-5);
        let roots: Vec<f64> = squares.iter().map(|x| x.sqrt()).collect();
        assert!(distance(stft.magnitude(&sound).unwrap().values(), &roots) < 1e-6);
        let mut logarithms = power;
        power_to_db(&mut logarithms, 1e-6, None).unwrap();
        assert_eq!(stft.log_power(&sound, 1e-6).unwrap(), logarithms);
    }
}

#[test]
fn a_spectrum_is_its_definition() {
    let sound = signal(64, 8000);
    let window = Window::Hamming.symmetric(15);
    let stft = Stft::new(15, 4).unwrap().window(&window).unwrap().padding(Padding::None);
    let got = stft.complex(&sound).unwrap();
    assert_eq!(got.frames(), 1 + (64 - 15) / 4);
    for (t, row) in got.rows().enumerate() {
        for (k, z) in row.chunks_exact(2).enumerate() {
            let (mut re, mut im) = (0.0, 0.0);
            for i in 0..15 {
                let x = f64::from(window[i]) * f64::from(sound[4 * t + i]);
                let angle = TAU * (k * i) as f64 / 15.0;
                re += x * angle.cos();
                im -= x * angle.sin();
            }
            assert!(distance(z, &[re, im]) < 1e-6, "frame {t}, bin {k}");
        }
    }
}

#[test]
fn how_many_frames() {
    for n_fft in [2, 3, 16, 33] {
        for hop in [1, 5, 16, 100] {
            for padding in [Padding::None, Padding::Zeros, Padding::Reflect] {
                let stft = Stft::new(n_fft, hop).unwrap().padding(padding);
                for n in [0, 1, 2, 15, 16, 17, 18, 40, 201] {
                    match stft.power(&vec![0.5; n]) {
                        Ok(power) => assert_eq!(power.frames(), stft.frames(n), "{stft:?}, {n}"),
                        Err(_) => assert!(padding == Padding::Reflect && n <= n_fft / 2),
                    }
                }
            }
        }
    }
}

#[test]
fn spectra_that_cannot_be() {
    assert!(message(Stft::new(400, 0)).contains("hop = 0"));
    assert!(Stft::new(400, usize::MAX).is_err());
    for n_fft in [0, 1, usize::MAX] {
        assert!(message(Stft::new(n_fft, 10)).contains("n_fft"));
    }
    let stft = Stft::new(400, 160).unwrap();
    assert_eq!(
        message(stft.power(&[0.0; 200])),
        "Padding::Reflect: got 200 samples, to be reflected, wanted more than 200, half a frame; or \
         another padding"
    );
    assert!(stft.log_power(&[0.0; 500], 0.0).is_err());
    assert!(message(stft.window(&[1.0; 401])).contains("at most n_fft = 400"));
    let nan = Stft::new(16, 16).unwrap().padding(Padding::None);
    let mut sound = [0.5; 48];
    sound[20] = f32::NAN;
    let power = nan.power(&sound).unwrap();
    let bad: Vec<bool> = power.rows().map(|row| row.iter().any(|x| x.is_nan())).collect();
    assert_eq!(bad, [false, true, false]);
}

#[test]
fn mel_scales() {
    let wanted = reference("hz_to_mel");
    for (scale, name) in [(MelScale::Slaney, "slaney"), (MelScale::Htk, "htk")] {
        for (hz, mels) in numbers(&wanted["hz"]).into_iter().zip(numbers(&wanted[name])) {
            assert!((scale.mels(hz) - mels).abs() < 1e-5 * (1.0 + mels), "{name}, {hz} Hz");
            assert!((scale.hz(scale.mels(hz)) - hz).abs() < 1e-9 * (1.0 + hz));
        }
    }
}

#[test]
fn mel_filters_and_spectra_of_librosa() {
    for case in cases("mel") {
        let (rate, n_fft) = (number(&case["rate"]) as u32, number(&case["n_fft"]));
        let filters = MelFilters::new(MelSpec {
            rate,
            n_fft,
            bands: number(&case["bands"]),
            low: case["low"].as_f64().unwrap(),
            high: case["high"].as_f64().unwrap(),
            scale: if case["htk"] == true { MelScale::Htk } else { MelScale::Slaney },
            normalized: case["norm"] == true,
        })
        .unwrap();
        let matrix = filters.matrix();
        let sums: Vec<f64> =
            matrix.rows().map(|row| row.iter().map(|&w| f64::from(w)).sum()).collect();
        assert!(distance(&sums, &numbers(&case["sums"])) < 1e-5);
        let moment = |row: &[f32]| (0..).zip(row).map(|(k, &w)| f64::from(k) * f64::from(w)).sum();
        let moments: Vec<f64> = matrix.rows().map(moment).collect();
        assert!(distance(&moments, &numbers(&case["moments"])) < 1e-3);

        let power = Stft::new(n_fft, n_fft / 2).unwrap().power(&signal(2 * n_fft, rate)).unwrap();
        let mel = filters.apply(&power).unwrap();
        let wanted = numbers(&case["spectrum"]);
        let largest = wanted.iter().copied().fold(0.0, f64::max);
        let off = distance(mel.values(), &wanted) / largest;
        assert!(off < 1e-6, "{case}: {off}");
    }
}

/// The numbers of an array in an .npz file: a zip of .npy files, without or with compression.
fn npz(file: &[u8], name: &str) -> Vec<f32> {
    let name = name.as_bytes();
    let short = |at: usize| u16::from_le_bytes(file[at..at + 2].try_into().unwrap()) as usize;
    // The name stands 30 bytes after the start of a header.
    let headers = (0..file.len() - 30).filter(|&at| file[at..].starts_with(b"PK\x03\x04"));
    let start = { headers }.find(|at| file[at + 30..].starts_with(name)).unwrap();
    let data = &file[start + 30 + short(start + 26) + short(start + 28)..];
    let mut array = Vec::new();
    if short(start + 8) == 8 {
        DeflateDecoder::new(data).read_to_end(&mut array).unwrap();
    } else {
        array = data.to_vec();
    }
    assert!(array.starts_with(b"\x93NUMPY\x01\x00"));
    let header = 10 + usize::from(array[8]) + 256 * usize::from(array[9]);
    let text = String::from_utf8_lossy(&array[10..header]).into_owned();
    assert!(text.contains("'<f4'") && text.contains("(80, 201)"), "{text}");
    array[header..header + 4 * 80 * 201]
        .as_chunks()
        .0
        .iter()
        .map(|&x| f32::from_le_bytes(x))
        .collect()
}

#[test]
fn the_filters_of_whisper() {
    let Some(path) = shared("speech/assets/mel_filters.npz") else { return };
    let wanted = npz(&std::fs::read(path).unwrap(), "mel_80.npy");
    let filters = MelFilters::new(MelSpec::slaney(16_000, 400, 80)).unwrap();
    let off = distance(filters.matrix().values(), &wanted);
    assert!(off < 1e-8, "{off}");
    assert!(filters.empty_bands().is_empty());
}

#[test]
fn filters_that_cannot_be() {
    let good = MelSpec::htk(16_000, 512, 40);
    assert!(MelFilters::new(good).is_ok());
    for bad in [
        MelSpec { bands: 0, ..good },
        MelSpec { bands: usize::MAX, ..good },
        MelSpec { rate: 0, ..good },
        MelSpec { n_fft: 0, ..good },
        MelSpec { n_fft: usize::MAX, ..good },
        MelSpec { low: -1.0, ..good },
        MelSpec { low: f64::NAN, ..good },
        MelSpec { low: 8000.0, ..good },
        MelSpec { high: 8001.0, ..good },
        MelSpec { high: f64::INFINITY, ..good },
    ] {
        assert!(message(MelFilters::new(bad)).starts_with("MelFilters::new: got"), "{bad:?}");
    }
    let filters = MelFilters::new(good).unwrap();
    let power = Stft::new(400, 160).unwrap().power(&[0.0; 1000]).unwrap();
    let error = message(filters.apply(&power));
    assert!(error.ends_with("features of 201 numbers a frame, wanted 257 numbers a frame"));
    // Bands narrower than a bin: Hz 0 to 20 has no bin inside.
    let narrow = MelFilters::new(MelSpec { high: 60.0, bands: 5, ..good }).unwrap();
    assert_eq!(narrow.empty_bands(), [0, 1, 4]);
}
