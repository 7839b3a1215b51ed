"""Metrics of scikit-learn, to compare ours with.

    python3 scikit_learn.py > scikit_learn.json        (scikit-learn 1.9.1, numpy 2.4.6)

Scores are rounded to three digits and have no ties. Averages are those of scikit-learn's default, over the
classes that occur among labels or predictions; `per_class` is over all of them.
"""

import json
import sys
import warnings

import numpy as np
from sklearn import metrics as sk

warnings.filterwarnings("ignore")
make = np.random.default_rng(14)
AVERAGES = ["micro", "macro", "weighted"]
QUOTIENTS = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score, "iou": sk.jaccard_score}


def classes(name, shape, chosen=None, ignored=None, skill=1.0):
    """Scores of `shape`, [N, C, ...], and labels out of the classes `chosen`."""
    n, c, *rest = shape
    labels = make.choice(chosen or c, size=[n, *rest])
    scores = make.normal(size=shape) + skill * np.moveaxis(np.eye(c)[labels], -1, 1)
    scores = scores.round(3)
    assert len(np.unique(scores)) > 0.8 * scores.size
    if ignored is not None:
        labels[make.random(labels.shape) < 0.3] = ignored
    keep = labels.ravel() != ignored
    flat = np.moveaxis(scores, 1, -1).reshape(-1, c)[keep]
    assert all(len(set(row)) == c for row in flat)
    true, called = labels.ravel()[keep], flat.argmax(1)
    every = range(c)
    case = dict(name=name, shape=shape, scores=scores.ravel().tolist(), labels=labels.ravel().tolist(), ignored=ignored)
    case["accuracy"] = sk.accuracy_score(true, called)
    case["top_k"] = [
        sk.top_k_accuracy_score(true, flat if c > 2 else flat[:, 1] - flat[:, 0], k=k, labels=every)
        for k in range(1, c + 1)
    ]
    case["matrix"] = sk.confusion_matrix(true, called, labels=every).ravel().tolist()
    for quotient, compute in QUOTIENTS.items():
        case[quotient] = {a: float(compute(true, called, average=a, zero_division=0)) for a in AVERAGES}
        case[quotient]["per_class"] = compute(true, called, average=None, labels=every, zero_division=0).tolist()
    chances = np.exp(flat - flat.max(1, keepdims=True))
    case["perplexity"] = float(np.exp(sk.log_loss(true, chances / chances.sum(1, keepdims=True), labels=every)))
    return case


def numbers(name, targets, predictions, type="f64"):
    """Targets [N] or [N, D] and predictions."""
    t, p = np.array(targets), np.array(predictions)
    return dict(
        name=name, type=type, shape=t.shape, targets=t.ravel().tolist(), predictions=p.ravel().tolist(),
        mae=sk.mean_absolute_error(t.ravel(), p.ravel()),
        rmse=sk.root_mean_squared_error(t.ravel(), p.ravel()),
        r2=float(sk.r2_score(t, p)),
        per_output=np.atleast_1d(sk.r2_score(t, p, multioutput="raw_values")).tolist(),
    )


near = lambda t, by=0.5: t + make.normal(size=t.shape).round(3) * by
line, table = make.normal(size=20).round(3), make.normal(size=(9, 3)).round(3)
floats = lambda x: np.float32(x).astype(float)
# A spread of one around 10^8: numbers that doubles hold exactly, so that scikit-learn loses little.
far = 1e8 + make.integers(-8, 9, size=16) / 4
out = dict(
    classes=[
        classes("five classes", [24, 5]),
        classes("two classes", [15, 2]),
        classes("a class that does not occur", [18, 6], chosen=[0, 1, 3, 4]),
        classes("hits are rare", [12, 4], skill=-2.0),
        classes("maps", [2, 4, 3, 2]),
        classes("labels that do not count", [2, 3, 4, 3], ignored=-100),
    ],
    numbers=[
        numbers("a line", line, near(line)),
        numbers("worse than the mean", line, near(line, 3.0)),
        numbers("f32", floats(line), floats(near(line)), "f32"),
        numbers("three outputs", table, near(table)),
        numbers("far from zero", far, far + make.integers(-4, 5, size=16) / 8),
        numbers("equal targets", [2.5] * 4, [2.5, 2.5, 2.0, 2.5]),
        numbers("equal targets that are met", [0.1] * 3, [0.1] * 3),
        numbers("an output of equal targets", [[1, 3], [2, 3], [4, 3]], [[1, 3], [3, 3], [4, 3]]),
    ],
)
json.dump(out, sys.stdout, separators=(",", ":"))
print()
