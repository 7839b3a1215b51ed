"""The products of matrices in a training step of each network, and in its inference of one sample:
the linear layers, the recurrent part of the LSTM, and attention.

A layer `Y = X Wᵀ` has three: forward `X Wᵀ`, backward by its input `Ȳ W`, and by its weight `Ȳᵀ X`.
Convolutions have kernels of their own and are not here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

FORMS = {"nn": "A·B", "nt": "A·Bᵀ", "tn": "Aᵀ·B"}
STEP = 1_000_000  # multiply-adds of a step that is timed, at least: the clock must not count


@dataclass(frozen=True)
class Product:
    """`count` matrices of m×k times as many of k×n; the form has `t` for a side that lies
    transposed in memory."""

    count: int
    m: int
    k: int
    n: int
    form: str

    def work(self) -> int:
        """Multiply-adds."""
        return self.count * self.m * self.k * self.n

    def argument(self) -> str:
        """What runners read: the fields, and how many calls make a step."""
        calls = -(-STEP // self.work())
        return f"{self.count},{self.m},{self.k},{self.n},{self.form},{calls}"

    def size(self) -> str:
        stack = f"{self.count} of " if self.count > 1 else ""
        return f"{stack}{self.m}×{self.k}×{self.n}"


class Use(NamedTuple):
    """What a product is for; inference has only those that are forward."""

    product: Product
    what: str
    forward: bool = False


# Of each network: the rows that its linear layers see in training and in the inference of one
# sample, and of each layer name, inputs and outputs.
LAYERS = {
    "mlp1": (64, 1, [("first", 784, 128), ("last", 128, 10)]),
    "mlp2": (64, 1, [("first", 784, 512), ("middle", 512, 512), ("last", 512, 10)]),
    "cnn": (64, 1, [("wide", 3136, 128), ("last", 128, 10)]),
    "resnet": (64, 1, [("last", 64, 10)]),
    "lstm": (2048, 64, [("gates", 64, 1024), ("last", 256, 65)]),
    "gpt": (2048, 64, [
        ("qkv", 128, 384), ("project", 128, 128), ("up", 128, 512), ("down", 512, 128),
        ("last", 128, 65),
    ]),
}  # fmt: skip


def linear(rows: int, inputs: int, outputs: int) -> Iterator[Use]:
    yield Use(Product(1, rows, inputs, outputs, "nt"), "forward", True)
    yield Use(Product(1, rows, outputs, inputs, "nn"), "by input")
    yield Use(Product(1, outputs, rows, inputs, "tn"), "by weight")


def recurrent(samples: int, steps: int, hidden: int) -> Iterator[Use]:
    """What an LSTM does with its state; the gradient of the weight is one product for all steps."""
    yield Use(Product(1, samples, hidden, 4 * hidden, "nt"), "one step forward", True)
    yield Use(Product(1, samples, 4 * hidden, hidden, "nn"), "one step by state")
    yield Use(Product(1, 4 * hidden, samples * steps, hidden, "tn"), "by weight")


def attention(heads: int, tokens: int, dim: int) -> Iterator[Use]:
    """`S = Q Kᵀ`, `Y = P V`, and backward `P̄ = Ȳ Vᵀ`, `Q̄ = S̄ K`, `V̄ = Pᵀ Ȳ`, `K̄ = S̄ᵀ Q`."""
    yield Use(Product(heads, tokens, dim, tokens, "nt"), "S and by P", True)
    yield Use(Product(heads, tokens, tokens, dim, "nn"), "Y and by Q", True)
    yield Use(Product(heads, tokens, tokens, dim, "tn"), "by K and V")


def parts(workload: str, training: bool) -> Iterator[tuple[str, Iterator[Use]]]:
    """The parts of a network and the products of each."""
    trained, alone, layers = LAYERS[workload]
    for name, inputs, outputs in layers:
        yield name, linear(trained if training else alone, inputs, outputs)
    samples = 32 if training else 1
    if workload == "lstm":
        yield "state", recurrent(samples, 64, 256)
    if workload == "gpt":
        yield "attention", attention(4 * samples, 64, 32)


def uses(workload: str) -> Iterator[tuple[Product, str]]:
    """All products of a network, and where it has them."""
    for name, products in parts(workload, training=True):
        for use in products:
            # A first layer on data needs no gradient of its input.
            if (name, use.what) != ("first", "by input"):
                yield use.product, f"{name} {use.what}"
    for name, products in parts(workload, training=False):
        yield from ((use.product, f"{name} inference") for use in products if use.forward)


def all_of(workloads: Sequence[str]) -> dict[Product, str]:
    """Every product once, with all places where it is used."""
    places: dict[Product, list[str]] = {}
    for workload in workloads:
        for product, what in uses(workload):
            places.setdefault(product, []).append(f"{workload} {what}")
    return {product: "; ".join(names) for product, names in places.items()}
