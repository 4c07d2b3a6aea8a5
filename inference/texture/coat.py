"""A shaped mesh gets UVs, a texture and vertex colours."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from ..mesh_report import report_mesh
from ..types import Cancel, CoatRequest, PackedCoating, Progress, no_progress
from .bake import bake, learn_colours
from .ordered import THREADS
from .unwrap import unwrap

_COMPRESSION = 3  # of PNG's 9: a third of the time of the usual 6, a tenth larger


def coat_mesh(
    request: CoatRequest, *, progress: Progress = no_progress, cancel: Cancel | None = None
) -> PackedCoating:
    """Unwrap and bake; the texture as a PNG file.

    report: side, what `unwrap` and `bake` say under their names, the mesh's own report ("mesh", see
    `report_mesh`; here, because this process does not hold up a window), seconds. Raises Cancelled.
    """
    cancel = cancel or Cancel()
    started = time.perf_counter()
    progress("unwrap", 0.0)
    with ThreadPoolExecutor(1) as pool:
        learning = pool.submit(
            learn_colours, request.mesh, request.source, delight=request.delight, cancel=cancel
        )
        if THREADS == 1:  # one after the other
            learning.result()
        unwrapped = unwrap(request.mesh, side=request.side, cancel=cancel)
        cancel.check()
        unwrapped_at = time.perf_counter()
        progress("bake", 0.0)
        known = learning.result()
    coating = bake(
        request.mesh,
        unwrapped.uv,
        request.source,
        side=request.side,
        delight=request.delight,
        cancel=cancel,
        known=known,
    )
    cancel.check()
    stream = io.BytesIO()
    Image.fromarray(coating.texture[..., :3]).save(stream, "PNG", compress_level=_COMPRESSION)
    progress("bake", 1.0)
    report = {
        "side": request.side,
        "unwrap": unwrapped.report,
        "bake": coating.report,
        "mesh": report_mesh(request.mesh),
        "seconds": {
            "unwrap": round(unwrapped_at - started, 4),
            "bake": round(time.perf_counter() - unwrapped_at, 4),
        },
    }
    return PackedCoating(coating.uv, stream.getvalue(), coating.colours, report)
