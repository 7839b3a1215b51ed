//! Every reader of bytes that come from elsewhere, with a whole file for each to begin from.

use std::path::Path;

use gradus::data::audio::{Audio, SphinxMfcc, WavEncoding, read_wav};
use gradus::data::text::{Invalid, Tokenizer, WordPieceTrainer};
use gradus::data::vision::{Image, ImageReader, Packed, save_png};
use gradus::data::{Csv, LabelledTexts, idx};
use gradus::models::decode::NGram;
use gradus::serialize::{Checkpoint, safetensors};
use gradus::tensor::{Rng, Tensor};
use gradus::train::{Config, History};

/// A reader.
pub struct Reader {
    /// What it reads.
    pub name: &'static str,
    /// Reads, or gives an error; the folder is for readers that take a path.
    pub read: fn(&[u8], &Path) -> bool,
    /// A file that it reads.
    pub whole: fn(&Path) -> Vec<u8>,
    /// How many bytes of memory it may take for each byte of the file.
    pub multiple: usize,
}

/// The largest picture that is asked for.
const PIXELS: u64 = 1 << 16;

/// All of them.
pub const READERS: &[Reader] = &[
    Reader {
        name: "safetensors",
        read: |bytes, _| safetensors::from_bytes(bytes).is_ok(),
        whole: |_| {
            let mut state = gradus::serialize::StateDict::new();
            state.insert("a", Tensor::<f32>::ones([2, 3]));
            safetensors::to_bytes(&state, &[("k".to_string(), "v".to_string())].into()).unwrap()
        },
        multiple: 64,
    },
    Reader {
        name: "checkpoint",
        read: |bytes, _| Checkpoint::from_bytes(&summed(bytes)).is_ok(),
        whole: |_| {
            let mut checkpoint: Checkpoint = Checkpoint::default();
            checkpoint.meta.insert("task".to_string(), "digits".to_string());
            let x = Tensor::uniform([3, 2], 0.0, 1.0, &mut Rng::new(1)).unwrap();
            checkpoint.model.insert("w", x);
            checkpoint.to_bytes().unwrap()
        },
        multiple: 64,
    },
    Reader {
        name: "idx",
        read: |bytes, _| {
            idx::read_images(bytes, "x").is_ok() | idx::read_labels(bytes, "x").is_ok()
        },
        whole: |_| {
            let head = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3];
            [&head[..], &[7; 12]].concat()
        },
        multiple: 64,
    },
    Reader {
        name: "csv",
        read: |bytes, _| Csv::new().parse("x", bytes).is_ok(),
        whole: |_| b"length,width,kind\n5.1,3.5,setosa\n4.9,\"3,0\",\"a \"\"b\"\"\"\n".to_vec(),
        multiple: 256,
    },
    Reader {
        name: "texts",
        read: |bytes, folder| {
            let path = file(bytes, folder);
            LabelledTexts::from_tsv(&path, Invalid::Replace).is_ok()
                | LabelledTexts::from_json_lines(&path, "text", "class", Invalid::Replace).is_ok()
        },
        whole: |_| {
            b"{\"text\": \"good \\u00e9\", \"class\": \"a\"}\n{\"text\": \"bad\", \"class\": \"b\"}\n".to_vec()
        },
        multiple: 256,
    },
    Reader {
        name: "config",
        read: |bytes, folder| Config::read(file(bytes, folder)).is_ok(),
        whole: |_| {
            b"# a run\nlr = 0.1\nepochs = 3\nnesterov = true\n\"a b\" = \"c \\\"d\\\"\"\n".to_vec()
        },
        multiple: 256,
    },
    Reader {
        name: "history",
        read: |bytes, folder| History::read(file(bytes, folder)).is_ok(),
        whole: |_| b"epoch,seconds,lr,train loss\n1,0.5,0.1,2.25\n2,0.5,0.1,1.75\n".to_vec(),
        multiple: 512,
    },
    Reader {
        name: "wav",
        read: |bytes, _| read_wav(bytes, "x").is_ok(),
        whole: |folder| {
            let path = folder.join("whole.wav");
            let audio =
                Audio::new(8000, 2, vec![0.0, 0.5, -0.5, 0.25, 0.0, 0.0, 1.0, 0.0]).unwrap();
            gradus::data::audio::save_wav(&path, &audio, WavEncoding::Int16).unwrap();
            std::fs::read(path).unwrap()
        },
        multiple: 64,
    },
    Reader {
        name: "picture",
        read: |bytes, _| ImageReader::new().max_pixels(PIXELS).read(bytes, "x").is_ok(),
        whole: |folder| {
            let path = folder.join("whole.png");
            let image = Image::new([4, 3], 3, (0..36).collect()).unwrap();
            save_png(&path, &image).unwrap();
            std::fs::read(path).unwrap()
        },
        multiple: 1024,
    },
    Reader {
        name: "bitmap",
        read: |bytes, _| ImageReader::new().max_pixels(PIXELS).read(bytes, "x").is_ok(),
        whole: |_| {
            let mut bytes = b"BM".to_vec();
            let mut number = |n: u32| bytes.extend(n.to_le_bytes());
            [54 + 24, 0, 54, 40, 2, 3, 1 | 24 << 16, 0, 24, 0, 0, 0, 0]
                .into_iter()
                .for_each(&mut number);
            bytes.extend([9; 24]);
            bytes
        },
        multiple: 1024,
    },
    Reader {
        name: "packed pictures",
        read: |bytes, folder| {
            use gradus::data::Dataset;
            Packed::open(file(bytes, folder)).is_ok_and(|packed| {
                (0..packed.len().min(4)).filter(|&i| packed.get(i).is_ok()).count() > 0
            })
        },
        whole: |folder| {
            let path = folder.join("whole.pics");
            let digits = gradus::data::Digits::load().unwrap();
            let few =
                gradus::data::Subset::new(digits.images().clone().pictures(), vec![0, 1]).unwrap();
            Packed::write(&few, &path, 1).unwrap();
            std::fs::read(path).unwrap()
        },
        multiple: 256,
    },
    Reader {
        name: "tokenizer",
        read: |bytes, _| Tokenizer::from_json(bytes, "x").is_ok(),
        whole: |_| {
            let tokenizer = WordPieceTrainer::new(40).train(["to be or not to be"]).unwrap();
            tokenizer.to_json().unwrap().into_bytes()
        },
        multiple: 1024,
    },
    Reader {
        name: "ranks",
        read: |bytes, _| Tokenizer::from_tiktoken::<String>(bytes, "x", []).is_ok(),
        whole: |_| {
            use std::fmt::Write;
            let mut text = String::new();
            const LETTERS: &[u8; 64] =
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            for byte in 0..=255_usize {
                let pair = [LETTERS[byte >> 2], LETTERS[(byte & 3) << 4]].map(char::from);
                writeln!(text, "{}{}== {byte}", pair[0], pair[1]).unwrap();
            }
            text.into_bytes()
        },
        multiple: 1024,
    },
    Reader {
        name: "n-grams",
        read: |bytes, _| NGram::parse("x", &String::from_utf8_lossy(bytes)).is_ok(),
        whole: |_| {
            b"\\data\\\nngram 1=3\nngram 2=1\n\n\\1-grams:\n-1.0 <s> -0.5\n-0.5 a -0.3\n-0.5 </s>\n\n\\2-grams:\n-0.2 <s> a\n\n\\end\\\n"
                .to_vec()
        },
        multiple: 512,
    },
    Reader {
        name: "cepstra",
        read: |bytes, folder| SphinxMfcc::read(file(bytes, folder)).is_ok(),
        whole: |_| {
            let numbers = (0..2 * SphinxMfcc::SIZE).flat_map(|i| (i as f32).to_be_bytes());
            let count = (2 * SphinxMfcc::SIZE) as i32;
            count.to_be_bytes().into_iter().chain(numbers).collect()
        },
        multiple: 64,
    },
];

/// The bytes as a file.
fn file(bytes: &[u8], folder: &Path) -> std::path::PathBuf {
    let path = folder.join("bytes");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A checkpoint whose header and index have the checksums that they ask for, so that what lies behind them
/// is looked at.
fn summed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() > 40 {
        let sum = crc32fast::hash(&bytes[..36]);
        bytes[36..40].copy_from_slice(&sum.to_le_bytes());
        let index = u64::from_le_bytes(bytes[20..28].try_into().unwrap());
        if let Some(end) = usize::try_from(index).ok().and_then(|n| n.checked_add(40))
            && end.saturating_add(4) <= bytes.len()
        {
            let sum = crc32fast::hash(&bytes[40..end]);
            bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
        }
    }
    bytes
}
