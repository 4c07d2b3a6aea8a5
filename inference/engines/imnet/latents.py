"""What is known of the training shapes' latents: the class of a latent, and moving it to another.

A picture encoder that meets something new may answer with a latent that no shape has, whose field
is mush. The latents of the training shapes (the bank) say what lies near.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

NEIGHBOURS = 8  # training shapes that are blended


@dataclass(frozen=True)
class LatentBank:
    """Latents [K, latent] of the training shapes, their classes [K] (int64) and the names.

    pull: share of the way, 0 to 1, that an encoded latent is moved towards the blend of its
    nearest neighbours in its class; chosen on validation pictures.
    diagonals: [K] real box diagonals in metres, 0 where unknown; None: all unknown.
    temperature: see `rank_classes`; chosen on validation pictures too.
    """

    latents: Tensor
    classes: Tensor
    names: tuple[str, ...]
    pull: float = 0.0
    diagonals: Tensor | None = None
    temperature: float = 0.0

    def distances(self, z: Tensor) -> Tensor:
        """Squared Euclidean distances [K] of one latent [latent] to the bank's."""
        return (self.latents - z).square().sum(1)

    def rank_classes(self, z: Tensor) -> list[tuple[str, float]]:
        """Classes, best first, with weights that sum to 1.

        With temperature 0 by their nearest shape; the weight falls with its squared distance, by e
        for every time the distance of the nearest of all. Otherwise by the mean of
        exp(-squared distance / temperature) over the class's shapes, so that a class does not win
        only because it has many.
        """
        distances = self.distances(z)
        present = torch.unique(self.classes).tolist()
        parts = [distances[self.classes == c] for c in present]
        if self.temperature:
            scores = torch.stack(
                [torch.logsumexp(-d / self.temperature, 0) - math.log(len(d)) for d in parts]
            )
        else:
            nearest = torch.stack([d.min() for d in parts])
            scores = -nearest / nearest.min().clamp(min=1e-6)
        weights = torch.softmax(scores, 0)
        order = torch.argsort(scores, descending=True, stable=True).tolist()
        return [(self.names[present[place]], weights[place].item()) for place in order]

    def blend(self, z: Tensor, name: str) -> Tensor:
        """The nearest shapes of a class, blended: near ones count more. [latent] -> [latent].

        Raises KeyError when no training shape has that class.
        """
        places, weights = self._nearest(z, self.classes == self._index(name))
        return weights @ self.latents[places]

    def estimate_diagonal(self, z: Tensor, name: str) -> float:
        """Box diagonal in metres of such a shape: the geometric mean of its nearest neighbours in
        the class, weighted as in `blend`; 0 where no size is known."""
        if self.diagonals is None or name not in self.names:
            return 0.0
        known = (self.classes == self._index(name)) & (self.diagonals > 0)
        if not known.any():
            return 0.0
        places, weights = self._nearest(z, known)
        return (weights @ self.diagonals[places].log()).exp().item()

    def settle(self, z: Tensor, name: str = "") -> Tensor:
        """The latent moved by `pull` towards its nearest neighbours in a class (empty: its own)."""
        if not self.pull:
            return z
        name = name or self.rank_classes(z)[0][0]
        return z + self.pull * (self.blend(z, name) - z)

    def move_to_class(self, z: Tensor, name: str) -> Tensor:
        """The latent read as a shape of a class.

        Only settled where that is its class anyway. Otherwise it goes towards the blend of that
        class's nearest shapes, in steps, until it counts as one of them, keeping as much of what
        the picture said as that allows; at most all the way.
        """
        if self.rank_classes(z)[0][0] == name:
            return self.settle(z)
        target = self.blend(z, name)
        for share in (0.5, 0.65, 0.8):
            moved = z + max(share, self.pull) * (target - z)
            if self.rank_classes(moved)[0][0] == name:
                return moved
        return target

    def has_class(self, name: str) -> bool:
        """Whether any training shape has that class."""
        return name in self.names and bool((self.classes == self._index(name)).any())

    def _nearest(self, z: Tensor, members: Tensor) -> tuple[Tensor, Tensor]:
        """Places in the bank of the nearest of `members` (bool [K]), and weights that sum to 1."""
        places = members.nonzero().squeeze(1)
        distances = (self.latents[places] - z).square().sum(1)
        nearest, order = distances.topk(min(NEIGHBOURS, len(places)), largest=False)
        return places[order], torch.softmax(-nearest / nearest[0].clamp(min=1e-6), 0)

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(name)
        return self.names.index(name)
