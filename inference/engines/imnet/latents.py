"""What is known of the training shapes' latents: the class of a latent, and moving it to another.

A picture encoder that meets something new may answer with a latent that no shape has, whose field
is mush. The latents of the training shapes (the bank) say what lies near.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

NEIGHBOURS = 4  # training shapes that are blended


@dataclass(frozen=True)
class LatentBank:
    """Latents [K, latent] of the training shapes, their classes [K] (int64) and the names.

    pull: share of the way, 0 to 1, that an encoded latent is moved towards the blend of its
    nearest neighbours in its class; chosen on validation pictures.
    """

    latents: Tensor
    classes: Tensor
    names: tuple[str, ...]
    pull: float = 0.0

    def distances(self, z: Tensor) -> Tensor:
        """Squared Euclidean distances [K] of one latent [latent] to the bank's."""
        return (self.latents - z).square().sum(1)

    def rank_classes(self, z: Tensor) -> list[tuple[str, float]]:
        """Classes by their nearest shape, best first, with weights that sum to 1.

        The weight falls with the distance to the class's nearest shape, relative to the distance
        to the nearest of all: twice as far (in squared distance) weighs e times less.
        """
        distances = self.distances(z)
        present = torch.unique(self.classes).tolist()
        nearest = torch.stack([distances[self.classes == c].min() for c in present])
        weights = torch.softmax(-nearest / nearest.min().clamp(min=1e-6), 0)
        order = torch.argsort(nearest, stable=True).tolist()
        return [(self.names[present[place]], weights[place].item()) for place in order]

    def blend(self, z: Tensor, name: str) -> Tensor:
        """The nearest shapes of a class, blended: near ones count more. [latent] -> [latent].

        Raises KeyError when no training shape has that class.
        """
        members = self.latents[self.classes == self._index(name)]
        distances = (members - z).square().sum(1)
        nearest, places = distances.topk(min(NEIGHBOURS, len(members)), largest=False)
        weights = torch.softmax(-nearest / nearest[0].clamp(min=1e-6), 0)
        return weights @ members[places]

    def settle(self, z: Tensor) -> Tensor:
        """The latent moved by `pull` towards its nearest neighbours in its own class."""
        if not self.pull:
            return z
        name, _ = self.rank_classes(z)[0]
        return z + self.pull * (self.blend(z, name) - z)

    def move_to_class(self, z: Tensor, name: str) -> Tensor:
        """The latent read as a shape of a class.

        Unchanged but settled where that is its nearest class anyway. Otherwise it goes most of the
        way to the blend of that class's nearest shapes: far enough that the nearest shape is one of
        that class, keeping as much of what the picture said as that allows.
        """
        if self.rank_classes(z)[0][0] == name:
            return self.settle(z)
        target = self.blend(z, name)
        for share in (0.5, 0.65, 0.8):
            moved = z + share * (target - z)
            if self.rank_classes(moved)[0][0] == name:
                return moved
        return target

    def has_class(self, name: str) -> bool:
        """Whether any training shape has that class."""
        return name in self.names and bool((self.classes == self._index(name)).any())

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(name)
        return self.names.index(name)
