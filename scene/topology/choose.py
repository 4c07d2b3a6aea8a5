"""One of the topologies, by name: begun, so that a window need not wait, or at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import finished
from .fidelity import measure_fidelity
from .original import Original, Remeshed
from .quads import QuadJob, start_quads
from .remnants import count_parts
from .triangles import TOLERANCE, decimate
from .voxels import remesh_voxels

__all__ = ["TOLERANCE", "RemeshJob", "choose_budget", "remesh"]

USUAL_QUADS = 5_000
MOST_VOXELS = 50_000
"""Numbers of faces where the artist asks for none."""
MUCH = 0.1
"""Share of the volume whose change is told."""
FAR = 0.05
"""Share of the box diagonal: a surface that far from the original is told."""


class RemeshJob:
    """A surface on its way to another topology. Raises InsertError as the topologies do.

    original: closed. topology: triangles, quads or voxel. budget: faces wanted; 0: a usual number,
    which for triangles are those of the original, or what is ready as `usual`. What was made is
    remembered, see `finished`.
    """

    def __init__(
        self, original: Original, topology: str, budget: int, usual: Remeshed | None = None
    ) -> None:
        self._original, self._topology = original, topology
        self._budget = choose_budget(original.faces, topology, budget)
        self._quads: QuadJob | None = None
        self._result: Remeshed | None = None
        self._identity = ""
        if topology == "triangles" and not budget and usual is not None:
            self._result = usual
            return
        if topology == "triangles" and len(original.faces) <= self._budget:
            self._result = Remeshed(original.mesh, "triangles")
            return
        self._identity = finished.identify(original)
        self._result = finished.find(self._identity, topology, self._budget)
        if self._result is None and topology == "quads":
            self._quads = start_quads(original, self._budget)

    def poll(self) -> bool:
        """Whether it is done. Only quads are made elsewhere: the others are now, if need be."""
        if self._result is not None:
            return True
        if self._quads is not None:
            if not self._quads.poll():
                return False
            self._result = self._quads.result()
        elif self._topology == "voxel":
            self._result = remesh_voxels(self._original, self._budget)
        else:
            self._result = decimate(self._original, self._budget)
        self._result = _compare(self._result, self._original)
        finished.remember(self._identity, self._topology, self._budget, self._result)
        return True

    def wait(self) -> Remeshed:
        """Wait for the result. Raises Cancelled, InsertError."""
        if self._quads is not None and self._result is None:
            try:
                self._quads.wait()
            finally:
                self._quads.cancel()
        self.poll()
        return self._result

    def cancel(self) -> None:
        """Stop it."""
        if self._quads is not None:
            self._quads.cancel()


def _compare(remeshed: Remeshed, original: Original) -> Remeshed:
    """With how far it is from the original, which the artist is told where it is much."""
    fidelity = measure_fidelity(remeshed.mesh, original)
    messages = remeshed.messages
    change = fidelity["volume_change"]
    if abs(change) > MUCH:
        messages += (f"The volume changed by {change:+.0%}: more faces keep more of the shape.",)
    away = fidelity["distance_max"] * original.cell / original.diagonal
    if away > FAR:
        messages += (f"Some of the surface moved by {away:.0%} of the size: more faces keep more.",)
    parts = count_parts(remeshed.mesh)
    if parts < original.parts:
        messages += (f"{original.parts - parts} separate parts were joined to others or left out.",)
    if parts > original.parts:
        messages += (f"Thin places broke: {parts} separate parts instead of {original.parts}.",)
    report = {**remeshed.report, **fidelity, "components": parts}
    return replace(remeshed, messages=messages, report=report)


def remesh(original: Original, topology: str, budget: int) -> Remeshed:
    """The surface with that topology; waits for it. As `RemeshJob`."""
    return RemeshJob(original, topology, budget).wait()


def choose_budget(faces: np.ndarray, topology: str, budget: int) -> int:
    """The number of faces that is aimed at. faces: int [F, 3], the original's. budget: 0: none."""
    if budget or topology == "triangles":
        return budget or len(faces)
    if topology == "quads":
        return USUAL_QUADS
    return min(max(len(faces) // 2, 1), MOST_VOXELS)  # about as many vertices
