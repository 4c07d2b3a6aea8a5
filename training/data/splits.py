"""Which objects train, validate and test: decided by a hash, together for shapes that are alike."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

SAME_SHAPE_IOU = 0.9
# Wings are so thin that two authors' models of one aircraft overlap less than that; at 0.8 the
# groups are still single types (the largest has four members).
SAME_BODY_IOU = {"airplane": 0.8}
SMALL_CLASS = 100
SPLITS = ("train", "validation", "test")


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


def same_shape_groups(packed: np.ndarray, kinds: list[str] | None = None) -> np.ndarray:
    """int32 [N]: a number per group of objects (packed occupancy uint8 [N, B]) that are alike.

    Alike means an IoU above 0.9, or a chain of such objects between two. With the objects' classes
    given, two of a class that `SAME_BODY_IOU` names need only the IoU it says.
    """
    thresholds = np.full(len(packed), SAME_SHAPE_IOU)
    if kinds is not None:
        thresholds = np.array([SAME_BODY_IOU.get(kind, SAME_SHAPE_IOU) for kind in kinds])
    alike = csr_matrix(overlap(packed, packed) > np.maximum.outer(thresholds, thresholds))
    return connected_components(alike, directed=False)[1].astype(np.int32)


def assign_splits(hashes: list[int], kinds: list[str], groups: np.ndarray) -> list[str]:
    """The split of every object: the smallest hash of its group decides for all of it.

    The modulus is that of the class of the object which has the smallest hash.
    """
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    decided: dict[int, str] = {}
    for group in np.unique(groups):
        members = np.nonzero(groups == group)[0]
        leader = min(members, key=lambda i: hashes[i])
        decided[int(group)] = split_of_hash(hashes[leader], counts[kinds[leader]])
    return [decided[int(group)] for group in groups]
