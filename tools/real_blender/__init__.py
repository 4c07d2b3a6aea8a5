"""A real Blender with its window, newer than the machine's own, for tests and screenshots."""
