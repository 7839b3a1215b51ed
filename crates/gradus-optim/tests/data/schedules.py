"""A hundred steps of PyTorch's schedules, to compare ours with.

    python3 schedules.py > schedules.json        (PyTorch 2.15)

The learning rate is 1, or the highest of the schedule, so what is recorded is the factor.
"""

import json
import math

import torch

S = torch.optim.lr_scheduler
STEPS = 100

# Ours: name and settings. PyTorch's: the schedule of an optimizer.
CASES = [
    ("Ramp", {"from": 0.25, "to": 0.75, "steps": 40},
     lambda o: S.LinearLR(o, start_factor=0.25, end_factor=0.75, total_iters=40)),
    ("StepDecay", dict(every=30, gamma=0.1), lambda o: S.StepLR(o, 30, 0.1)),
    ("MultiStep", dict(milestones=[20, 50, 50, 90], gamma=0.5), lambda o: S.MultiStepLR(o, [20, 50, 50, 90], 0.5)),
    ("Exponential", dict(gamma=0.97), lambda o: S.ExponentialLR(o, 0.97)),
    ("Polynomial", dict(total=80), lambda o: S.PolynomialLR(o, total_iters=80)),
    ("Polynomial", dict(total=90, power=2.5), lambda o: S.PolynomialLR(o, total_iters=90, power=2.5)),
    ("Cosine", dict(total=100), lambda o: S.CosineAnnealingLR(o, T_max=100)),
    ("Cosine", dict(total=120, final_factor=0.1), lambda o: S.CosineAnnealingLR(o, T_max=120, eta_min=0.1)),
    ("CosineRestarts", dict(first=30), lambda o: S.CosineAnnealingWarmRestarts(o, T_0=30)),
    ("CosineRestarts", dict(first=7, longer=3, final_factor=0.2),
     lambda o: S.CosineAnnealingWarmRestarts(o, T_0=7, T_mult=3, eta_min=0.2)),
    ("Cyclic", dict(low=0.1, up=12), lambda o: S.CyclicLR(o, 0.1, 1.0, 12, cycle_momentum=False)),
    ("Cyclic", dict(low=0.1, up=12, down=20, wave="halving"),
     lambda o: S.CyclicLR(o, 0.1, 1.0, 12, 20, mode="triangular2", cycle_momentum=False)),
    ("Cyclic", dict(low=0.1, up=5, wave="exponential", gamma=0.99),
     lambda o: S.CyclicLR(o, 0.1, 1.0, 5, mode="exp_range", gamma=0.99, cycle_momentum=False)),
    ("OneCycle", dict(total=100), lambda o: S.OneCycleLR(o, 1.0, total_steps=100, cycle_momentum=False)),
    ("OneCycle", dict(total=105, rise=0.23, start_div=10.0, final_div=50.0, anneal="linear"),
     lambda o: S.OneCycleLR(o, 1.0, total_steps=105, pct_start=0.23, div_factor=10.0, final_div_factor=50.0,
                            anneal_strategy="linear", cycle_momentum=False)),
    ("OneCycle", dict(total=101, rise=0.4, three_phases=True),
     lambda o: S.OneCycleLR(o, 1.0, total_steps=101, pct_start=0.4, three_phase=True, cycle_momentum=False)),
]
# Compositions: written again in Rust under these names.
OTHERS = [
    ("constant", lambda o: S.ConstantLR(o, factor=0.25, total_iters=30)),
    ("lambda", lambda o: S.LambdaLR(o, lambda step: 0.95**step)),
    ("multiplicative", lambda o: S.MultiplicativeLR(o, lambda step: 0.9 + 0.001 * step)),
    ("averaging, linear", lambda o: torch.optim.swa_utils.SWALR(o, 0.1, 30, "linear")),
    ("averaging, cosine", lambda o: torch.optim.swa_utils.SWALR(o, 0.1, 30, "cos")),
    ("sequence", lambda o: S.SequentialLR(
        o, [S.LinearLR(o, 0.1, 1.0, 10), S.CosineAnnealingLR(o, T_max=90)], milestones=[10])),
    ("product", lambda o: S.ChainedScheduler([S.LinearLR(o, 0.1, 1.0, 20), S.ExponentialLR(o, 0.9)])),
]
# The momentum (or the first beta), which goes the other way.
S_1, A_1 = (lambda p: torch.optim.SGD(p, lr=1.0, momentum=0.5)), (lambda p: torch.optim.Adam(p, lr=1.0))
MOMENTA = [
    ("momentum", "OneCycle", dict(total=100, start_div=0.85 / 0.95, final_div=1.0), 0.85, S_1,
     lambda o: S.OneCycleLR(o, 1.0, total_steps=100)),
    ("beta1", "OneCycle", dict(total=120, start_div=0.8 / 0.9, final_div=1.0, anneal="linear", three_phases=True), 0.8,
     A_1, lambda o: S.OneCycleLR(o, 1.0, total_steps=120, anneal_strategy="linear", three_phase=True,
                                 base_momentum=0.8, max_momentum=0.9)),
    ("momentum", "Cyclic", dict(low=0.9 / 0.8, up=12, down=20, wave="halving"), 0.8, S_1,
     lambda o: S.CyclicLR(o, 0.1, 1.0, 12, 20, mode="triangular2")),
]
METRICS = [round(3 * math.exp(-i / 9) + 0.5 * math.sin(1.7 * i) + 0.1, 6) for i in range(STEPS)]
PLATEAUS = [
    (dict(gamma=0.5), dict(factor=0.5)),
    (dict(gamma=0.3, patience=2, threshold=0.05, cooldown=3, lowest=0.01),
     dict(factor=0.3, patience=2, threshold=0.05, cooldown=3, min_lr=0.01)),
    (dict(gamma=0.3, patience=1, threshold=0.1, measure="absolute"),
     dict(factor=0.3, patience=1, threshold=0.1, threshold_mode="abs")),
    (dict(gamma=0.9, patience=0, better="higher", threshold=0.02),
     dict(factor=0.9, patience=0, mode="max", threshold=0.02)),
    (dict(gamma=0.9, patience=3, better="higher", measure="absolute"),
     dict(factor=0.9, patience=3, mode="max", threshold_mode="abs")),
]


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def momenta(make, optimizer):
    o = optimizer([torch.nn.Parameter(torch.zeros(1))])
    schedule, values = make(o), []
    for _ in range(STEPS):
        group = o.param_groups[0]
        values.append(group["momentum"] if "momentum" in group else group["betas"][0])
        o.step()
        schedule.step()
    return values


def run(make, metrics=None):
    o = optimizer()
    schedule, factors = make(o), []
    for step in range(STEPS):
        if metrics is None:
            factors.append(o.param_groups[0]["lr"])
            o.step()
            schedule.step()
        else:
            schedule.step(metrics[step])
            factors.append(o.param_groups[0]["lr"])
    return factors


print(json.dumps(dict(
    torch=torch.__version__,
    cases=[dict(schedule=name, settings=ours, factors=run(make)) for name, ours, make in CASES],
    others=[dict(name=name, factors=run(make)) for name, make in OTHERS],
    momenta=[
        dict(setting=setting, schedule=name, settings=ours, base=base, values=momenta(make, o))
        for setting, name, ours, base, o, make in MOMENTA
    ],
    metrics=METRICS,
    plateaus=[
        dict(settings=ours, factors=run(lambda o: S.ReduceLROnPlateau(o, eps=0.0, **theirs), METRICS))
        for ours, theirs in PLATEAUS
    ],
)).replace('{"schedule', '\n{"schedule').replace('{"name', '\n{"name').replace('{"setting"', '\n{"setting"').replace('{"settings', '\n{"settings'))
