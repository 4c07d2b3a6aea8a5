"""The large pictures of a pack: files of lossless WebP one after the other, because raw pixels of
so many would not stay in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .jobs import result_path


def write_fine(ids: list[str], folder: Path, target: Path) -> int:
    """Gather the fine views of the objects `ids`, in row order, from `folder` into `target`.

    Writes `fine.npy`, `fine_ends.npy`, `fine_row.npy` and `fine_camera.npy`; objects without such
    views have no rows there. Returns how many pictures there are.
    """
    paths = [result_path(folder, name, "fine") for name in ids]
    ends, rows, cameras = [], [], []
    total = 0
    found = [row for row, path in enumerate(paths) if path.exists()]
    for row in found:
        with np.load(paths[row]) as views:
            own = views["fine_ends"]
            cameras.append(views["fine_cameras"])
        ends.append(own + total)
        rows += [row] * len(own)
        total += int(own[-1]) if len(own) else 0
    if not rows:
        return 0
    files = np.lib.format.open_memmap(target / "fine.npy", "w+", dtype=np.uint8, shape=(total,))
    start = 0
    for row in found:
        with np.load(paths[row]) as views:
            part = views["fine_pictures"]
        files[start : start + len(part)] = part
        start += len(part)
    files.flush()
    np.save(target / "fine_ends.npy", np.concatenate(ends).astype(np.int64))
    np.save(target / "fine_row.npy", np.array(rows, np.int32))
    np.save(target / "fine_camera.npy", np.concatenate(cameras).astype(np.float32))
    return len(rows)
