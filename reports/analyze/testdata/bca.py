"""Reference values of bootstrap intervals: python3 bca.py > bca.json"""
import json
import sys

import numpy as np
import scipy
from scipy import stats

SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]
TEN = [2.61, 2.74, 2.83, 2.95, 3.02, 3.18, 3.21, 3.33, 3.47, 3.59]
TAIL = [0.4, 0.1, 0.9, 0.2, 5.3, 0.3, 0.7, 1.8, 0.1, 0.6, 2.2, 0.5]
RARE = [0, 0, 0, 0, 1, 0, 0, 4, 0, 0]


def bca(name, statistic, x, level):
    of = {"mean": np.mean, "variance": np.var}[statistic]
    ends = []
    for seed in range(20):
        r = stats.bootstrap((x,), of, confidence_level=level, n_resamples=100_000, batch=20_000, method="BCa", random_state=seed)
        ends.append([r.confidence_interval.low, r.confidence_interval.high])
    left = np.array([of(np.delete(x, i)) for i in range(len(x))])
    d = left.mean() - left
    sd = np.std(ends, axis=0, ddof=1).max()
    return {
        "name": name, "statistic": statistic, "x": [float(v) for v in x], "level": level, "ci": np.mean(ends, axis=0).tolist(),
        "slack": float(4 * sd + 1e-9), "accel": float((d**3).sum() / (6 * (d**2).sum() ** 1.5)),
    }


json.dump({
    "made_by": f"python3 bca.py, Python {sys.version.split()[0]}, scipy {scipy.__version__}, numpy {np.__version__}",
    "bca": [
        bca("spatial data, variance", "variance", SPATIAL, 0.9),
        bca("spatial data, mean", "mean", SPATIAL, 0.95),
        bca("ten values", "mean", TEN, 0.95),
        bca("a long tail", "mean", TAIL, 0.95),
        bca("rare events", "mean", RARE, 0.95),
    ],
}, sys.stdout, indent=1)
