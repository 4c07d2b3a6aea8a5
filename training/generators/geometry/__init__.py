"""Geometry for generators: curves, swept surfaces, patches draped on surfaces, assembly of parts.

Frame: right-handed, Z up, objects face -Y, so an object's own left is +X. Metres. Surfaces overlap
freely, nothing is cut: what encloses space counts as solid later.
"""
