"""Mesh files of games and furniture catalogues to `Mesh`."""
