"""Times JAX under `jit` on one workload: a training step (forward, loss, backward, optimizer; the
old parameters are donated) and the inference of one sample.

XLA takes as many threads as the process may use processors; `compare` pins it to as many as asked.
"""

import functools
import os

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jax_models as models
import jax_rules as rules
import timing
from jax_rules import Tree


def workload(name: str, rng: np.random.Generator) -> tuple[models.Built, rules.Rule]:
    """(parameters, state, forward), and the rule that trains them."""
    match name:
        case "mlp1":
            return models.mlp(784, 128, 10)(rng), rules.sgd(0.01)
        case "mlp2":
            return models.mlp(784, 512, 512, 10)(rng), rules.adam(1e-3)
        case "cnn":
            return models.cnn(rng), rules.adam(1e-3)
        case "resnet":
            return models.resnet20(rng), rules.sgd(0.1, momentum=0.9, weight_decay=1e-4)
        case "lstm":
            return models.lstm(rng), rules.adam(1e-3)
        case "gpt":
            return models.gpt(rng), rules.adam(1e-3, weight_decay=0.01)


def batch(name: str, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Random inputs and labels."""
    if name in ("lstm", "gpt"):
        shape = (2, size, models.LENGTH)
        x, y = jnp.asarray(rng.integers(0, models.VOCABULARY, shape), jnp.int32)
        return x, y.reshape(-1)
    shape = {"cnn": (28, 28, 1), "resnet": (32, 32, 3)}.get(name, (784,))
    labels = jnp.asarray(rng.integers(0, 10, size), jnp.int32)
    return models.normal(rng, size, *shape), labels


def cross_entropy(scores: Array, labels: Array) -> Array:
    logs = jax.nn.log_softmax(scores.reshape(len(labels), -1))
    return -jnp.mean(jnp.take_along_axis(logs, labels[:, None], 1))


def main() -> None:
    chosen = timing.options(__doc__)
    chosen.threads = len(os.sched_getaffinity(0))
    rng = np.random.default_rng(0)
    jnp.zeros(()).block_until_ready()  # starts XLA
    base_bytes = timing.memory("VmRSS")

    (params, state, forward), (init, update) = workload(chosen.workload, rng)
    x, y = batch(chosen.workload, chosen.batch, rng)
    first = x[:1]
    now = (params, init(params), state, jnp.nan)

    def loss(params: Tree, state: Tree, x: Array, y: Array) -> tuple[Array, Tree]:
        scores, state = forward(params, state, x, True)
        return cross_entropy(scores, y), state

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def train(params: Tree, moments: Tree, state: Tree, x: Array, y: Array) -> tuple[Tree, ...]:
        (value, state), g = jax.value_and_grad(loss, has_aux=True)(params, state, x, y)
        params, moments = update(g, moments, params)
        return params, moments, state, value

    infer = jax.jit(lambda params, state, x: forward(params, state, x, False)[0])

    def train_step() -> None:
        nonlocal now
        now = jax.block_until_ready(train(*now[:3], x, y))

    def infer_step() -> None:
        infer(now[0], now[2], first).block_until_ready()

    def end_training() -> float:
        return float(now[3])

    version = jax.__version__
    timing.measure(chosen, "jax", version, train_step, infer_step, end_training, base_bytes)


if __name__ == "__main__":
    main()
