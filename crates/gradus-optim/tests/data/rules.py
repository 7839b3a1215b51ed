"""Ten steps of PyTorch's optimizers, to compare ours with.

    python3 rules.py > rules.json        (PyTorch 2.15, on a processor)

A parameter of shape [3, 4] and one of [4], with the same random gradients for all. Muon rounds to 16 bits in
PyTorch; here its matrices stay in the parameters' type. L-BFGS goes down two functions that are written
again in Rust.
"""

import json
import sys

import torch

_to = torch.Tensor.to
torch.Tensor.to = lambda self, *a, **k: self.clone() if k.get("dtype") == torch.bfloat16 else _to(self, *a, **k)

STEPS, SHOWN = 10, [1, 2, 10]
make = torch.Generator().manual_seed(5)
rounded = lambda *shape: torch.rand(*shape, generator=make, dtype=torch.float64).mul(2).sub(1).float().double()
START = [rounded(3, 4), rounded(4)]
GRADIENTS = [[rounded(3, 4), rounded(4)] for _ in range(STEPS)]
O = torch.optim

# Ours: name and settings. PyTorch's: class and arguments.
CASES = [
    ("Sgd", dict(lr=0.1), O.SGD, dict(lr=0.1)),
    ("Sgd", dict(lr=0.1, weight_decay=0.3), O.SGD, dict(lr=0.1, weight_decay=0.3)),
    ("Sgd", dict(lr=0.05, momentum=0.9), O.SGD, dict(lr=0.05, momentum=0.9)),
    ("Sgd", dict(lr=0.05, momentum=0.9, dampening=0.4, weight_decay=0.1), O.SGD,
     dict(lr=0.05, momentum=0.9, dampening=0.4, weight_decay=0.1)),
    ("Sgd", dict(lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.2), O.SGD,
     dict(lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.2)),
    ("Asgd", dict(lr=0.1), O.ASGD, dict(lr=0.1)),
    ("Asgd", dict(lr=0.1, **{"lambda": 0.3}, alpha=0.6, t0=4.0, weight_decay=0.1), O.ASGD,
     dict(lr=0.1, lambd=0.3, alpha=0.6, t0=4.0, weight_decay=0.1)),
    ("Rprop", dict(lr=0.01), O.Rprop, dict(lr=0.01)),
    ("Rprop", dict(lr=0.1, etas=[0.3, 1.6], step_sizes=[0.02, 0.2]), O.Rprop,
     dict(lr=0.1, etas=(0.3, 1.6), step_sizes=(0.02, 0.2))),
    ("Adagrad", dict(lr=0.1), O.Adagrad, dict(lr=0.1)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.2, weight_decay=0.1, initial=0.5, eps=1e-3), O.Adagrad,
     dict(lr=0.1, lr_decay=0.2, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-3)),
    ("Adadelta", dict(lr=1.0), O.Adadelta, dict(lr=1.0)),
    ("Adadelta", dict(lr=0.5, rho=0.7, eps=1e-3, weight_decay=0.1), O.Adadelta,
     dict(lr=0.5, rho=0.7, eps=1e-3, weight_decay=0.1)),
    ("RmsProp", dict(lr=0.01), O.RMSprop, dict(lr=0.01)),
    ("RmsProp", dict(lr=0.01, alpha=0.9, eps=1e-4, weight_decay=0.1, momentum=0.8), O.RMSprop,
     dict(lr=0.01, alpha=0.9, eps=1e-4, weight_decay=0.1, momentum=0.8)),
    ("RmsProp", dict(lr=0.01, alpha=0.9, centered=True), O.RMSprop, dict(lr=0.01, alpha=0.9, centered=True)),
    ("RmsProp", dict(lr=0.01, alpha=0.8, centered=True, momentum=0.5), O.RMSprop,
     dict(lr=0.01, alpha=0.8, centered=True, momentum=0.5)),
    ("Adam", dict(lr=1e-3), O.Adam, dict(lr=1e-3)),
    ("Adam", dict(lr=0.1, betas=[0.5, 0.6], eps=1e-2, weight_decay=0.3), O.Adam,
     dict(lr=0.1, betas=(0.5, 0.6), eps=1e-2, weight_decay=0.3)),
    ("Adam", dict(lr=0.1, betas=[0.9, 0.5], amsgrad=True), O.Adam, dict(lr=0.1, betas=(0.9, 0.5), amsgrad=True)),
    ("AdamW", dict(lr=0.1), O.AdamW, dict(lr=0.1)),
    ("AdamW", dict(lr=0.1, betas=[0.0, 0.9], weight_decay=0.4, amsgrad=True), O.AdamW,
     dict(lr=0.1, betas=(0.0, 0.9), weight_decay=0.4, amsgrad=True)),
    ("Adamax", dict(lr=0.1), O.Adamax, dict(lr=0.1)),
    ("Adamax", dict(lr=0.1, betas=[0.7, 0.8], eps=1e-3, weight_decay=0.2), O.Adamax,
     dict(lr=0.1, betas=(0.7, 0.8), eps=1e-3, weight_decay=0.2)),
    ("NAdam", dict(lr=0.1), O.NAdam, dict(lr=0.1)),
    ("NAdam", dict(lr=0.1, betas=[0.7, 0.8], momentum_decay=0.1, weight_decay=0.2), O.NAdam,
     dict(lr=0.1, betas=(0.7, 0.8), momentum_decay=0.1, weight_decay=0.2)),
    ("NAdam", dict(lr=0.1, weight_decay=0.2, decoupled=True), O.NAdam,
     dict(lr=0.1, weight_decay=0.2, decoupled_weight_decay=True)),
    ("RAdam", dict(lr=0.1), O.RAdam, dict(lr=0.1)),
    ("RAdam", dict(lr=0.1, betas=[0.7, 0.8], eps=1e-3, weight_decay=0.2), O.RAdam,
     dict(lr=0.1, betas=(0.7, 0.8), eps=1e-3, weight_decay=0.2)),
    ("RAdam", dict(lr=0.1, weight_decay=0.2, decoupled=True), O.RAdam,
     dict(lr=0.1, weight_decay=0.2, decoupled_weight_decay=True)),
    ("Adafactor", dict(lr=0.1), O.Adafactor, dict(lr=0.1)),
    ("Adafactor", dict(lr=0.5, beta2_decay=-0.5, eps=0.3, least=0.7, clip=1.05, weight_decay=0.1), O.Adafactor,
     dict(lr=0.5, beta2_decay=-0.5, eps=(0.3, 0.7), d=1.05, weight_decay=0.1)),
    ("Muon", dict(lr=0.1), O.Muon, dict(lr=0.1)),
    ("Muon", dict(lr=0.1, weight_decay=0.0, momentum=0.6, nesterov=False, steps=3, scale="like_adamw"), O.Muon,
     dict(lr=0.1, weight_decay=0.0, momentum=0.6, nesterov=False, ns_steps=3, adjust_lr_fn="match_rms_adamw")),
]

# Functions of two numbers, which start at START.
FUNCTIONS = {
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "bowl": lambda x, y: x**2 + 0.5 * x * y + 3 * (y - 1) ** 2,
}
POINT = [-1.25, 1.0]
SEARCHES = [
    ("bowl", dict(lr=0.5, max_iter=4), dict(lr=0.5, max_iter=4)),
    ("bowl", dict(lr=1.0, max_iter=3, history=2, search="strong_wolfe"),
     dict(lr=1.0, max_iter=3, history_size=2, line_search_fn="strong_wolfe")),
    ("rosenbrock", dict(lr=1.0, max_iter=4, search="strong_wolfe"),
     dict(lr=1.0, max_iter=4, line_search_fn="strong_wolfe")),
    ("rosenbrock", dict(lr=0.3, max_iter=5, max_eval=4, history=3, search="strong_wolfe"),
     dict(lr=0.3, max_iter=5, max_eval=4, history_size=3, line_search_fn="strong_wolfe")),
    ("rosenbrock", dict(lr=0.002, max_iter=2), dict(lr=0.002, max_iter=2)),
]


def run(make, dtype, matrices_only):
    torch.set_default_dtype(dtype)
    params = [torch.nn.Parameter(start.to(dtype).clone()) for start in START]
    if matrices_only:
        params = params[:1]
    optimizer = make(params)
    shown = []
    for step in range(STEPS):
        for param, gradient in zip(params, GRADIENTS[step]):
            param.grad = gradient.to(dtype).clone()
        optimizer.step()
        if step + 1 in SHOWN:
            shown.append([float(x) for p in params for x in p.detach().flatten()])
    return shown


def search(function, arguments, dtype):
    torch.set_default_dtype(dtype)
    point = torch.nn.Parameter(torch.tensor(POINT, dtype=dtype))
    optimizer = O.LBFGS([point], **arguments)
    shown = []

    def closure():
        optimizer.zero_grad()
        loss = FUNCTIONS[function](point[0], point[1])
        loss.backward()
        return loss

    for _ in range(STEPS):
        optimizer.step(closure)
        shown.append([float(x) for x in point.detach()])
    return shown


TYPES = [("f64", torch.float64), ("f32", torch.float32)]
flat = lambda tensors: [float(x) for tensor in tensors for x in tensor.flatten()]
cases = [
    dict(rule=name, settings=ours, **{t: run(lambda ps: cls(ps, **theirs), d, name == "Muon") for t, d in TYPES})
    for name, ours, cls, theirs in CASES
]
searches = [
    dict(function=f, settings=ours, **{t: search(f, theirs, d) for t, d in TYPES}) for f, ours, theirs in SEARCHES
]
print(json.dumps(dict(
    torch=torch.__version__, start=flat(START), gradients=[flat(g) for g in GRADIENTS], shown=SHOWN, cases=cases,
    point=POINT, searches=searches,
)).replace('{"rule', '\n{"rule').replace('{"function', '\n{"function'))
