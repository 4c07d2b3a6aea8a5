"""Numbers drawn from the name of a shape, and from nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


class Draw:
    """Draws for the shape `KIND/NUMBER`.

    `spread` numbers of successive shapes of a kind fill their range evenly (Kronecker sequences,
    one irrational step for every number drawn), so that no two of a kind come out alike by chance;
    all others are independent.
    """

    def __init__(self, name: str) -> None:
        kind, _, number = name.rpartition("/")
        self._index = int(number)
        self._spreads = 0
        self._start = self._generator(kind).random(len(_PRIMES))
        self._random = self._generator(name)

    @staticmethod
    def _generator(text: str) -> np.random.Generator:
        digest = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))

    def spread(self, low: float, high: float) -> float:
        """A number of the range, far from those of the shapes before and after."""
        place = self._spreads % len(_PRIMES)
        self._spreads += 1
        share = (self._start[place] + self._index * np.sqrt(_PRIMES[place])) % 1.0
        return float(low + share * (high - low))

    def between(self, low: float, high: float) -> float:
        """An independent number of the range."""
        return float(self._random.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self._random.random() < probability)

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self._random.integers(low, high + 1))

    def choice(self, items: Sequence[Item], weights: Sequence[float] | None = None) -> Item:
        """One of the items."""
        share = None if weights is None else np.asarray(weights, float) / np.sum(weights)
        return items[int(self._random.choice(len(items), p=share))]
