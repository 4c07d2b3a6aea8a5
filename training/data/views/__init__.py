"""Training pictures of meshes: cameras, appearance, drawing, compact storage."""

from .coding import decode_views, encode_views
from .viewset import ViewSet, make_views

__all__ = ["ViewSet", "decode_views", "encode_views", "make_views"]
