//! The safetensors format: against the specification, against other people's files, against noise.

use std::collections::BTreeMap;

use gradus_serialize::safetensors::{self, Weights};
use gradus_serialize::{Dtype, StateDict, TensorBytes};
use gradus_tensor::{Rng, Tensor};

use crate::fixtures::{assert_same_bits, odd_tensors, shared};

/// A file by the letter of the specification.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn error(bytes: &[u8]) -> String {
    safetensors::from_bytes(bytes).map(|_| ()).expect_err("this file is wrong").to_string()
}

#[test]
fn a_file_made_by_hand_is_read_and_written_byte_for_byte() {
    let header = concat!(
        r#"{"__metadata__":{"author":"me","format":"pt"},"#,
        r#""n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#,
        r#""w":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"#,
        r#""m":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}      "#,
    );
    let data = [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 0, 1];
    let bytes = file(header, &data);
    let Weights { tensors, metadata } = safetensors::from_bytes(&bytes).unwrap();
    assert_eq!(tensors.tensor::<i64>("n").unwrap(), Tensor::scalar(5));
    assert_eq!(
        tensors.tensor("w").unwrap(),
        Tensor::from_vec(vec![1.0_f32, -2.0], [1, 2]).unwrap()
    );
    assert_eq!(tensors.tensor("m").unwrap(), Tensor::vector([true, false, true]));
    assert_eq!(metadata["author"], "me");
    let written = safetensors::to_bytes(&tensors, &metadata).unwrap();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&bytes));
    assert_eq!(written, bytes);
}

#[test]
fn every_tensor_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.safetensors");
    let metadata: BTreeMap<String, String> =
        (0..20).map(|i| (format!("key {i} \"\\"), format!("值 {i}"))).collect();
    safetensors::write(&path, &odd_tensors(), &metadata).unwrap();
    let weights = safetensors::read(&path).unwrap();
    assert_same_bits(&weights.tensors, &odd_tensors());
    assert_eq!(weights.metadata, metadata);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes, safetensors::to_bytes(&odd_tensors(), &metadata).unwrap());
    // The package's own reader agrees.
    let theirs = ::safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(theirs.len(), odd_tensors().len());
    for (name, tensor) in odd_tensors() {
        let view = theirs.tensor(&name).unwrap();
        assert_eq!((view.shape(), view.data()), (tensor.shape(), &tensor.to_le_bytes()[..]));
    }
}

#[test]
fn no_tensors_and_no_metadata_are_a_file_too() {
    let none = BTreeMap::new();
    let one = BTreeMap::from([("a".into(), "b".into())]);
    for metadata in [none, one] {
        let bytes = safetensors::to_bytes(&StateDict::new(), &metadata).unwrap();
        let wanted = Weights { tensors: StateDict::new(), metadata };
        assert_eq!(safetensors::from_bytes(&bytes).unwrap(), wanted);
    }
}

#[test]
fn half_precision_stays_half_precision() {
    let header = concat!(
        r#"{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"#,
        r#""b":{"dtype":"BF16","shape":[2,1],"data_offsets":[6,10]}}"#,
    );
    let data = [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0x80, 0x3f, 0x49, 0xc0];
    let tensors = safetensors::from_bytes(&file(header, &data)).unwrap().tensors;
    let half = tensors.get("h").unwrap();
    assert_eq!(half.dtype(), Dtype::F16);
    assert_eq!(half.cast::<f32>().to_vec(), [1.0, 2.0_f32.powi(-24), f32::NEG_INFINITY]);
    let brain = tensors.get("b").unwrap();
    assert_eq!((brain.dtype(), brain.shape()), (Dtype::BF16, &[2, 1][..]));
    assert_eq!(brain.cast::<f32>().to_vec(), [1.0, -3.140625]);
    // Written again it is the same.
    let again = safetensors::to_bytes(&tensors, &BTreeMap::new()).unwrap();
    assert_eq!(safetensors::from_bytes(&again).unwrap().tensors, tensors);
    // More numbers than the buffer between file and tensor holds.
    let header = r#"{"h":{"dtype":"F16","shape":[50000],"data_offsets":[0,100000]}}"#;
    let data: Vec<u8> = (0..50_000_u32).flat_map(|i| ((i % 0x7c00) as u16).to_le_bytes()).collect();
    let long = safetensors::from_bytes(&file(header, &data)).unwrap().tensors;
    let long = long.get("h").unwrap().cast::<f32>();
    assert_eq!(long.get([0x3c00]).unwrap(), 1.0);
    assert_eq!(long.get([0x7800]).unwrap(), 32768.0);
}

#[test]
fn a_type_that_no_tensor_has_is_named() {
    let header = r#"{"fc.w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#;
    assert_eq!(
        error(&file(header, &[0; 4])),
        "the safetensors data: tensor `fc.w` has elements of type F8_E4M3, wanted BOOL, or one of I, U \
         and F with 8, 16, 32 or 64 bits (F8 excepted), or BF16; convert it in the program that wrote it"
    );
}

#[test]
fn files_that_break_the_rules_are_named() {
    let entry = |dtype: &str, shape: &str, from: u64, to: u64| {
        format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{from},{to}]}}}}"#)
    };
    let cases: [(Vec<u8>, &str); 16] = [
        (vec![], "it has 0 bytes, and the length of the header takes 8"),
        (vec![1, 2, 3], "it has 3 bytes"),
        (b"PK\x03\x04\x14\x00\x08\x08archive".to_vec(), "it is a file of torch.save; in Python"),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 jP".to_vec(), "it is a file of torch.save; in Python"),
        (b"\x93NUMPY\x01\x00v\x00{".to_vec(), "it is an array of NumPy"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec(), "it is packed with gzip"),
        (u64::MAX.to_le_bytes().to_vec(), "its header should have 18446744073709551615 bytes"),
        (file("{}", &[])[..9].to_vec(), "its header should have 2 bytes, but only 1 follow"),
        (file("", &[]), "its header is wrong"),
        (file("[1, 2]", &[]), "its header is wrong"),
        (file(&"[".repeat(5000), &[]), "its header is wrong"),
        (file(&entry("F32", "[2]", 0, 8), &[0; 7]), "7 bytes follow its header"),
        (file(&entry("F32", "[2]", 0, 8), &[0; 9]), "9 bytes follow its header"),
        (file(&entry("F32", "[3]", 0, 8), &[0; 8]), "its header is wrong"),
        (file(&entry("F32", "[2]", 1, 9), &[0; 9]), "its header is wrong"),
        (file(&entry("BOOL", "[2]", 0, 2), &[0, 2]), "tensor `w` holds a byte that is no bool"),
    ];
    for (bytes, wanted) in cases {
        let message = error(&bytes);
        let start = "the safetensors data is not a safetensors file that can be read: ";
        assert!(message.starts_with(start) && message.contains(wanted), "{message}");
    }
    for shape in ["[0,18446744073709551615]", "[9223372036854775807,0,2]", "[4294967296,0]"] {
        let result = safetensors::from_bytes(&file(&entry("F32", shape, 0, 0), &[]));
        if shape != "[4294967296,0]" {
            assert!(result.is_err(), "{shape}");
        }
    }
    let unknown = error(&file(&entry("F99", "[1]", 0, 4), &[0; 4]));
    assert!(unknown.contains("F99"), "{unknown}");
    assert!(error(&file(&entry("F32", "[1]", 9, 4), &[0; 4])).contains("its header is wrong"));
}

#[test]
fn paths_and_names_that_cannot_be_are_errors() {
    let absent = safetensors::read("/no/such/file.safetensors").unwrap_err().to_string();
    assert!(absent.starts_with("cannot read /no/such/file.safetensors: "), "{absent}");
    let mut dict = StateDict::new();
    dict.insert("__metadata__", Tensor::scalar(1_u8));
    assert_eq!(
        safetensors::to_bytes(&dict, &BTreeMap::new()).unwrap_err().to_string(),
        "a tensor cannot be called `__metadata__`, a name that the safetensors format keeps for \
         itself"
    );
}

#[test]
fn every_truncation_and_random_change_is_an_error_or_a_file() {
    let whole = safetensors::to_bytes(&odd_tensors(), &BTreeMap::new()).unwrap();
    for len in 0..whole.len() {
        error(&whole[..len]);
    }
    let mut rng = Rng::new(4);
    for _ in 0..5000 {
        let mut bytes = whole.clone();
        for _ in 0..=rng.below(4) {
            let at = rng.below(bytes.len());
            bytes[at] = rng.below(256) as u8;
        }
        // The elements have no checksum, so some changes give another valid file.
        let _ = safetensors::from_bytes(&bytes);
        let noise: Vec<u8> = (0..rng.below(200)).map(|_| rng.below(256) as u8).collect();
        error(&noise);
        error(&file(&String::from_utf8_lossy(&noise), &noise));
    }
}

/// Silero's voice detector, as its authors published it. The numbers were read from the file in
/// Python with `json` and `struct` alone.
#[test]
fn published_weights_are_read() {
    let Some(folder) = shared() else {
        println!("skipped: there is no folder of shared data");
        return;
    };
    let path = folder.join("data/pretrained/silero-vad/silero_vad_16k.safetensors");
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
        return;
    }
    let Weights { tensors, .. } = safetensors::read(&path).unwrap();
    assert_eq!(tensors.len(), 15);
    assert!(tensors.iter().all(|(_, tensor)| tensor.dtype() == Dtype::F32));
    assert_eq!(tensors.get("lstm_cell.weight_ih").unwrap().shape(), [512, 128]);
    assert_eq!(tensors.get("conv1.weight").unwrap().shape(), [128, 129, 3]);
    let bias = tensors.tensor::<f32>("final_conv.bias").unwrap();
    assert_eq!(bias.to_vec(), [-0.574_038_86]);
    let bias = tensors.tensor::<f32>("conv1.bias").unwrap().to_vec();
    assert_eq!(bias[..3], [0.857_393_26, 0.692_758_9, 1.569_172]);
    let sum: f64 = bias.iter().map(|&x| f64::from(x)).sum();
    assert!((sum - 18.798_567_395_657_3).abs() < 1e-12, "{sum}");
    // Against the package's own reader, byte for byte.
    let bytes = std::fs::read(&path).unwrap();
    let theirs = ::safetensors::SafeTensors::deserialize(&bytes).unwrap();
    for (name, tensor) in tensors.iter() {
        assert_eq!(tensor.to_le_bytes(), theirs.tensor(name).unwrap().data(), "{name}");
    }
}
