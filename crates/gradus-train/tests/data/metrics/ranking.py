"""Records what scikit-learn says of scores of two classes, in ranking.json beside this file.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python ranking.py
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

rng = np.random.default_rng(14)
cases = []
for n, levels, share in [(2, 9, 0.5), (10, 9, 0.5), (40, 5, 0.5), (60, 1000, 0.1), (60, 30, 0.9), (50, 1, 0.4)]:
    labels = (rng.random(n) < share).astype(int)
    labels[:2] = [0, 1]
    # Few levels make ties; class 1 scores a little higher. Sixteenths are exact in f32.
    scores = np.round((rng.normal(size=n) + labels) * levels) / 16 if levels > 1 else np.full(n, 0.5)
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(labels, scores)
    cases.append({
        "scores": scores.tolist(), "labels": labels.tolist(),
        "roc_auc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
        "fpr": fpr.tolist(), "tpr": tpr.tolist(),
        # From the highest threshold down, without the point (0, 1) that scikit-learn adds.
        "precision": precision[:-1][::-1].tolist(), "recall": recall[:-1][::-1].tolist(),
    })
text = json.dumps(cases, separators=(",", ":")).replace("},{", "},\n{")
pathlib.Path(__file__).with_name("ranking.json").write_text(text + "\n")
