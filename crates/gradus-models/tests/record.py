"""Writes it/pytorch.json: outputs and gradients of the models by PyTorch, torchvision and transformers, in double
precision. Weights and inputs come from a formula of their names, so none are recorded.

Run with the versions that the file names: python crates/gradus-models/tests/record.py
(Not named pytorch.py: torchvision would import it.)
"""
import json, pathlib, numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import torchvision, transformers
from torchvision.models import efficientnet, mobilenet_v2, resnet, vision_transformer

torch.set_default_dtype(torch.float64)
cases, lists = {}, {}

def fnv(text, bits):
    start, prime = {32: (0x811C9DC5, 0x01000193), 64: (0xCBF29CE484222325, 0x100000001B3)}[bits]
    for byte in text.encode():
        start = (start ^ byte) * prime % (1 << bits)
    return start

def bits(name, count):
    """A 32-bit number for each index."""
    with np.errstate(over="ignore"):
        x = np.uint32(fnv(name, 32)) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        return x ^ (x >> np.uint32(16))

def noise(name, shape):
    """Numbers from -1 to below 1."""
    x = (bits(name, int(np.prod(shape))) >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    return torch.from_numpy(x.reshape(shape))

def start(name, shape):
    """What a parameter or buffer holds."""
    x, last = noise(name, shape), name.split(".")[-1]
    if last == "running_var":
        return 1 + 0.5 * x
    if last.endswith("weight"):
        return 1 + 0.2 * x if len(shape) == 1 else x * (6 * shape[0] / x.numel()) ** 0.5
    return 0.1 * x

def state(module):
    return {k: v for k, v in module.state_dict().items() if not any(part in k for part in ["num_batches", "lm_head", "position_ids"])}

def mark(name, t):
    """Two numbers in which every element has a part."""
    return [short((t * noise("mark " + name, t.shape)).sum()), short(t.norm())]

def short(x):
    """Thirteen digits."""
    return float(f"{float(x):.13g}")

def run(module, x, train, tokens):
    for name, value in state(module).items():
        value.copy_(start(name, tuple(value.shape)))
    module.train(train)
    module.zero_grad()
    x = x if tokens else x.clone().requires_grad_()
    y = module(x)
    (y * noise("y", y.shape)).sum().backward()
    result = {"shape": list(y.shape), "mark": mark("y", y.detach())}
    # About a hundred of the outputs themselves.
    result["y"] = [short(value) for value in y.detach().reshape(-1)[:: max(1, y.numel() // 100)]]
    result["grads"] = {k: mark(k, p.grad) for k, p in module.named_parameters()}
    if not tokens:
        result["dx"] = mark("x", x.grad)
    result["after"] = {k: mark(k, v) for k, v in state(module).items() if "running" in k}
    return result

def case(name, module, x, train=True, tokens=False):
    module = module.double()
    entry = {"state": {k: list(v.shape) for k, v in state(module).items()}}
    entry["eval"] = run(module, x, False, tokens)
    if train:
        entry["train"] = run(module, x, True, tokens)
    cases[name] = entry

def names(name, module):
    """The names and shapes of a model, as a count and a hash."""
    lines = sorted(f"{k} {list(v.shape)}\n" for k, v in state(module).items())
    parameters = sum(p.numel() for p in module.parameters())
    lists[name] = {"tensors": len(lines), "parameters": parameters, "hash": f"{fnv(''.join(lines), 64):016x}"}

def narrow(module, by):
    """A convolutional network with a fraction of its channels (those of the image stay)."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            inputs = child.in_channels if child.in_channels == 3 else child.in_channels // by
            child = nn.Conv2d(inputs, child.out_channels // by, child.kernel_size, child.stride, child.padding, bias=False)
        elif isinstance(child, nn.BatchNorm2d):
            child = nn.BatchNorm2d(child.num_features // by)
        elif isinstance(child, nn.Linear):
            child = nn.Linear(child.in_features // by, child.out_features)
        setattr(module, name, narrow(child, by))
    return module

class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.avg_pool2d(self.conv1(x).tanh(), 2)
        x = F.avg_pool2d(self.conv2(x).tanh(), 2).flatten(1)
        return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())

class Separable(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.depthwise, self.bn1 = nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False), nn.BatchNorm2d(c)
        self.pointwise, self.bn2 = nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return self.bn2(self.pointwise(self.bn1(self.depthwise(x)).relu())).relu()

class KeywordCnn(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, c, (10, 4), stride=2, padding=(5, 1), bias=False), nn.BatchNorm2d(c)
        self.blocks, self.fc = nn.ModuleList(Separable(c) for _ in range(4)), nn.Linear(c, 12)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean((2, 3)))

class Double(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()

class Up(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up, self.conv = nn.ConvTranspose2d(2 * width, width, 2, stride=2), Double(2 * width, width)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))

class UNet(nn.Module):
    def __init__(self, channels, classes, width, depth):
        super().__init__()
        widths = [width << i for i in range(depth + 1)]
        self.down = nn.ModuleList(Double(a, b) for a, b in zip([channels] + widths, widths[:-1]))
        self.bottom = Double(widths[-2], widths[-1])
        self.up = nn.ModuleList(Up(w) for w in reversed(widths[:-1]))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for up in self.up:
            x = up(x, skips.pop())
        return self.head(x)

class Gpt(nn.Module):
    """GPT-2's body under its own names, with the head that shares the table of tokens."""
    def __new__(cls, vocabulary, block, width, layers, heads):
        config = transformers.GPT2Config(vocab_size=vocabulary, n_positions=block, n_embd=width, n_layer=layers,
                                         n_head=heads, attn_implementation="eager", bos_token_id=None, eos_token_id=None)
        body = transformers.GPT2LMHeadModel(config).double().transformer
        forward = body.forward
        body.forward = lambda tokens: forward(tokens).last_hidden_state @ body.wte.weight.T
        return body

class Bert(nn.Module):
    """BERT's body under its own names: states of all tokens, and that of the pooler behind them."""
    def __new__(cls, layers):
        config = transformers.BertConfig(vocab_size=30, max_position_embeddings=9, hidden_size=24, num_hidden_layers=layers,
                                         num_attention_heads=3, intermediate_size=40, pad_token_id=None,
                                         attn_implementation="eager")
        body = transformers.BertModel(config).double()
        forward = body.forward
        there = (torch.arange(7)[None] < torch.tensor([7, 2, 5])[:, None]).long()
        types = (torch.arange(7) >= 3).long().expand(3, 7)
        def states(tokens):
            out = forward(tokens, attention_mask=there, token_type_ids=types)
            return torch.cat([out.last_hidden_state, out.pooler_output[:, None]], 1)
        body.forward = states
        return body

class Translator(nn.Module):
    """nn.Transformer between two tables, with waves for places."""
    def __init__(self, pre_norm):
        super().__init__()
        self.source, self.target = nn.Embedding(30, 24), nn.Embedding(20, 24)
        both = nn.Transformer(24, 3, 2, 2, 40, dropout=0.0, batch_first=True, norm_first=pre_norm)
        self.encoder, self.decoder = both.encoder, both.decoder
        self.both = [both]

    def embed(self, table, tokens):
        t, i = torch.arange(tokens.shape[1])[:, None].double(), torch.arange(24)[None]
        angle = t / 10_000 ** ((i - i % 2) / 24)
        return table(tokens) * 24**0.5 + torch.where(i % 2 == 0, angle.sin(), angle.cos())

    def forward(self, tokens):
        target = tokens[:, :4] % 20
        padding = torch.arange(7)[None] >= torch.tensor([7, 2, 5])[:, None]
        x = self.both[0](self.embed(self.source, tokens), self.embed(self.target, target),
                         tgt_mask=nn.Transformer.generate_square_subsequent_mask(4),
                         src_key_padding_mask=padding, memory_key_padding_mask=padding)
        return x @ self.target.weight.T

class Text(nn.Module):
    """What the classifiers of texts share: rows of tokens, of which some are padding."""
    lengths = torch.tensor([7, 2, 5])

    def __init__(self, dim):
        super().__init__()
        self.embedding = nn.Embedding(30, dim)

    def rows(self, tokens):
        return [self.embedding(row[:length]) for row, length in zip(tokens, self.lengths)]

class Bag(Text):
    def __init__(self):
        super().__init__(6)
        self.fc = nn.Linear(6, 3)

    def forward(self, tokens):
        return self.fc(torch.stack([row.mean(0) for row in self.rows(tokens)]))

class TextCnn(Text):
    def __init__(self):
        super().__init__(6)
        self.convs = nn.ModuleList(nn.Conv1d(6, 4, k) for k in [2, 3, 5])
        self.fc = nn.Linear(12, 3)

    def forward(self, tokens):
        rows = [row.T[None] for row in self.rows(tokens)]
        pad = lambda x, k: F.pad(x, ((k - 1) // 2, k // 2))
        found = [[c(pad(x, c.kernel_size[0])).relu().amax(2)[0] for c in self.convs] for x in rows]
        return self.fc(torch.stack([torch.cat(x) for x in found]))

class BiLstm(Text):
    def __init__(self):
        super().__init__(6)
        self.lstm = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
        self.attention, self.query, self.fc = nn.Linear(10, 5), nn.Linear(5, 1, bias=False), nn.Linear(10, 3)

    def forward(self, tokens):
        sums = []
        for row in self.rows(tokens):
            h = self.lstm(row[None])[0][0]
            sums.append((self.query(self.attention(h).tanh()).softmax(0) * h).sum(0))
        return self.fc(torch.stack(sums))

def small_stem(net):
    net.conv1, net.maxpool = nn.Conv2d(3, net.conv1.out_channels, 3, padding=1, bias=False), nn.Identity()
    return net

case("lenet", LeNet(), noise("x", (2, 1, 28, 28)), train=False)
case("resnet18", narrow(resnet.resnet18(num_classes=10), 4), noise("x", (2, 3, 64, 48)))
case("resnet18_small", small_stem(narrow(resnet.resnet18(num_classes=10), 8)), noise("x", (3, 3, 20, 24)))
case("resnet50", narrow(resnet.resnet50(num_classes=10), 8), noise("x", (2, 3, 64, 64)))
for depth in [18, 34, 50, 101, 152]:
    names(f"resnet{depth}", narrow(getattr(resnet, f"resnet{depth}")(), 16))
names("resnet18_full", resnet.resnet18())
# Dropout has no part in the comparison.
case("mobilenet_v2", mobilenet_v2(num_classes=10, width_mult=0.5, dropout=0.0), noise("x", (2, 3, 64, 48)))
names("mobilenet_v2", mobilenet_v2())
# The smaller ones are B0's table with fewer channels and blocks; nothing is dropped.
rows, _ = efficientnet._efficientnet_conf("efficientnet_b0", width_mult=0.5, depth_mult=0.5)
case("efficientnet", efficientnet.EfficientNet(rows, 0.0, 0.0, num_classes=10), noise("x", (2, 3, 64, 48)))
for size in ["b0", "b3"]:
    names(f"efficientnet_{size}", getattr(efficientnet, f"efficientnet_{size}")())
vit = vision_transformer.VisionTransformer(24, 8, 2, 3, 36, 48, num_classes=10)
case("vit", vit, noise("x", (2, 3, 24, 24)), train=False)
names("vit_12", vision_transformer.VisionTransformer(48, 16, 12, 2, 8, 16))
case("keyword_cnn", KeywordCnn(8), noise("x", (3, 1, 49, 10)))
case("mlp", nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3)), noise("x", (4, 6)),
     train=False)
case("unet", UNet(2, 3, 4, 3), noise("x", (2, 2, 24, 32)))
tokens = torch.from_numpy((bits("tokens", 2 * 11) % np.uint32(37)).astype(np.int64)).reshape(2, 11)
case("gpt2", Gpt(37, 16, 24, 2, 3), tokens, train=False, tokens=True)
names("gpt2_12", Gpt(50, 20, 8, 12, 2))
texts = torch.from_numpy((bits("tokens", 3 * 7) % np.uint32(30)).astype(np.int64)).reshape(3, 7)
for name, net in [("bag_of_embeddings", Bag()), ("text_cnn", TextCnn()), ("bilstm_attention", BiLstm())]:
    case(name, net, texts, train=False, tokens=True)
case("bert", Bert(2), texts, train=False, tokens=True)
names("bert_12", Bert(12))
for name, pre_norm in [("transformer_pre", True), ("transformer_post", False)]:
    case(name, Translator(pre_norm), texts, train=False, tokens=True)

about = f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, transformers {transformers.__version__}"
# A line for each case.
entries = [f'"{k}": {json.dumps(v)}' for k, v in cases.items()]
text = '{"about": "%s",\n"lists": %s,\n"cases": {\n%s\n}}\n' % (about, json.dumps(lists), ",\n".join(entries))
(pathlib.Path(__file__).parent / "it" / "pytorch.json").write_text(text)
