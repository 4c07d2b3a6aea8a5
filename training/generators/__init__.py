"""Parametric generators of shapes with named parts: every number of a shape comes from its name."""
