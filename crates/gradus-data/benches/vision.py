"""The peers of vision.rs: python benches/vision.py FILE.jpg, with Pillow, torch and torchvision."""

import io
import sys
import time

import numpy as np
import torch
import torchvision.transforms.v2 as T
import torchvision.transforms.v2.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

torch.set_num_threads(1)
torch.manual_seed(1)
file = open(sys.argv[1], "rb").read()
pil = Image.open(io.BytesIO(file)).convert("RGB")
x = torch.tensor(np.asarray(pil)).permute(2, 0, 1).contiguous()
small_pil = pil.resize((224, 224), Image.BILINEAR)
small = torch.tensor(np.asarray(small_pil)).permute(2, 0, 1).contiguous()


def rate(name, work):
    best = 0
    for _ in range(5):
        start, n = time.perf_counter(), 0
        while time.perf_counter() - start < 0.3:
            work()
            n += 1
        best = max(best, n / (time.perf_counter() - start))
    print(f"{name:40} {best:9.1f} a second")


def decoded():
    return Image.open(io.BytesIO(file)).convert("RGB")


print(sys.argv[1], pil.size)
rate("decode (Pillow)", decoded)
rate("resize 256, bilinear (Pillow)", lambda: F.resize(pil, [256], InterpolationMode.BILINEAR))
rate("resize 256, bilinear (tensor)", lambda: F.resize(x, [256], InterpolationMode.BILINEAR))
rate("resize 256, bicubic (Pillow)", lambda: F.resize(pil, [256], InterpolationMode.BICUBIC))
rate("resize 256, bicubic (tensor)", lambda: F.resize(x, [256], InterpolationMode.BICUBIC))
for name, s in [("Pillow", small_pil), ("tensor", small)]:
    rate(f"224: rotate, bilinear ({name})", lambda: F.rotate(s, 10, InterpolationMode.BILINEAR))
    rate(f"224: rotate, nearest ({name})", lambda: F.rotate(s, 10))
    rate(f"224: brightness ({name})", lambda: F.adjust_brightness(s, 1.2))
    rate(f"224: saturation ({name})", lambda: F.adjust_saturation(s, 1.2))
    rate(f"224: hue ({name})", lambda: F.adjust_hue(s, 0.1))
    rate(f"224: sharpness ({name})", lambda: F.adjust_sharpness(s, 1.2))
    rate(f"224: equalize ({name})", lambda: F.equalize(s))
    rate(f"224: blur 5 ({name})", lambda: F.gaussian_blur(s, [5, 5], [1.0, 1.0]))
    augment = T.RandAugment()
    rate(f"224: RandAugment ({name})", lambda: augment(s))
prepare = T.Compose([
    T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToImage(), T.ToDtype(torch.float32, scale=True),
    T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
rate("file to training tensor (Pillow)", lambda: prepare(decoded()))
