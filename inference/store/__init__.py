"""The weights on this disk: what ships, what was imported or downloaded, whether it is intact.

Standard library only, for Blender's process; networks are looked at in the worker's Python, which
also downloads and converts (`install_child`).
"""
