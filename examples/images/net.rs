//! The network: a small one for small pictures, or a ResNet with the names of torchvision, new or with given weights.

use gradus::models::ResNet;
use gradus::nn::Buffer;
use gradus::prelude::*;
use gradus::serialize::{StateDict, load_matching};

use crate::small::Small;

/// A network and what stands before it: pictures `[N, C, H, W]` from 0 to 1 are brought to mean 0 and deviation 1 by what the
/// training part has, which is saved with the network. One of the two bodies is there.
#[derive(Module)]
pub struct Net {
    mean: Buffer,
    deviation: Buffer,
    small: Option<Small>,
    resnet: Option<ResNet>,
    #[module(skip)]
    frozen: bool,
}

/// What ResNets of torchvision were trained with: the mean and the deviation of ImageNet's pictures.
const IMAGENET: [[f32; 3]; 2] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];

/// What a network is like.
#[derive(Clone, Copy)]
pub struct Form {
    /// Channels of a picture.
    pub channels: usize,
    /// Channels of the first layer.
    pub width: usize,
    /// How many classes there are.
    pub classes: usize,
    /// The depth of a ResNet; the small network without one.
    pub resnet: Option<usize>,
    /// Whether a ResNet begins as for small pictures.
    pub small_pictures: bool,
}

impl Net {
    /// A new network, and the mean and the deviation of each channel `[C, 1, 1]`.
    pub fn new(form: Form, [mean, deviation]: [Tensor; 2], rng: &mut Rng) -> Result<Self> {
        let Form { channels, width, classes, resnet, small_pictures } = form;
        let (mean, deviation) = (Buffer::new(mean), Buffer::new(deviation));
        let mut net = Self { mean, deviation, small: None, resnet: None, frozen: false };
        match resnet {
            None => net.small = Some(Small::new([channels, width, classes], rng)?),
            Some(depth) => {
                let settings = ResNet::new(depth, classes).channels(channels).width(width);
                net.resnet = Some(settings.small_images(small_pictures).init(rng)?);
            }
        }
        Ok(net)
    }

    /// A network in the form of given weights, with them in it: those of a run of this program, or of a ResNet of torchvision.
    /// For another number of classes the last layer is new.
    pub fn of(weights: StateDict, classes: Option<usize>, rng: &mut Rng) -> gradus::Result<Self> {
        let plain = weights.contains("layer1.0.conv1.weight");
        let prefixed =
            |name: &str| Some(if plain { format!("resnet.{name}") } else { name.into() });
        let mut weights = weights.renamed(prefixed)?;
        let small = weights.contains("small.fc.weight");
        let body = if small { "small" } else { "resnet" };
        let shape = |name: &str| weights.get(&format!("{body}.{name}")).map(|w| w.shape().to_vec());
        let start = shape(if small { "start.weight" } else { "conv1.weight" }).unwrap_or_default();
        let (&[width, channels, kernel, _], Some(known)) = (&start[..], shape("fc.bias")) else {
            return Err(gradus::Error::other(
                "these are no weights of this program, nor of a ResNet of torchvision: conv1.weight or fc.bias is missing",
            ));
        };
        let third = (0..64).take_while(|i| shape(&format!("layer3.{i}.conv1.weight")).is_some());
        let resnet = match (third.count(), shape("layer1.0.conv3.weight")) {
            _ if small => None,
            (2, _) => Some(18),
            (6, None) => Some(34),
            (6, _) => Some(50),
            (23, _) => Some(101),
            _ => Some(152),
        };
        let (known, small_pictures) = (known.first().copied().unwrap_or(0), kernel == 3);
        let classes = classes.unwrap_or(known);
        let stats =
            IMAGENET.map(|of| Tensor::from_slice(&of[..channels.min(3)], [channels.min(3), 1, 1]));
        let [mean, deviation] = stats;
        let form = Form { channels, width, classes, resnet, small_pictures };
        let mut net = Self::new(form, [mean?, deviation?], rng)?;
        if classes != known {
            weights.remove(&format!("{body}.fc.weight"));
            weights.remove(&format!("{body}.fc.bias"));
        }
        let report = load_matching(&mut net, &weights);
        let needed = |name: &String| !name.contains(".fc.") && (!plain || name.contains('.'));
        match report.missing.iter().any(needed) || !report.wrong_shape.is_empty() {
            true => Err(gradus::Error::other(format!("the weights do not fit: {report}"))),
            false => Ok(net),
        }
    }

    /// From now on the last layer alone learns, and the body is that of use: its statistics stay as they are.
    pub fn freeze_body(&mut self) {
        self.freeze("");
        self.unfreeze("small.fc");
        self.unfreeze("resnet.fc");
        self.frozen = true;
    }

    /// How many channels pictures have.
    pub fn channels(&self) -> usize {
        self.mean.get().len()
    }

    /// The last maps, `[N, K, h, w]`: what Grad-CAM weighs.
    pub fn maps(&self, pictures: &Var, cx: &mut Context) -> Result<Var> {
        let x = pictures.sub(&self.mean.get().into())?.div(&self.deviation.get().into())?;
        match (&self.small, &self.resnet) {
            (Some(small), _) => small.maps(&x, cx),
            (_, Some(resnet)) => resnet.feature_map(&x, cx),
            _ => Ok(x),
        }
    }

    /// A score for each class, `[N, classes]`, from maps.
    pub fn scores(&self, maps: &Var, cx: &mut Context) -> Result<Var> {
        let means = GlobalAvgPool2d.forward(maps, cx)?;
        match (&self.small, &self.resnet) {
            (Some(small), _) => small.fc.forward(&means, cx),
            (_, Some(resnet)) => resnet.fc.forward(&means, cx),
            _ => Ok(means),
        }
    }

    /// The weights of the first convolution, `[K, C, h, w]`.
    pub fn filters(&self) -> Option<Tensor> {
        let small = self.small.as_ref().map(|small| &small.start);
        let first = small.or(self.resnet.as_ref().map(|resnet| &resnet.conv1));
        first.map(|conv| conv.weight.value().clone())
    }
}

impl Layer for Net {
    fn forward(&self, pictures: &Var, cx: &mut Context) -> Result<Var> {
        let maps = match self.frozen {
            true => no_grad(|| self.maps(pictures, &mut Context::eval()))?,
            false => self.maps(pictures, cx)?,
        };
        self.scores(&maps, cx)
    }
}
