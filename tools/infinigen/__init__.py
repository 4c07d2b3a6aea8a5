"""Runs inside Infinigen's own environment, with the bpy that it needs; see `runner`."""
