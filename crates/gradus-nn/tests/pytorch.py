"""Writes it/pytorch.json: inputs, parameters, outputs and gradients of layers and losses, by PyTorch.

Run with the PyTorch that the file names: python crates/gradus-nn/tests/pytorch.py
"""
import json, pathlib, torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)
cases = []

def flat(t):
    return {"shape": list(t.shape), "values": t.detach().reshape(-1).tolist()}

def layer(name, module, x, train=True):
    """A layer's output, and the gradients of the sum of (output * weights)."""
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.randn_like(p) * 0.5)
    before = {k: flat(v) for k, v in module.state_dict().items() if "num_batches" not in k}
    module.train(train)
    x = x.clone().requires_grad_()
    y = module(x)
    w = torch.randn_like(y)
    (y * w).sum().backward()
    cases.append({
        "name": name, "x": flat(x), "state": before, "y": flat(y), "w": flat(w), "dx": flat(x.grad),
        "grads": {k: flat(p.grad) for k, p in module.named_parameters()},
        "after": {k: flat(v) for k, v in module.state_dict().items() if "running" in k},
    })

layer("linear", nn.Linear(5, 4), torch.randn(3, 5))
layer("conv2d", nn.Conv2d(3, 4, 3, stride=2, padding=1), torch.randn(2, 3, 7, 6))
layer("conv2d_groups", nn.Conv2d(4, 6, (3, 2), dilation=2, groups=2, bias=False), torch.randn(2, 4, 8, 7))
layer("batch_norm2d", nn.BatchNorm2d(3), torch.randn(4, 3, 3, 2))
layer("batch_norm1d", nn.BatchNorm1d(3), torch.randn(6, 3) * 2 + 1)
layer("batch_norm2d_eval", nn.BatchNorm2d(3), torch.randn(4, 3, 3, 2), train=False)
layer("layer_norm", nn.LayerNorm([3, 4]), torch.randn(2, 3, 4))
layer("max_pool2d", nn.MaxPool2d(3, stride=2, padding=1), torch.randn(2, 2, 7, 6))
layer("avg_pool2d", nn.AvgPool2d(2), torch.randn(2, 2, 6, 6))
layer("gelu", nn.GELU(), torch.randn(3, 4))
layer("gelu_tanh", nn.GELU(approximate="tanh"), torch.randn(3, 4))
layer("silu", nn.SiLU(), torch.randn(3, 4))
layer("softplus", nn.Softplus(), torch.randn(3, 4))
layer("elu", nn.ELU(), torch.randn(3, 4))
layer("leaky_relu", nn.LeakyReLU(), torch.randn(3, 4))

def recurrent(name, module, x, *state):
    """The same for a layer that starts from a state and returns its last one."""
    before = {k: flat(v) for k, v in module.state_dict().items()}
    x, state = x.clone().requires_grad_(), tuple(s.clone().requires_grad_() for s in state)
    y, last = module(x, state if len(state) > 1 else state[0])
    last = last if isinstance(last, tuple) else (last,)
    w, ws = torch.randn_like(y), [torch.randn_like(s) for s in last]
    ((y * w).sum() + sum((s * v).sum() for s, v in zip(last, ws))).backward()
    cases.append({
        "name": name, "x": flat(x), "state": before, "first": [flat(s) for s in state], "y": flat(y), "w": flat(w),
        "last": [flat(s) for s in last], "ws": [flat(v) for v in ws], "dx": flat(x.grad),
        "dfirst": [flat(s.grad) for s in state], "grads": {k: flat(p.grad) for k, p in module.named_parameters()},
    })

x = torch.randn(5, 4, requires_grad=True)
labels = torch.tensor([0, 3, -100, 1, 2])
weight = torch.tensor([1.0, 2.0, 0.5, 1.5])
for name, options in [("cross_entropy", {}), ("smoothed", {"label_smoothing": 0.1}),
                      ("weighted", {"label_smoothing": 0.2, "weight": weight})]:
    loss = F.cross_entropy(x, labels, **options)
    [dx] = torch.autograd.grad(loss, [x])
    cases.append({"name": name, "x": flat(x), "labels": labels.tolist(), "y": flat(loss), "dx": flat(dx)})
target = torch.rand(5, 4)
for name, loss in [("mse", F.mse_loss(x, target)), ("bce", F.binary_cross_entropy_with_logits(x, target))]:
    [dx] = torch.autograd.grad(loss, [x])
    cases.append({"name": name, "x": flat(x), "target": flat(target), "y": flat(loss), "dx": flat(dx)})
recurrent("lstm", nn.LSTM(3, 5, num_layers=2, batch_first=True), torch.randn(2, 4, 3), torch.randn(2, 2, 5), torch.randn(2, 2, 5))

def attention(name, module, x, other, there, causal):
    """Attention of a sequence to another one (or to itself), of which only some tokens are there."""
    before = {k: flat(v) for k, v in module.state_dict().items()}
    x, other = x.clone().requires_grad_(), other and other[0].clone().requires_grad_()
    keys = x if other is None else other
    ahead = torch.ones(x.shape[1], keys.shape[1], dtype=torch.bool).triu(1) if causal else None
    y, _ = module(x, keys, keys, key_padding_mask=~there, attn_mask=ahead)
    w = torch.randn_like(y)
    (y * w).sum().backward()
    cases.append({
        "name": name, "x": flat(x), "other": other is not None and flat(other), "there": there.tolist(), "state": before,
        "y": flat(y), "w": flat(w), "dx": flat(x.grad), "dother": other is not None and flat(other.grad),
        "grads": {k: flat(p.grad) for k, p in module.named_parameters()},
    })

there = torch.tensor([[True] * 5, [True, True, True, False, False]])
attention("self_attention", nn.MultiheadAttention(6, 2, batch_first=True), torch.randn(2, 5, 6), None, there, True)
attention("attend", nn.MultiheadAttention(6, 3, batch_first=True), torch.randn(2, 3, 6), [torch.randn(2, 5, 6)], there, False)
recurrent("gru", nn.GRU(3, 5, num_layers=2, batch_first=True), torch.randn(2, 4, 3), torch.randn(2, 2, 5))

def rounded(o):
    if isinstance(o, float): return float(f"{o:.8g}")
    if isinstance(o, dict): return {k: rounded(v) for k, v in o.items()}
    if isinstance(o, list): return [rounded(v) for v in o]
    return o

out = pathlib.Path(__file__).parent / "it" / "pytorch.json"
lines = ",\n".join(json.dumps(rounded(c), separators=(",", ":")) for c in cases)
out.write_text('{"torch":"%s","cases":[\n%s\n]}\n' % (torch.__version__, lines))
