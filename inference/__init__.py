"""From a picture to a base mesh. Nothing in here imports bpy.

`types`, `settings`, `suggest`, `errors`, `protocol`, `messages`, `client`, `jobs`, `estimate`,
`batch` and `runtime` need numpy and the standard library only: Blender's process imports these.
Everything else belongs to the worker: `pictures` (load, cut out), `engines` (picture to field),
`surface` (field to mesh).
"""
