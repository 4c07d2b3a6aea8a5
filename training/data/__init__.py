"""Training data: packages with meshes in, memory-mappable arrays out.

Everything here works in **object space** once :mod:`axes` has been applied: right-handed,
Z up, the object faces -Y, bounding box centred at the origin, box diagonal 1.
"""
