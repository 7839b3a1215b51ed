"""Writes it/silero.json: what Silero's ONNX model says of a known speech, by onnxruntime, and what the same network says
with the weights of the safetensors file, which are of another release. The network is written out in NumPy, and held to
the ONNX model with its weights.

    python crates/gradus-models/tests/record_silero.py ../shared/data      (onnx, onnxruntime, numpy, safetensors)
"""
import json, pathlib, sys, wave, numpy as np, onnx, onnxruntime
from safetensors.numpy import load_file

data = pathlib.Path(sys.argv[1])
silero = data / "pretrained/silero-vad"
with wave.open(str(data / "speech/assets/jfk_16k.wav")) as file:
    sound = np.frombuffer(file.readframes(-1), "<i2").astype(np.float32) / 32768
chunks = np.pad(sound, (0, -len(sound) % 512)).reshape(-1, 512)
befores = np.concatenate([np.zeros((1, 64), np.float32), chunks[:-1, -64:]])
chunks = np.concatenate([befores, chunks], 1)

def by_onnx(path):
    model, state, heard = onnxruntime.InferenceSession(str(path)), np.zeros((2, 1, 128), np.float32), []
    for chunk in chunks:
        out, state = model.run(None, {"input": chunk[None], "state": state, "sr": np.array(16000)})
        heard.append(out[0, 0])
    return np.array(heard)

def conv(x, weight, bias, stride, padding):
    """`[channels, frames]`."""
    x = np.pad(x, ((0, 0), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2], 1)[:, ::stride]
    return np.einsum("ctk,ock->ot", windows, weight) + bias[:, None]

def by_hand(w):
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    h = c = np.zeros(128)
    heard = []
    for chunk in chunks.astype(np.float64):
        x = conv(np.concatenate([chunk, chunk[-2:-66:-1]])[None], w["stft_conv.weight"], np.zeros(258), 128, 0)
        x = np.sqrt(x[:129] ** 2 + x[129:] ** 2)
        for i, stride in [(1, 1), (2, 2), (3, 2), (4, 1)]:
            x = np.maximum(conv(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"], stride, 1), 0)
        gates = w["lstm_cell.weight_ih"] @ x[:, 0] + w["lstm_cell.bias_ih"] + w["lstm_cell.weight_hh"] @ h
        i, f, g, o = np.split(gates + w["lstm_cell.bias_hh"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        heard.append(sigmoid(w["final_conv.weight"][0, :, 0] @ np.maximum(h, 0) + w["final_conv.bias"][0]))
    return np.array(heard)

path = silero / "silero_vad_16k_op15.onnx"
raw = {i.name: onnx.numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
names = {"stft_conv.weight": "model.stft.forward_basis_buffer"}
for kind in ["weight", "bias"]:
    names |= {f"conv{i + 1}.{kind}": f"model.encoder.{i}.reparam_conv.{kind}" for i in range(4)}
    names |= {f"lstm_cell.{kind}_{to}": f"model.decoder.rnn.{kind}_{to}" for to in ["ih", "hh"]}
    names[f"final_conv.{kind}"] = f"model.decoder.decoder.2.{kind}"
theirs = by_onnx(path)
assert np.abs(by_hand({new: raw[old] for new, old in names.items()}) - theirs).max() < 1e-5
ours = by_hand(load_file(silero / "silero_vad_16k.safetensors"))
short = lambda heard: [round(float(p), 6) for p in heard]
text = json.dumps({"about": f"onnxruntime {onnxruntime.__version__}, jfk_16k.wav", "onnx": short(theirs),
                   "safetensors": short(ours), "names": names})
(pathlib.Path(__file__).parent / "it" / "silero.json").write_text(text + "\n")
