"""The `images` example in PyTorch: the same network, data, changes of pictures, rule, schedule and epochs.

    python benches/peers/images.py DIR [--epochs 15] [--seeds 1 2 3] [--threads 2] [--no-flip]

DIR holds the four gzipped files of MNIST or Fashion-MNIST. Pictures are moved and mirrored as tensors, whole batches at once. For each
seed it prints the seconds of each epoch with its test, the loss, and the accuracy on the test part. Images are channels-last, and Adam is fused.
"""

import argparse
import gzip
import math
import pathlib
import struct
import time

import torch
from torch import nn
from torch.nn import functional as F


def idx(path):
    """The numbers of an IDX file."""
    data = gzip.open(path).read()
    rank = data[3]
    sizes = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return torch.frombuffer(bytearray(data[4 + 4 * rank :]), dtype=torch.uint8).reshape(sizes)


def part(folder, name):
    images = idx(next(folder.glob(f"{name}-images*")))
    return images[:, None], idx(next(folder.glob(f"{name}-labels*"))).long()


def conv(inputs, outputs, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
    )


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = conv(width, width, 1), conv(width, width, 1)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


def network(channels, width, classes):
    w, relu = width, nn.ReLU
    return nn.Sequential(
        conv(channels, w, 1), relu(), conv(w, 2 * w, 2), relu(), Block(2 * w),
        conv(2 * w, 4 * w, 2), relu(), Block(4 * w),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * w, classes),
    )  # fmt: skip


def changed(images, flip):
    """Each picture moved by up to an eighth of its side, and mirrored half of the time."""
    n, _, height, width = images.shape
    pad = height // 8
    images = F.pad(images, [pad] * 4)
    rows = torch.randint(0, 2 * pad + 1, [n, 1]) + torch.arange(height)
    columns = torch.randint(0, 2 * pad + 1, [n, 1]) + torch.arange(width)
    if flip:
        mirrored = torch.rand(n, 1) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    which = torch.arange(n)[:, None, None]
    return images[which, 0, rows[:, :, None], columns[:, None, :]][:, None]


def run(options, seed, train, test):
    torch.manual_seed(seed)
    (images, labels), (test_images, answers) = train, test
    some = images[::30].float() / 255
    mean, deviation = some.mean(), some.std()

    def ready(x):
        x = (x.float() / 255 - mean) / deviation
        return x.contiguous(memory_format=torch.channels_last)

    net = network(1, options.width, 10).to(memory_format=torch.channels_last)
    rule = torch.optim.AdamW(net.parameters(), lr=0.003, weight_decay=0.05, fused=True)
    batches = len(images) // options.batch
    steps = options.epochs * batches
    warm = steps // 10 + 1

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return (1 + math.cos(math.pi * min(1, (step - warm) / (steps - warm)))) / 2

    schedule = torch.optim.lr_scheduler.LambdaLR(rule, factor)
    for epoch in range(1, options.epochs + 1):
        since, total = time.perf_counter(), 0.0
        net.train()
        order = torch.randperm(len(images))
        for i in range(batches):
            pick = order[i * options.batch : (i + 1) * options.batch]
            x = ready(changed(images[pick], not options.no_flip))
            loss = F.cross_entropy(net(x), labels[pick], label_smoothing=0.05)
            rule.zero_grad(set_to_none=True)
            loss.backward()
            rule.step()
            schedule.step()
            total += loss.item()
        net.eval()
        with torch.inference_mode():
            pieces = [net(ready(x)).argmax(1) for x in test_images.split(256)]
        share = (torch.cat(pieces) == answers).double().mean().item()
        seconds = time.perf_counter() - since
        print(
            f"seed {seed} epoch {epoch}: {seconds:.1f} s, train loss {total / batches:.4f}, "
            f"test accuracy {100 * share:.2f} %",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-flip", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train, test = part(options.folder, "train"), part(options.folder, "t10k")
    for seed in options.seeds:
        run(options, seed, train, test)


if __name__ == "__main__":
    main()
