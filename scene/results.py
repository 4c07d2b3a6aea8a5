"""Finished meshes that are kept so that the redo panel can shape them again. No bpy in here."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from ..inference.settings import GenerateSettings
from ..inference.types import BaseMesh

MAX_BYTES = 256 << 20
MAX_PREPARED = 12
"""Meshes with their colours that are kept as they were inserted."""


@dataclass(frozen=True)
class Result:
    """A mesh and what it was made from.

    picture: where the picture came from, plain JSON types. scene_uid: session uid of the scene
    that asked for it (0: whichever scene is current). identity: this generation's alone; the
    object's record and its entry in the history have it.
    """

    mesh: BaseMesh
    settings: GenerateSettings
    picture: dict[str, Any] = field(default_factory=dict)
    scene_uid: int = 0
    identity: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        mesh = self.mesh
        colours = mesh.colour.rgba.nbytes if mesh.colour is not None else 0
        arrays = [mesh.vertices, mesh.faces]
        if mesh.reduced is not None:
            arrays += [mesh.reduced.vertices, mesh.reduced.faces]
        return sum(array.nbytes for array in arrays) + colours


class ResultStore:
    """Results by the number of their job; the oldest go when the bytes exceed `limit`."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._results: OrderedDict[int, Result] = OrderedDict()
        self._items: dict[int, int] = {}
        self._prepared: OrderedDict[Hashable, Any] = OrderedDict()

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

    def keep_prepared(self, key: Hashable, prepared: Any) -> None:
        """Keep what was made of a result for insertion."""
        self._prepared.pop(key, None)
        self._prepared[key] = prepared
        while len(self._prepared) > MAX_PREPARED:
            self._prepared.popitem(last=False)

    def find_prepared(self, key: Hashable) -> Any | None:
        """What was kept under that key, or None."""
        return self._prepared.get(key)

    def remember_item(self, number: int, uid: int) -> None:
        """The result of that job has become the object with that session uid."""
        self._items[number] = uid

    def find_item(self, number: int) -> int:
        """Session uid of the object that the job's result has become last; 0: none."""
        return self._items.get(number, 0)

    def find_number(self, uid: int) -> int:
        """Job whose result has become the object with that session uid; 0: none."""
        return next((number for number, item in self._items.items() if item == uid), 0)

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()
        self._prepared.clear()
        self._items.clear()

    def _bytes(self) -> int:
        return sum(result.size for result in self._results.values())
