"""Which built objects go into a pack, and how they are grouped and split."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .frozen import keep_frozen, read_frozen
from .jobs import result_path
from .pack import PackRow
from .sources.entry import Entry
from .splits import assign_splits, object_hash, same_shape_groups

# Of these, like solids are liveries or levels of detail of one body: one of them is enough.
VEHICLE_CLASSES = frozenset({"car", "truck", "airplane", "helicopter", "ship", "train"})


def decide_rows(entries: list[Entry], folder: Path) -> list[PackRow]:
    """The originals that go into a pack, with their groups and splits.

    Of vehicles that are alike only one stays. Other objects that are alike stay and share a group,
    hence a split.
    """
    kept, metas, packed = [], [], []
    for entry in entries:
        path = result_path(folder, entry.id, "shape")
        if not path.exists() or not result_path(folder, entry.id, "views").exists():
            continue
        with np.load(path) as shape:
            if "error" in shape:
                continue
            metas.append(json.loads(str(shape["meta"])))
            packed.append(shape["occupancy"])
        kept.append(entry)
    if not kept:
        return []
    grids = np.stack(packed)
    groups = same_shape_groups(grids, [e.kind for e in kept], [e.body for e in kept])
    order = without_duplicates(kept, metas, groups)
    print(f"{len(kept)} usable, {len(kept) - len(order)} liveries or copies dropped", flush=True)
    kept, metas = [kept[i] for i in order], [metas[i] for i in order]
    _, groups = np.unique(groups[order], return_inverse=True)
    splits = assign_splits(
        [object_hash(entry.package, entry.name) for entry in kept],
        [entry.kind for entry in kept],
        groups,
        [entry.generated for entry in kept],
    )
    splits = keep_frozen([entry.id for entry in kept], groups, splits, read_frozen())
    return [
        PackRow(
            id=entry.id,
            source=entry.source,
            package=entry.package,
            name=entry.name,
            label=entry.label,
            kind=entry.kind,
            licence=entry.licence,
            author=entry.author,
            generated=entry.generated,
            split=split,
            group=int(group),
            variant_of=None,
            size_m=meta["size_m"],
            parts=meta["parts"],
        )
        for entry, meta, split, group in zip(kept, metas, splits, groups, strict=True)
    ]


def without_duplicates(entries: list[Entry], metas: list[dict], groups: np.ndarray) -> list[int]:
    """Numbers of the entries to keep; of a group of vehicles the textured one with most faces."""
    keep = []
    for group in np.unique(groups):
        members = np.nonzero(groups == group)[0].tolist()
        vehicles = [i for i in members if entries[i].kind in VEHICLE_CLASSES]
        keep += [i for i in members if i not in vehicles]
        if vehicles:
            keep.append(max(vehicles, key=lambda i: (metas[i]["textured"], metas[i]["faces"], -i)))
    return sorted(keep)
