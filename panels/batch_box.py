"""What the sidebar shows of batches: how far they are, what failed, what can be done with them."""

import bpy

from ..inference.batch.summary import describe_counts
from ..operators import batch_handle
from .lines import draw_lines

SHOWN_FAILURES = 4


def draw_batches(layout: bpy.types.UILayout) -> None:
    """The button that starts one, and the batches of this session."""
    layout.operator("bozzetto.batch", icon="FILE_FOLDER", text="Batch from Images...")
    for batch in batch_handle.batches:
        _draw_batch(layout.box(), batch)


def _draw_batch(box: bpy.types.UILayout, batch: batch_handle.Batch) -> None:
    row = box.row()
    row.label(text=batch.name, icon="FILE_FOLDER")
    if batch.finished:
        row.operator("bozzetto.close_batch", text="", icon="X", emboss=False).key = batch.key
        draw_lines(box, describe_counts(batch.rows))
    else:
        box.progress(text=describe_counts(batch.rows), factor=batch.progress)
        draw_lines(box, batch.message)
    for note in batch.notes:
        draw_lines(box, note, icon="INFO")
    _draw_failures(box, batch)
    if not batch.finished:
        box.operator("bozzetto.cancel_batch", icon="X").key = batch.key
        return
    column = box.column(align=True)
    column.operator("bozzetto.select_batch", icon="RESTRICT_SELECT_OFF").key = batch.key
    export = column.operator("bozzetto.export_batch", icon="EXPORT", text="Export Results...")
    export.key = batch.key
    column.operator("bozzetto.save_batch_summary", icon="FILE_TICK").key = batch.key


def _draw_failures(box: bpy.types.UILayout, batch: batch_handle.Batch) -> None:
    failures = batch.failures
    for row in failures[-SHOWN_FAILURES:]:
        draw_lines(box, f"{row.name}: {row.error} {row.fix}", icon="ERROR")
    if len(failures) > SHOWN_FAILURES:
        draw_lines(box, f"{len(failures) - SHOWN_FAILURES} more failed: save the summary")
