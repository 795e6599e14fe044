"""Reference values of tests: python3 tests.py > scipy.json"""
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261130)


def u(a, b, axis=-1):
    return stats.mannwhitneyu(a, b, axis=axis, method="asymptotic").statistic


def case(name, a, b, method):
    if method == "permutations":  # every division of the values: exact with ties
        p = stats.permutation_test((a, b), u, permutation_type="independent", vectorized=True, n_resamples=np.inf, alternative="two-sided").pvalue
    else:
        p = stats.mannwhitneyu(a, b, alternative="two-sided", method=method, use_continuity=True).pvalue
    return {"name": name, "method": method, "a": [float(v) for v in a], "b": [float(v) for v in b], "p": float(p)}


def normal(n, by=0.0):
    return np.round(rng.normal(by, 1, n), 6)


def counts(n, by=0.0):
    return rng.poisson(1 + by, n)


cases = []
for n, m, by in [(3, 3, 0), (4, 7, 1), (10, 10, 0), (10, 10, 1), (10, 10, 2), (6, 20, 1), (20, 20, 1), (30, 25, 0.5), (50, 50, 0.6)]:
    cases.append(case(f"{n} and {m} without ties", normal(n), normal(m, by), "exact"))
for n, m, by in [(4, 4, 0), (5, 5, 1), (3, 8, 1), (8, 8, 1), (10, 6, 2)]:
    cases.append(case(f"{n} and {m} with ties", counts(n), counts(m, by), "permutations"))
for n, m, by in [(60, 60, 0.4), (100, 80, 0.2), (200, 60, 0)]:
    cases.append(case(f"{n} and {m} without ties, approximate", normal(n), normal(m, by), "asymptotic"))
for n, m, by in [(26, 30, 1), (60, 60, 0.3), (150, 120, 0)]:
    cases.append(case(f"{n} and {m} with ties, approximate", counts(n), counts(m, by), "asymptotic"))

json.dump({"made_by": f"python3 tests.py, Python {sys.version.split()[0]}, scipy {scipy.__version__}, numpy {np.__version__}", "cases": cases},
          sys.stdout, indent=1)
