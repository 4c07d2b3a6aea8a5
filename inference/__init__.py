"""From a picture to a base mesh. Nothing in here imports bpy.

`types`, `settings`, `errors`, `protocol`, `client` and `jobs` need numpy and the standard library
only: Blender's process imports these. Everything else belongs to the worker process.
"""
