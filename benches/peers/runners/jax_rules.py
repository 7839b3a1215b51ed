"""Update rules over trees of arrays, with PyTorch's definitions: (init, update) where
`update(gradients, state, parameters) -> (parameters, state)`."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax.tree_util import tree_map

Tree = Any  # arrays in lists, tuples and dictionaries
Rule = tuple[Callable[[Tree], Tree], Callable[[Tree, Tree, Tree], tuple[Tree, Tree]]]


def sgd(lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> Rule:
    """v ← μ v + g + λ p;  p ← p − lr v."""
    if not momentum:
        return lambda p: (), lambda g, s, p: (tree_map(lambda p, g: p - lr * g, p, g), s)

    def update(g: Tree, v: Tree, p: Tree) -> tuple[Tree, Tree]:
        v = tree_map(lambda v, g, p: momentum * v + g + weight_decay * p, v, g, p)
        return tree_map(lambda p, v: p - lr * v, p, v), v

    return lambda p: tree_map(jnp.zeros_like, p), update


def adam(
    lr: float,
    weight_decay: float = 0.0,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Rule:
    """Adam; with a decay that is not part of the gradient, AdamW."""

    def init(p: Tree) -> Tree:
        return jnp.zeros(()), tree_map(jnp.zeros_like, p), tree_map(jnp.zeros_like, p)

    def update(g: Tree, state: Tree, p: Tree) -> tuple[Tree, Tree]:
        step, m, v = state
        step = step + 1
        m = tree_map(lambda m, g: beta1 * m + (1 - beta1) * g, m, g)
        v = tree_map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, g)
        first, second = 1 - beta1**step, 1 - beta2**step

        def one(p: Array, m: Array, v: Array) -> Array:
            return p * (1 - lr * weight_decay) - lr * (m / first) / (jnp.sqrt(v / second) + eps)

        return tree_map(one, p, m, v), (step, m, v)

    return init, update
