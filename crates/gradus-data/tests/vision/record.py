#!/usr/bin/env python3
"""Records the reference pictures of these tests: GRADUS_SHARED=DIR python record.py > reference.json

DIR holds data/digits/china.jpg and flower.jpg. Needs Pillow (13.0 here), numpy, torch (2.15) and torchvision (0.29). Pictures are made here and, by the
same formula, in main.rs; bytes are in hexadecimal.
"""

import io
import json
import os
import struct
import zlib

import numpy as np
import torch
import torchvision.transforms.v2.functional as F
from PIL import Image, ImageOps
from torchvision import tv_tensors
from torchvision.transforms.functional import InterpolationMode

out = {}
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def noise(n, seed):
    state, values = seed, []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, dtype=np.uint8)


def noisy(height, width, channels, seed=1):
    """Noise: every error shows."""
    return noise(height * width * channels, seed).reshape(height, width, channels)


def smooth(height, width, channels):
    """Slopes, as of photographs: for coders that lose a little."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return ((x * (5 + c) + y * (3 + 2 * c) + 40 * c) // 2 % 256).astype(np.uint8)


def pil(a):
    return Image.fromarray(a[:, :, 0] if a.shape[2] == 1 else a, MODES[a.shape[2]])


def pixels(im):
    a = np.asarray(im)
    return {"height": a.shape[0], "width": a.shape[1], "channels": 1 if a.ndim == 2 else a.shape[2],
            "pixels": a.tobytes().hex()}


def entry(name, file, im, **more):
    return {"name": name, "file": file.hex(), **pixels(im), **more}


def written(im, format, **options):
    file = io.BytesIO()
    im.save(file, format, **options)
    return file.getvalue()


def palette(size=(13, 9), colours=16):
    im = Image.new("P", size)
    im.putpalette([int(v) for v in noise(3 * colours, 9)])
    im.putdata([int(v) % colours for v in noise(size[0] * size[1], 3)])
    return im


def interlaced(a):
    """A PNG in Adam7's seven passes, which Pillow reads and does not write."""
    rows = b""
    for y, x, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = a[y::dy, x::dx]
        rows += b"".join(b"\0" + row.tobytes() for row in part if row.size)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", a.shape[1], a.shape[0], 8, 2, 0, 0, 1)),
              (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)


# Files of Pillow, and what it reads from them.
out["png"] = []
for channels in MODES:
    im = pil(noisy(7, 5, channels))
    out["png"].append(entry(MODES[channels], written(im, "PNG"), im))
im = palette()
out["png"].append(entry("palette", written(im, "PNG"), im.convert("RGB")))
file = written(im, "PNG", transparency=3)
out["png"].append(entry("palette with tRNS", file, Image.open(io.BytesIO(file)).convert("RGBA")))
im = pil(noisy(7, 5, 3))
file = written(im, "PNG", transparency=tuple(int(v) for v in noisy(7, 5, 3)[2, 2]))
out["png"].append(entry("RGB with tRNS", file, Image.open(io.BytesIO(file)).convert("RGBA")))
im = pil(noisy(7, 17, 1)).point(lambda v: 255 * (v > 127), "1")
out["png"].append(entry("one bit", written(im, "PNG"), im.convert("L")))
deep = noisy(5, 6, 2)
im = Image.frombytes("I;16", (6, 5), deep.tobytes())
out["png"].append(entry("16 bits", written(im, "PNG"), Image.fromarray(np.ascontiguousarray(deep[:, :, 1]))))
file = interlaced(noisy(11, 13, 3))
out["png"].append(entry("interlaced", file, Image.open(io.BytesIO(file))))
im = pil(noisy(7, 5, 3))
file = written(im, "PNG", save_all=True, append_images=[pil(noisy(7, 5, 3, 2)), pil(noisy(7, 5, 3, 3))])
out["png"].append(entry("animation", file, im))
for value in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = value
    im = pil(noisy(4, 3, 3))
    file = written(im, "PNG", exif=exif)
    out["png"].append(entry(f"orientation {value}", file, ImageOps.exif_transpose(Image.open(io.BytesIO(file)))))

out["jpeg"] = []
for name, im, options in [
    ("grey", pil(smooth(19, 23, 1)), {}),
    ("4:4:4", pil(smooth(19, 23, 3)), {"subsampling": 0}),
    ("4:2:2", pil(smooth(19, 23, 3)), {"subsampling": 1}),
    ("4:2:0", pil(smooth(40, 33, 3)), {"subsampling": 2}),
    ("progressive", pil(smooth(40, 33, 3)), {"progressive": True}),
    ("restarts", pil(smooth(40, 33, 3)), {"restart_marker_rows": 1, "subsampling": 0}),
    ("CMYK", Image.frombytes("CMYK", (20, 18), smooth(18, 20, 4).tobytes()), {}),
    ("one pixel", pil(noisy(1, 1, 3)), {}),
]:
    file = written(im, "JPEG", quality=95, **options)
    read = Image.open(io.BytesIO(file))
    out["jpeg"].append(entry(name, file, read if read.mode == "L" else read.convert("RGB")))
for value in [3, 6]:
    exif = Image.Exif()
    exif[0x0112] = value
    file = written(pil(smooth(16, 24, 3)), "JPEG", quality=95, exif=exif)
    out["jpeg"].append(entry(f"orientation {value}", file, ImageOps.exif_transpose(Image.open(io.BytesIO(file)))))

out["bmp"] = []
for name, im in [("RGB", pil(noisy(7, 5, 3))), ("palette", palette()), ("grey", pil(noisy(7, 5, 1))),
                 ("one bit", pil(noisy(7, 17, 1)).convert("1")), ("RGBA", pil(noisy(7, 5, 4)))]:
    file = written(im, "BMP")
    read = Image.open(io.BytesIO(file))
    out["bmp"].append(entry(name, file, read if read.mode == "RGBA" else read.convert("RGB")))

# Kinds of the feature `image`.
out["other"] = []
for name, im, options in [("GIF", palette(), {}), ("WEBP", pil(noisy(7, 5, 3)), {"lossless": True}),
                          ("TIFF", pil(noisy(7, 5, 3)), {"compression": "tiff_lzw"}), ("PPM", pil(noisy(7, 5, 3)), {}),
                          ("ICO", pil(noisy(16, 16, 4)), {"sizes": [(16, 16)]})]:
    file = written(im, name, **options)
    read = Image.open(io.BytesIO(file))
    out["other"].append(entry(name, file, read if read.mode == "RGBA" else read.convert("RGB")))

# Resizing by Pillow, byte for byte.
out["resize"] = []
FILTERS = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR,
           "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [((12, 17), (5, 6)), ((5, 7), (13, 16)), ((9, 9), (4, 20)), ((16, 16), (16, 9)), ((3, 2), (1, 1)),
         ((1, 1), (3, 4)), ((33, 47), (7, 11))]
for name, filter in FILTERS.items():
    for channels in MODES:
        for old, new in SIZES:
            im = pil(noisy(*old, channels)).resize(new[::-1], filter)
            out["resize"].append({"filter": name, "from": old, **pixels(im)})
# More of them, as checksums.
out["resize sums"] = []
places = noise(400, 77)
for i in range(100):
    h, w, new_h, new_w = (int(v) + 1 for v in places[4 * i:4 * i + 4])
    name = ["nearest", "box", "bilinear", "bicubic", "lanczos"][i % 5]
    im = pil(noisy(h, w, 3)).resize((new_w, new_h), FILTERS[name])
    out["resize sums"].append({"filter": name, "from": [h, w], "to": [new_h, new_w], "crc": zlib.crc32(im.tobytes())})
out["torchvision resize"] = []
for name, mode in [("bilinear", InterpolationMode.BILINEAR), ("bicubic", InterpolationMode.BICUBIC)]:
    for old, new in SIZES:
        x = torch.tensor(noisy(*old, 3)).permute(2, 0, 1)
        y = F.resize(x, list(new), mode, antialias=True).permute(1, 2, 0).numpy()
        out["torchvision resize"].append({"filter": name, "from": old, **pixels(y)})

# Grey of every kind of colour.
ramp = noisy(16, 16, 3, 5)
out["luma"] = np.asarray(pil(ramp).convert("L")).tobytes().hex()

# Single changes by torchvision, of a noisy and of a smooth picture.
out["changes"] = []
NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR
BOXES = [[2.0, 1.0, 9.0, 8.0], [0.0, 0.0, 17.0, 13.0], [11.5, 3.25, 16.0, 12.5]]


def change(op, numbers, function, geometric=False, size=(13, 17), boxes=True):
    for name, make in [("noisy", lambda: noisy(*size, 3)), ("smooth", lambda: smooth(*size, 3))]:
        x = torch.tensor(make()).permute(2, 0, 1)
        y = function(x).permute(1, 2, 0).numpy()
        case = {"op": op, "numbers": numbers, "picture": name, "from": size, **pixels(y)}
        if geometric and boxes:
            b = tv_tensors.BoundingBoxes(torch.tensor(BOXES), format="XYXY", canvas_size=size)
            case["boxes"] = [float(v) for v in function(b).ravel()]
        out["changes"].append(case)


for mode, filter in [("nearest", NEAREST), ("bilinear", BILINEAR)]:
    for angle, translate, scale, shear in [
        (0.0, (3, -2), 1.0, (0.0, 0.0)), (90.0, (0, 0), 1.0, (0.0, 0.0)), (23.0, (1, 2), 1.3, (5.0, -8.0)),
        (-130.0, (0, 0), 0.6, (20.0, 0.0)), (0.0, (0, 0), 1.9, (0.0, 0.0)),
    ]:
        change("affine " + mode, [angle, *translate, scale, *shear], lambda x: F.affine(
            x, angle=angle, translate=list(translate), scale=scale, shear=list(shear), interpolation=filter), True)
    change("corner affine " + mode, [0.0, 0, 0, 1.0, 15.0, 0.0], lambda x: F.affine(
        x, angle=0, translate=[0, 0], scale=1, shear=[15.0, 0.0], interpolation=filter, center=[0, 0]), True)
    for angle in [37.0, -90.0, 180.0, 5.5]:
        for expand in [0, 1]:
            change("rotate " + mode, [angle, expand], lambda x: F.rotate(
                x, angle, interpolation=filter, expand=bool(expand)), True, boxes=not expand)
    for to in [[[2, 1], [14, 0], [16, 12], [1, 10]], [[0, 3], [10, 1], [12, 9], [5, 12]]]:
        start = [[0, 0], [16, 0], [16, 12], [0, 12]]
        change("perspective " + mode, [v for p in to for v in p], lambda x: F.perspective(
            x, start, to, interpolation=filter), True)
for factor in [0.0, 0.3, 1.0, 1.7]:
    change("brightness", [factor], lambda x: F.adjust_brightness(x, factor))
    change("contrast", [factor], lambda x: F.adjust_contrast(x, factor))
    change("saturation", [factor], lambda x: F.adjust_saturation(x, factor))
    change("sharpness", [factor], lambda x: F.adjust_sharpness(x, factor))
for turn in [-0.5, -0.2, 0.0, 0.1, 0.5]:
    change("hue", [turn], lambda x: F.adjust_hue(x, turn))
for bits in range(1, 9):
    change("posterize", [bits], lambda x: F.posterize(x, bits))
for threshold in [0, 100, 255]:
    change("solarize", [threshold], lambda x: F.solarize(x, threshold))
change("invert", [], F.invert)
change("grayscale", [], lambda x: F.rgb_to_grayscale(x, 3))
change("autocontrast", [], F.autocontrast)
change("equalize", [], F.equalize, size=(40, 33))
for kernel, sigma in [(3, 0.5), (5, 1.1), (9, 3.0)]:
    change("blur", [kernel, sigma], lambda x: F.gaussian_blur(x, [kernel, kernel], [sigma, sigma]))
for mode in ["constant", "edge", "reflect", "symmetric"]:
    change("pad " + mode, [1, 2, 3, 4], lambda x: F.pad(x, [1, 2, 3, 4], fill=9, padding_mode=mode), mode == "constant")
for size in [(5, 6), (13, 17), (8, 8), (20, 9), (20, 22), (1, 1)]:
    change("center crop", list(size), lambda x: F.center_crop(x, list(size)), True)
change("crop", [2, 3, 7, 8], lambda x: F.crop(x, 2, 3, 7, 8), True)
change("crop", [-2, 9, 7, 12], lambda x: F.crop(x, -2, 9, 7, 12), True)
change("resized crop", [2, 3, 9, 8, 6, 5], lambda x: F.resized_crop(x, 2, 3, 9, 8, [6, 5], antialias=True), True)
change("horizontal flip", [], F.horizontal_flip, True)
change("vertical flip", [], F.vertical_flip, True)

# The sizes that Resize gives.
out["resize sides"] = []
for size in [(30, 40), (40, 30), (31, 47), (100, 7), (5, 5)]:
    for side in [1, 15, 64]:
        y = F.resize(torch.zeros(1, *size, dtype=torch.uint8), [side])
        out["resize sides"].append({"from": size, "side": side, "to": list(y.shape[1:])})

# Photographs of the shared folder: means of blocks of 80 x 80 pixels.
out["photographs"] = []
for name in ["china.jpg", "flower.jpg"]:
    im = Image.open(os.path.join(os.environ["GRADUS_SHARED"], "data/digits", name)).convert("RGB")
    a = np.asarray(im).astype(float)[:400, :640].reshape(5, 80, 8, 80, 3).mean(axis=(1, 3))
    out["photographs"].append({"name": name, "height": im.height, "width": im.width, "means": [round(float(v), 4) for v in a.ravel()]})

print(json.dumps(out, separators=(",", ":")).replace('},{', '},\n{').replace(',"', ',\n"'))
