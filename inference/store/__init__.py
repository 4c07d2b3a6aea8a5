"""The weights on this disk: what ships, what the artist imported, whether it is intact.

Standard library only, for Blender's process; networks are looked at in the worker's Python.
"""
