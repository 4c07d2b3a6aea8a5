"""Parts that hang in the air are joined to the shape where the field is nearly inside between them.

A field that is unsure of a thin leg answers just under its level along a piece of it, and marching
cubes leaves the rest of the leg floating. As in hysteresis thresholding (Canny 1986, section VI),
what is weak counts where it connects what is strong; here only along the shortest such ways, so
that nothing else of the surface moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from torch import Tensor
from torch.nn import functional

from ..types import Cancel, Field, Progress, Surface, no_progress
from .extract import extract_surface
from .fields import check_bounds, evaluate_field
from .shells import DUST_SHARE, choose_shells
from .topology import label_shells

GRID = 64
"""Samples along the longest axis in which ways are looked for."""
REACH = 0.65
"""A way leads through samples of at least this share of the level."""
GAP = 3.0
"""Samples that a way may have outside, in lengths of the part's edge were it a cube."""
LIFTED = 1.1
"""Share of the level to which the field is lifted on a way."""
STEP_COST = 0.02
"""Of a sample inside: of ways that are equally sure the shortest is taken."""
RADIUS = 2.5
"""Samples from a way at which nothing is lifted any more."""
ALIKE = 1e-3
"""Share of the level by which a field and its mirror image may differ and still be symmetric."""


FIRST = 0.8
"""Share of the progress that the first extraction takes."""


def extract_shape(
    field: Field, resolution: int, *, progress: Progress = no_progress, cancel: Cancel | None = None
) -> tuple[Surface, Field]:
    """The surface of a field with its loose parts joined, and the field that it is of.

    As `extract_surface`, whose report also gets "joined", the number of parts.
    """
    surface = extract_surface(
        field, resolution, progress=lambda phase, done: progress(phase, FIRST * done), cancel=cancel
    )
    joined, parts = join_parts(field, surface, cancel=cancel)
    if parts:
        surface = extract_surface(
            joined,
            resolution,
            progress=lambda phase, done: progress(phase, FIRST + (1 - FIRST) * done),
            cancel=cancel,
        )
    progress("extract", 1.0)
    return replace(surface, report={**surface.report, "joined": parts}), joined


class JoinedField:
    """A field with a lift added (see `inference.types.Field`).

    lift: float32 [X, Y, Z] at the centres of the cells of a box around `centre` with edge `cell`;
    0 beyond them, trilinear between.
    """

    def __init__(self, field: Field, lift: np.ndarray, centre: np.ndarray, cell: float) -> None:
        self._field = field
        self.bounds, self.level, self.device = field.bounds, field.level, field.device
        self._lift = torch.from_numpy(lift.astype(np.float32))[None, None].to(field.device)
        half = np.array(lift.shape) * cell / 2
        self._centre = torch.tensor(centre, dtype=torch.float32, device=field.device)
        self._half = torch.tensor(half, dtype=torch.float32, device=field.device)

    def __getattr__(self, name: str) -> Any:
        """What else the field can do, it still can."""
        return getattr(self._field, name)

    def occupancy(self, points: Tensor) -> Tensor:
        """As the field's own."""
        values = self._field.occupancy(points)
        places = (points.to(self.device, torch.float32) - self._centre) / self._half
        lift = functional.grid_sample(
            self._lift,
            places.flip(-1)[None, :, None, None],  # grid_sample counts the last axis first
            padding_mode="zeros",
            align_corners=False,
        )
        return values + lift.view(-1).to(values.dtype)


def join_parts(
    field: Field, surface: Surface, *, cancel: Cancel | None = None
) -> tuple[Field, int]:
    """The field with its loose parts joined, and how many were: 0 leaves the field as it is.

    A part is joined to the largest one, or to what was joined to that already, by the surest way:
    over samples of the field that have at least `REACH` of the level, no more than `GAP` allows.
    A field that mirrors itself in the middle of its box still does.

    surface: that was extracted from the field, with report["cell"] and report["resolution"].
    Raises Cancelled, WeightsError.
    """
    if field.level <= 0 or not _has_loose_parts(surface):  # shares of such a level mean nothing
        return field, 0
    low, high = check_bounds(field)
    spacing = float((high - low).max() / min(int(surface.report["resolution"]), GRID))
    samples = np.maximum(np.ceil((high - low) / spacing - 1e-6), 1).astype(np.int64)
    centre = (low + high) / 2
    axes = [
        (np.arange(n) + 0.5 - n / 2) * spacing + middle
        for n, middle in zip(samples, centre, strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    values = evaluate_field(field, points, cancel=cancel).reshape(samples).astype(np.float64)
    ways, parts = find_ways(values, float(field.level))
    if not parts:
        return field, 0
    lift = make_lift(ways, values, float(field.level))
    return JoinedField(field, lift, centre, spacing), parts


def _has_loose_parts(surface: Surface) -> bool:
    vertices, faces = surface.vertices.astype(np.float64), surface.faces.astype(np.int64)
    if label_shells(faces, len(vertices))[0] < 2:
        return False
    return choose_shells(vertices, faces, float(surface.report["cell"])).components > 1


def find_ways(values: np.ndarray, level: float) -> tuple[np.ndarray, int]:
    """Bool [X, Y, Z]: the samples of the ways, with the first ones inside at their ends; and how
    many parts they join. values: float64 [X, Y, Z]."""
    way = np.zeros(values.size, bool)
    labels, count = ndimage.label(values > level)
    if count < 2:
        return way.reshape(values.shape), 0
    sizes = np.bincount(labels.reshape(-1))
    sizes[0] = 0
    dust = sizes < DUST_SHARE * sizes.sum()
    nodes = np.flatnonzero(values.reshape(-1) >= REACH * level)
    part = labels.reshape(-1)[nodes]
    graph = _link(values, nodes, level)
    connected = part == sizes.argmax()
    distance, previous, _ = dijkstra(
        graph,
        directed=False,
        indices=np.flatnonzero(connected),
        return_predecessors=True,
        min_only=True,
    )
    starts = {}
    for label in np.unique(part[~dust[part] & ~connected]):
        members = np.flatnonzero(part == label)
        start = int(members[distance[members].argmin()])
        if np.isfinite(distance[start]):
            starts[int(label)] = start
    joined = 0
    for label, start in sorted(starts.items(), key=lambda item: distance[item[1]]):
        trace = [start]
        while not connected[trace[-1]]:
            trace.append(int(previous[trace[-1]]))
        outside = int((part[trace] == 0).sum())
        if outside > GAP * np.cbrt(sizes[label]):
            continue
        # a way may lead through parts that were too far away for themselves
        connected |= (part > 0) & np.isin(part, part[trace])
        connected[trace] = True
        way[nodes[trace]] = True
        joined += 1
    return way.reshape(values.shape), joined


def _link(values: np.ndarray, nodes: np.ndarray, level: float) -> coo_array:
    """The graph of neighbouring samples, sparse [N, N]; an edge costs its length times how much is
    lacking at its ends. nodes: int [N], indices into the flat values."""
    number = np.full(values.size, -1)
    number[nodes] = np.arange(len(nodes))
    number = number.reshape(values.shape)
    cost = np.maximum(1 - values.reshape(-1)[nodes] / level, 0) + STEP_COST
    one, two, weights = [], [], []
    steps = [
        (x, y, z) for x in (0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)
    ]
    for step in steps:
        here = tuple(
            slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, values.shape, strict=True)
        )
        there = tuple(
            slice(max(s, 0), n + min(s, 0)) for s, n in zip(step, values.shape, strict=True)
        )
        a, b = number[here].reshape(-1), number[there].reshape(-1)
        both = (a >= 0) & (b >= 0)
        a, b = a[both], b[both]
        one.append(a)
        two.append(b)
        weights.append((cost[a] + cost[b]) / 2 * np.sqrt(np.dot(step, step)))
    entries = np.concatenate(weights), (np.concatenate(one), np.concatenate(two))
    return coo_array(entries, (len(nodes), len(nodes))).tocsr()


def make_lift(ways: np.ndarray, values: np.ndarray, level: float) -> np.ndarray:
    """What is added to the field, float64 [X, Y, Z]: on the ways what they lack, less beside them.

    ways: bool [X, Y, Z]. Where the values mirror themselves along x the lift does too.
    """
    places = np.argwhere(ways)
    lacking = np.maximum(LIFTED * level - values[ways], 0.0)
    lift = np.zeros(values.shape)
    reach = int(np.ceil(RADIUS)) - 1
    span = np.arange(-reach, reach + 1)
    for step in np.stack(np.meshgrid(span, span, span), -1).reshape(-1, 3):
        near = 1 - float(step @ step) / RADIUS**2
        beside = places + step
        there = ((beside >= 0) & (beside < values.shape)).all(axis=1)
        if near > 0:
            np.maximum.at(lift, tuple(beside[there].T), near * lacking[there])
    if np.abs(values - values[::-1]).max() < ALIKE * level:
        lift = np.maximum(lift, lift[::-1])
    return lift
