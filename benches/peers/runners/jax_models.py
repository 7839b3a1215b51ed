"""The six networks in JAX: plain functions of parameters, images channels-last.

Each `name(rng)` gives (parameters, state, forward) with
`forward(parameters, state, x, train) -> (scores, state)`; the state holds the running statistics of
the batch normalisations and is empty for the others.
"""

import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.random import Generator

from jax_rules import Tree

Forward = Callable[[Tree, Tree, Array, bool], tuple[Array, Tree]]
Built = tuple[Tree, Tree, Forward]

VOCABULARY, LENGTH = 65, 64  # characters, and how many of them a sequence has


def uniform(rng: Generator, bound: float, *shape: int) -> Array:
    return jnp.asarray(rng.uniform(-bound, bound, shape), jnp.float32)


def normal(rng: Generator, *shape: int) -> Array:
    return jnp.asarray(rng.normal(size=shape), jnp.float32)


def linear(rng: Generator, inputs: int, outputs: int) -> Tree:
    bound = inputs**-0.5
    return {"w": uniform(rng, bound, inputs, outputs), "b": uniform(rng, bound, outputs)}


def apply_linear(p: Tree, x: Array) -> Array:
    return x @ p["w"] + p["b"]


def mlp(*sizes: int) -> Callable[[Generator], Built]:
    def build(rng: Generator) -> Built:
        def forward(params: Tree, state: Tree, x: Array, train: bool) -> tuple[Array, Tree]:
            for layer in params[:-1]:
                x = jax.nn.relu(apply_linear(layer, x))
            return apply_linear(params[-1], x), state

        return [linear(rng, *pair) for pair in itertools.pairwise(sizes)], (), forward

    return build


def kernel(rng: Generator, inputs: int, outputs: int, size: int = 3) -> Array:
    return uniform(rng, (inputs * size * size) ** -0.5, size, size, inputs, outputs)


def conv(w: Array, x: Array, stride: int = 1) -> Array:
    pad = w.shape[0] // 2
    return lax.conv_general_dilated(
        x, w, (stride, stride), ((pad, pad),) * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def cnn(rng: Generator) -> Built:
    params = {"conv1": kernel(rng, 1, 32), "bias1": jnp.zeros(32)}
    params |= {"conv2": kernel(rng, 32, 64), "bias2": jnp.zeros(64)}
    params |= {"fc1": linear(rng, 3136, 128), "fc2": linear(rng, 128, 10)}

    def pool(x: Array) -> Array:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def forward(p: Tree, state: Tree, x: Array, train: bool) -> tuple[Array, Tree]:
        x = pool(jax.nn.relu(conv(p["conv1"], x) + p["bias1"]))
        x = pool(jax.nn.relu(conv(p["conv2"], x) + p["bias2"]))
        x = jax.nn.relu(apply_linear(p["fc1"], x.reshape(len(x), -1)))
        return apply_linear(p["fc2"], x), state

    return params, (), forward


def conv_norm(
    rng: Generator, inputs: int, outputs: int, size: int = 3
) -> tuple[Tree, tuple[Array, Array]]:
    """A convolution with its batch normalisation: parameters and running statistics."""
    params = {"w": kernel(rng, inputs, outputs, size)}
    params |= {"scale": jnp.ones(outputs), "shift": jnp.zeros(outputs)}
    return params, (jnp.zeros(outputs), jnp.ones(outputs))


def apply_conv_norm(
    p: Tree, state: Tree, x: Array, train: bool, stride: int = 1
) -> tuple[Array, Tree]:
    x = conv(p["w"], x, stride)
    mean, var = state
    if train:
        mean = x.mean((0, 1, 2))
        var = (x * x).mean((0, 1, 2)) - mean * mean
        count = x.size / x.shape[-1]
        new = (mean, var * (count / (count - 1)))
        state = [0.9 * old + 0.1 * lax.stop_gradient(it) for old, it in zip(state, new)]
    return (x - mean) * (lax.rsqrt(var + 1e-5) * p["scale"]) + p["shift"], tuple(state)


def resnet20(rng: Generator) -> Built:
    sizes = [(o, 2 if o > 16 and i == 0 else 1) for o in (16, 32, 64) for i in range(3)]
    stem, blocks, inputs = conv_norm(rng, 3, 16), [], 16
    for outputs, stride in sizes:
        parts = [conv_norm(rng, inputs, outputs), conv_norm(rng, outputs, outputs)]
        if (inputs, 1) != (outputs, stride):
            parts.append(conv_norm(rng, inputs, outputs, 1))
        blocks.append(parts)
        inputs = outputs
    params = {"stem": stem[0], "blocks": [[part[0] for part in block] for block in blocks]}
    state = [stem[1], [[part[1] for part in block] for block in blocks]]
    params["head"] = linear(rng, 64, 10)

    def forward(p: Tree, state: Tree, x: Array, train: bool) -> tuple[Array, Tree]:
        x, stem = apply_conv_norm(p["stem"], state[0], x, train)
        x, after = jax.nn.relu(x), []
        for parts, states, (_, stride) in zip(p["blocks"], state[1], sizes):
            y, first = apply_conv_norm(parts[0], states[0], x, train, stride)
            y, second = apply_conv_norm(parts[1], states[1], jax.nn.relu(y), train)
            after.append([first, second])
            if len(parts) == 3:
                x, third = apply_conv_norm(parts[2], states[2], x, train, stride)
                after[-1].append(third)
            x = jax.nn.relu(x + y)
        return apply_linear(p["head"], x.mean((1, 2))), [stem, after]

    return params, state, forward


def lstm(rng: Generator, hidden: int = 256) -> Built:
    bound = hidden**-0.5
    params = {"embedding": normal(rng, VOCABULARY, 64), "head": linear(rng, hidden, VOCABULARY)}
    params |= {"wx": uniform(rng, bound, 64, 4 * hidden), "bx": uniform(rng, bound, 4 * hidden)}
    params |= {"wh": uniform(rng, bound, hidden, 4 * hidden), "bh": uniform(rng, bound, 4 * hidden)}

    def forward(p: Tree, state: Tree, x: Array, train: bool) -> tuple[Array, Tree]:
        # The products with the inputs of all steps at once, time first.
        inputs = (p["embedding"][x] @ p["wx"] + p["bx"] + p["bh"]).swapaxes(0, 1)

        def cell(carry: tuple[Array, Array], from_input: Array) -> tuple[Tree, Array]:
            h, c = carry
            i, f, g, o = jnp.split(from_input + h @ p["wh"], 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((len(x), hidden))
        _, outputs = lax.scan(cell, (zero, zero), inputs)
        return apply_linear(p["head"], outputs.swapaxes(0, 1)), state

    return params, (), forward


def gpt(rng: Generator, width: int = 128, heads: int = 4, blocks: int = 4) -> Built:
    def norm() -> Tree:
        return {"scale": jnp.ones(width), "shift": jnp.zeros(width)}

    def block() -> Tree:
        p = {"norm1": norm(), "norm2": norm(), "qkv": linear(rng, width, 3 * width)}
        p |= {"project": linear(rng, width, width), "up": linear(rng, width, 4 * width)}
        return p | {"down": linear(rng, 4 * width, width)}

    params = {"token": normal(rng, VOCABULARY, width), "position": normal(rng, LENGTH, width)}
    params |= {"blocks": [block() for _ in range(blocks)], "norm": norm()}
    params["head"] = linear(rng, width, VOCABULARY)

    def layer_norm(p: Tree, x: Array) -> Array:
        x = x - x.mean(-1, keepdims=True)
        return x * lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * p["scale"] + p["shift"]

    def attend(p: Tree, x: Array) -> Array:
        b, t, _ = x.shape
        q, k, v = apply_linear(p["qkv"], x).reshape(b, t, 3, heads, -1).transpose(2, 0, 3, 1, 4)
        scores = q @ k.swapaxes(-1, -2) * np.float32((width // heads) ** -0.5)
        causal = jnp.tril(jnp.ones((t, t), bool))
        weights = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf), -1)
        return apply_linear(p["project"], (weights @ v).swapaxes(1, 2).reshape(b, t, width))

    def forward(p: Tree, state: Tree, x: Array, train: bool) -> tuple[Array, Tree]:
        x = p["token"][x] + p["position"][: x.shape[1]]
        for q in p["blocks"]:
            x = x + attend(q, layer_norm(q["norm1"], x))
            up = jax.nn.gelu(apply_linear(q["up"], layer_norm(q["norm2"], x)), approximate=False)
            x = x + apply_linear(q["down"], up)
        return apply_linear(p["head"], layer_norm(p["norm"], x)), state

    return params, (), forward
