"""Writes it/speech.json: outputs and gradients of the recognisers of speech by PyTorch and transformers, in double precision,
recording by recording, so that nothing is padded. Weights and inputs come from the formula of record.py.

Run with the versions that the file names: python crates/gradus-models/tests/record_speech.py
"""
import json, pathlib, numpy as np, torch, torch.nn as nn, torch.nn.functional as F, transformers

torch.set_default_dtype(torch.float64)
LENGTHS, FRAMES, BANDS, CLASSES = [23, 9, 16], 23, 18, 5

def fnv(text):
    start = 0x811C9DC5
    for byte in text.encode():
        start = (start ^ byte) * 0x01000193 % (1 << 32)
    return start

def noise(name, shape):
    """Numbers from -1 to below 1."""
    with np.errstate(over="ignore"):
        x = np.uint32(fnv(name)) + np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(0x9E3779B9)
        for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        x = (x ^ (x >> np.uint32(16))) >> np.uint32(8)
    return torch.from_numpy((x.astype(np.float64) / 2**23 - 1).reshape(shape))

def start(name, shape):
    """What a parameter or buffer holds."""
    x, last = noise(name, shape), name.split(".")[-1]
    if last == "running_var":
        return 1 + 0.5 * x
    if last.endswith("weight"):
        return 1 + 0.2 * x if len(shape) == 1 else x * (6 * shape[0] / x.numel()) ** 0.5
    return 0.1 * x

def short(x):
    return float(f"{float(x):.13g}")

def mark(name, t):
    """Two numbers in which every element has a part."""
    return [short((t * noise("mark " + name, t.shape)).sum()), short(t.norm())]

class Recogniser(nn.Module):
    """Each recording by itself, then side by side with zeros behind: [T', N, classes]."""
    def forward(self, x):
        rows = [self.one(row[:length]).log_softmax(-1) for row, length in zip(x, LENGTHS)]
        return nn.utils.rnn.pad_sequence(rows)

class BiLstmCtc(Recogniser):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(BANDS, 6, 7, stride=3, padding=3)
        self.lstm = nn.LSTM(6, 6, num_layers=2, bidirectional=True)
        self.fc = nn.Linear(12, CLASSES)

    def one(self, x):
        return self.fc(self.lstm(self.conv(x.T[None])[0].relu().T)[0])

class Crnn(Recogniser):
    def __init__(self):
        super().__init__()
        sizes = [1, 3, 6, 12]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip(sizes, sizes[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in sizes[1:])
        self.lstm = nn.LSTM(12 * (BANDS // 8), 6, num_layers=1, bidirectional=True)
        self.fc = nn.Linear(12, CLASSES)

    def one(self, x):
        x = x[None, None]
        for conv, norm, pool in zip(self.convs, self.norms, [(2, 2), (2, 2), (1, 2)]):
            x = F.max_pool2d(norm(conv(x)).relu(), pool)
        return self.fc(self.lstm(x[0].transpose(0, 1).flatten(1))[0])

class FeedForward(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        linear = [nn.Linear(width, hidden), nn.SiLU(), nn.Dropout(0.0), nn.Linear(hidden, width)]
        self.sequential = nn.Sequential(nn.LayerNorm(width), *linear)

    def forward(self, x):
        return self.sequential(x)

class Convolution(nn.Module):
    def __init__(self, width, kernel):
        super().__init__()
        self.layer_norm = nn.LayerNorm(width)
        near = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.sequential = nn.Sequential(nn.Conv1d(width, 2 * width, 1), nn.GLU(dim=1), near, nn.BatchNorm1d(width),
                                        nn.SiLU(), nn.Conv1d(width, width, 1))

    def forward(self, x):
        return self.sequential(self.layer_norm(x).transpose(1, 2)).transpose(1, 2)

class ConformerLayer(nn.Module):
    """torchaudio.models.conformer.ConformerLayer, written out."""
    def __init__(self, width, hidden, heads, kernel):
        super().__init__()
        self.ffn1, self.ffn2 = FeedForward(width, hidden), FeedForward(width, hidden)
        self.self_attn_layer_norm, self.final_layer_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.conv_module = Convolution(width, kernel)

    def forward(self, x):
        x = x + 0.5 * self.ffn1(x)
        seen = self.self_attn_layer_norm(x)
        x = x + self.self_attn(seen, seen, seen, need_weights=False)[0]
        x = x + self.conv_module(x)
        return self.final_layer_norm(x + 0.5 * self.ffn2(x))

class Conformer(Recogniser):
    def __init__(self):
        super().__init__()
        self.subsample = nn.ModuleList(nn.Conv2d(a, 8, 3, stride=2, padding=1) for a in [1, 8])
        self.input = nn.Linear(8 * -(-BANDS // 4), 8)
        self.conformer_layers = nn.ModuleList(ConformerLayer(8, 12, 2, 5) for _ in range(2))
        self.fc = nn.Linear(8, CLASSES)

    def one(self, x):
        x = x[None, None]
        for conv in self.subsample:
            x = conv(x).relu()
        x = self.input(x.transpose(1, 2).flatten(2))
        for layer in self.conformer_layers:
            x = layer(x)
        return self.fc(x)[0]

class Whisper(nn.Module):
    """Whisper's body under its own names, with the head that shares the table of tokens."""
    def __new__(cls):
        config = transformers.WhisperConfig(
            vocab_size=11, num_mel_bins=BANDS, d_model=12, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3,
            decoder_attention_heads=3, encoder_ffn_dim=16, decoder_ffn_dim=16, max_source_positions=10, max_target_positions=9,
            attn_implementation="eager", pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)
        body = transformers.WhisperModel(config).double()
        forward, words = body.forward, torch.tensor([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]])
        def logits(x):
            seen = forward(x[:2, :20].transpose(1, 2), decoder_input_ids=words, use_cache=False).last_hidden_state
            return seen @ body.decoder.embed_tokens.weight.T
        body.forward = logits
        body.encoder.embed_positions.requires_grad_()
        return body

cases = {}
nets = {"bilstm_ctc": BiLstmCtc(), "crnn": Crnn(), "conformer": Conformer(), "whisper": Whisper()}
for name, net in nets.items():
    state = {k: v for k, v in net.state_dict().items() if "num_batches" not in k}
    for key, value in state.items():
        value.copy_(start(key, tuple(value.shape)))
    net.eval()
    y = net(noise("x", (3, FRAMES, BANDS)))
    (y * noise("y", y.shape)).sum().backward()
    result = {"shape": list(y.shape), "mark": mark("y", y.detach())}
    result["y"] = [short(value) for value in y.detach().reshape(-1)[:: max(1, y.numel() // 100)]]
    result["grads"] = {k: mark(k, p.grad) for k, p in net.named_parameters()}
    result["after"] = {k: mark(k, v) for k, v in state.items() if "running" in k}
    cases[name] = {"state": {k: list(v.shape) for k, v in state.items()}, "eval": result}
entries = ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in cases.items())
about = f"PyTorch {torch.__version__}, transformers {transformers.__version__}"
text = '{"about": "%s",\n"cases": {\n%s\n}}\n' % (about, entries)
(pathlib.Path(__file__).parent / "it" / "speech.json").write_text(text)
