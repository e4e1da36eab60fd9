"""Exponential smoothing of a series with a trend and, where there is one, a season."""

import math


def forecast(values: list[float], steps: int, season: int = 1) -> tuple[list[float], float]:
    """The next values by the Holt-Winters method, and the standard deviation of its one-step errors."""
    first = values[:season]
    level = sum(first) / season
    trend = (sum(values[season : 2 * season]) - sum(first)) / season**2
    seasonal = [value - level for value in first] if season > 1 else [0.0]
    errors = []
    for i, value in enumerate(values[season:], start=season):
        expected = level + trend + seasonal[i % season]
        errors.append(value - expected)
        new_level = 0.5 * (value - seasonal[i % season]) + 0.5 * (level + trend)
        trend = 0.2 * (new_level - level) + 0.8 * trend
        if season > 1:
            seasonal[i % season] = 0.3 * (value - new_level) + 0.7 * seasonal[i % season]
        level = new_level
    count = len(values)
    ahead = [level + k * trend + seasonal[(count + k - 1) % season] for k in range(1, steps + 1)]
    return ahead, math.sqrt(sum(error**2 for error in errors) / len(errors))
