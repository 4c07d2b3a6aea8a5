"""Which objects train, validate and test: decided by a hash, together for shapes that are alike."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SAME_SHAPE_IOU = 0.9
# Wings are so thin that two authors' models of one aircraft overlap less than that; at 0.8 the
# groups are still single types (the largest has four members).
SAME_BODY_IOU = {"airplane": 0.8}
SMALL_CLASS = 100
SPLITS = ("train", "validation", "test")
BLOCK = 256


def object_hash(package: str, name: str) -> int:
    """The number that decides an object's split: md5 of `package/name`."""
    return int(hashlib.md5(f"{package}/{name}".encode()).hexdigest(), 16)


def split_of_hash(value: int, class_count: int) -> str:
    """`test` for remainder 0, `validation` for 1; of 5 in classes under 100 objects, else of 10."""
    remainder = value % (5 if class_count < SMALL_CLASS else 10)
    return {0: "test", 1: "validation"}.get(remainder, "train")


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """float32 [N, M]: IoU between every row of packed occupancies uint8 [N, B] and [M, B]."""
    a = np.unpackbits(first, axis=1).astype(np.float32)
    b = a if second is first else np.unpackbits(second, axis=1).astype(np.float32)
    both = a @ b.T
    either = a.sum(axis=1)[:, None] + b.sum(axis=1)[None] - both
    return both / np.maximum(either, 1)


def mirror(packed: np.ndarray) -> np.ndarray:
    """Packed grids uint8 [N, B] with the first axis (x, left and right) turned round."""
    side = round((packed.shape[1] * 8) ** (1 / 3))
    slabs = packed.reshape(len(packed), side, -1)
    return np.ascontiguousarray(slabs[:, ::-1]).reshape(packed.shape)


def alike_pairs(packed: np.ndarray, lowest: float) -> Iterator[tuple[int, int, float]]:
    """Pairs (i, j, IoU) with i < j of packed occupancies uint8 [N, B] that overlap by more than
    `lowest`, as they are or one of them mirrored left to right.

    Two solids overlap by no more than the ratio of their volumes, so only those of like volume are
    compared.
    """
    volumes = np.array([np.unpackbits(row).sum() for row in packed], np.float64)
    order = np.argsort(volumes, kind="stable")
    ranked = volumes[order]
    for start in range(0, len(order), BLOCK):
        stop = min(start + BLOCK, len(order))
        end = int(np.searchsorted(ranked, ranked[stop - 1] / max(lowest, 1e-6), side="right"))
        rows, mirrored = packed[order[start:stop]], mirror(packed[order[start:stop]])
        for other in range(start, end, BLOCK):
            columns = order[other : min(other + BLOCK, end)]
            ious = np.maximum(overlap(rows, packed[columns]), overlap(mirrored, packed[columns]))
            for a, b in zip(*np.nonzero(ious > lowest), strict=True):
                if start + a < other + b:
                    yield int(order[start + a]), int(columns[b]), float(ious[a, b])


def same_shape_groups(
    packed: np.ndarray,
    kinds: Sequence[str] | None = None,
    bodies: Sequence[str] | None = None,
) -> np.ndarray:
    """int32 [N]: a number per group of objects (packed occupancy uint8 [N, B]) that are alike.

    Alike means an IoU above 0.9, as they are or mirrored, or a chain of such objects between two.
    With the classes given, two of a class that `SAME_BODY_IOU` names need only the IoU it says.
    With `bodies` given, objects of equal body (poses, liveries) are alike whatever their solids.
    """
    count = len(packed)
    thresholds = np.full(count, SAME_SHAPE_IOU)
    if kinds is not None:
        thresholds = np.array([SAME_BODY_IOU.get(kind, SAME_SHAPE_IOU) for kind in kinds])
    links = [
        (i, j)
        for i, j, iou in alike_pairs(packed, float(thresholds.min(initial=SAME_SHAPE_IOU)))
        if iou > max(thresholds[i], thresholds[j])
    ]
    if bodies is not None:
        firsts: dict[str, int] = {}
        links += [(firsts.setdefault(body, i), i) for i, body in enumerate(bodies)]
    rows, columns = np.array(links, np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int32)


def assign_splits(
    hashes: Sequence[int],
    kinds: Sequence[str],
    groups: np.ndarray,
    generated: Sequence[bool] | None = None,
) -> list[str]:
    """The split of every object: the smallest hash of its group decides for all of it.

    The modulus is that of the class of the object which has the smallest hash. A class counts its
    groups, because poses and liveries are not objects, and of those only what is not generated,
    because only real objects decide how good weights are.
    """
    members = [np.nonzero(groups == group)[0] for group in range(int(groups.max()) + 1)]
    leaders = [int(min(rows, key=lambda i: hashes[i])) for rows in members]
    counts = Counter(kinds[i] for i in leaders if generated is None or not generated[i])
    decided = [split_of_hash(hashes[i], counts[kinds[i]]) for i in leaders]
    return [decided[int(group)] for group in groups]
