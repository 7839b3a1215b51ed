//! The public data sets that this library reads.
//!
//! Sizes and sums of MNIST, tiny Shakespeare and the dictionary were computed from the files; those of the others are
//! what several who fetched them state: the checksums of TensorFlow's data sets, torchaudio, MLDatasets.

use super::{PublicData, PublicFile};

macro_rules! files {
    ($($name:literal at $url:expr, $bytes:literal, $sha256:literal;)+) => {
        &[$(PublicFile { name: $name, url: concat!($url, $name), bytes: $bytes, sha256: $sha256 }),+]
    };
}

impl PublicData<'static> {
    /// 70,000 handwritten digits of 28 × 28, for [`Mnist::from_dir`](crate::Mnist::from_dir). (LeCun, Cortes, Burges; CC BY-SA 3.0.)
    pub const MNIST: Self = Self {
        name: "MNIST",
        files: files! {
            "train-images-idx3-ubyte.gz" at "https://storage.googleapis.com/cvdf-datasets/mnist/",
                9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609";
            "train-labels-idx1-ubyte.gz" at "https://storage.googleapis.com/cvdf-datasets/mnist/",
                28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c";
            "t10k-images-idx3-ubyte.gz" at "https://storage.googleapis.com/cvdf-datasets/mnist/",
                1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6";
            "t10k-labels-idx1-ubyte.gz" at "https://storage.googleapis.com/cvdf-datasets/mnist/",
                4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6";
        },
        folder: None,
    };

    /// 70,000 pictures of clothes of 28 × 28, for [`Mnist::from_dir`](crate::Mnist::from_dir). (Zalando; MIT.)
    pub const FASHION_MNIST: Self = Self {
        name: "Fashion-MNIST",
        files: files! {
            "train-images-idx3-ubyte.gz" at "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84";
            "train-labels-idx1-ubyte.gz" at "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845";
            "t10k-images-idx3-ubyte.gz" at "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073";
            "t10k-labels-idx1-ubyte.gz" at "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5";
        },
        folder: None,
    };

    /// 60,000 pictures of 32 × 32 of ten classes, for [`Cifar::cifar10`](crate::vision::Cifar::cifar10).
    /// (Krizhevsky, 2009.)
    pub const CIFAR_10: Self = Self {
        name: "CIFAR-10",
        files: files! {
            "cifar-10-binary.tar.gz" at "https://www.cs.toronto.edu/~kriz/",
                170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd";
        },
        folder: Some("cifar-10-batches-bin"),
    };

    /// The same with a hundred classes, for [`Cifar::cifar100`](crate::vision::Cifar::cifar100).
    pub const CIFAR_100: Self = Self {
        name: "CIFAR-100",
        files: files! {
            "cifar-100-binary.tar.gz" at "https://www.cs.toronto.edu/~kriz/",
                168_513_733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec";
        },
        folder: Some("cifar-100-binary"),
    };

    /// 105,829 spoken words of a second, a folder for each word, version 0.02: for
    /// [`RecordingFolder`](crate::audio::RecordingFolder). (Warden, 2018; CC BY 4.0.)
    pub const SPEECH_COMMANDS: Self = Self {
        name: "Speech Commands",
        files: files! {
            "speech_commands_v0.02.tar.gz" at "https://storage.googleapis.com/download.tensorflow.org/data/",
                2_428_923_189, "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58";
        },
        folder: Some("speech_commands_v0.02"),
    };

    /// Tiny Shakespeare, a million characters for a language model. (Karpathy, char-rnn; public domain.)
    pub const TINY_SHAKESPEARE: Self = Self {
        name: "tiny Shakespeare",
        files: files! {
            "input.txt" at "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
                1_115_394, "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";
        },
        folder: None,
    };

    /// 349,046 Chinese words and how often each occurs: the dictionary of jieba 0.42.1, for the splitter of the feature
    /// `jieba`. (Sun Junyi; MIT.)
    pub const JIEBA: Self = Self {
        name: "jieba's dictionary",
        files: files! {
            "dict.txt" at "https://raw.githubusercontent.com/fxsjy/jieba/67fa2e36e72f69d9134b8a1037b83fbb070b9775/jieba/",
                5_071_852, "7197c3211ddd98962b036cdf40324d1ea2bfaa12bd028e68faa70111a88e12a8";
        },
        folder: None,
    };

    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::MNIST,
        Self::FASHION_MNIST,
        Self::CIFAR_10,
        Self::CIFAR_100,
        Self::SPEECH_COMMANDS,
        Self::TINY_SHAKESPEARE,
        Self::JIEBA,
    ];
}
