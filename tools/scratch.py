"""For tools in Blender: data that is gone afterwards, and quiet."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

import bpy


@contextlib.contextmanager
def temporary_data(kinds: Sequence[str]) -> Iterator[None]:
    """Remove the datablocks of these kinds, such as "meshes", that were made inside."""
    before = {kind: {block.session_uid for block in getattr(bpy.data, kind)} for kind in kinds}
    try:
        yield
    finally:
        for kind in kinds:
            blocks = getattr(bpy.data, kind)
            for block in list(blocks):
                if block.session_uid not in before[kind]:
                    blocks.remove(block)
        # else its list of objects holds None for one that is gone, and the next exporter crashes
        bpy.context.view_layer.update()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that is written to file descriptor 1 is shown: C prints past sys.stdout."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
