"""Times PyTorch on one workload: a training step (forward, loss, backward, optimizer) and the
inference of one sample.

Settings: `written` is what its tutorials write; `best` adds images channels-last, fused optimizers
and `inference_mode`; `compiled` is `best` under `torch.compile`.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pytorch_models as models
import timing

Rule = Callable[..., torch.optim.Optimizer]  # of the parameters and its settings


def network(workload: str) -> tuple[nn.Module, Rule]:
    """The network, and the rule that trains it."""
    optim = torch.optim
    match workload:
        case "mlp1":
            return models.mlp(784, 128, 10), lambda p, **k: optim.SGD(p, 0.01, **k)
        case "mlp2":
            return models.mlp(784, 512, 512, 10), lambda p, **k: optim.Adam(p, 1e-3, **k)
        case "cnn":
            return models.cnn(), lambda p, **k: optim.Adam(p, 1e-3, **k)
        case "resnet":
            momentum = {"momentum": 0.9, "weight_decay": 1e-4}
            return models.resnet20(), lambda p, **k: optim.SGD(p, 0.1, **momentum, **k)
        case "lstm":
            return models.CharLstm(), lambda p, **k: optim.Adam(p, 1e-3, **k)
        case "gpt":
            return models.Gpt(), lambda p, **k: optim.AdamW(p, 1e-3, weight_decay=0.01, **k)


def batch(workload: str, size: int) -> tuple[Tensor, Tensor]:
    """Random inputs and labels."""
    if workload in ("lstm", "gpt"):
        shape = (size, models.LENGTH)
        x, y = (torch.randint(models.VOCABULARY, shape) for _ in range(2))
        return x, y.flatten()
    shapes = {"cnn": (1, 28, 28), "resnet": (3, 32, 32)}
    return torch.randn(size, *shapes.get(workload, (784,))), torch.randint(10, (size,))


def main() -> None:
    chosen = timing.options(__doc__, settings=("written", "best", "compiled"))
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    base_bytes = timing.memory("VmRSS")

    best = chosen.setting != "written"
    net, rule = network(chosen.workload)
    x, y = batch(chosen.workload, chosen.batch)
    if best and x.dim() == 4:
        net, x = (it.to(memory_format=torch.channels_last) for it in (net, x))
    optimizer = rule(net.parameters(), **({"fused": True} if best else {}))
    run = torch.compile(net) if chosen.setting == "compiled" else net
    first, last = x[:1], None

    def train_step() -> None:
        nonlocal last
        optimizer.zero_grad()
        last = F.cross_entropy(run(x).flatten(0, -2), y)
        last.backward()
        optimizer.step()

    def infer_step() -> None:
        with torch.inference_mode() if best else torch.no_grad():
            run(first)

    def end_training() -> float | None:
        net.eval()
        return last.item() if last is not None else None

    runner = f"pytorch-{chosen.setting}"
    version = torch.__version__.split("+")[0]
    timing.measure(chosen, runner, version, train_step, infer_step, end_training, base_bytes)


if __name__ == "__main__":
    main()
