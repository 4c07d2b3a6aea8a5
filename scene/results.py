"""Finished meshes that are kept so that the redo panel can shape them again. No bpy in here."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from ..inference.settings import GenerateSettings
from ..inference.types import BaseMesh

MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Result:
    """A mesh and what it was made from.

    picture: where the picture came from, plain JSON types. scene_uid: session uid of the scene
    that asked for it (0: whichever scene is current).
    """

    mesh: BaseMesh
    settings: GenerateSettings
    picture: dict[str, Any] = field(default_factory=dict)
    scene_uid: int = 0

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return self.mesh.vertices.nbytes + self.mesh.faces.nbytes


class ResultStore:
    """Results by the number of their job; the oldest go when the bytes exceed `limit`."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._results: OrderedDict[int, Result] = OrderedDict()

    def __len__(self) -> int:
        return len(self._results)

    def keep(self, number: int, result: Result) -> None:
        """Keep a result; the newest always stays, however large."""
        self._results.pop(number, None)
        self._results[number] = result
        while len(self._results) > 1 and self._bytes() > self._limit:
            self._results.popitem(last=False)

    def find(self, number: int) -> Result | None:
        """The result of that job, or None when it was never kept or had to go."""
        return self._results.get(number)

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()

    def _bytes(self) -> int:
        return sum(result.size for result in self._results.values())
