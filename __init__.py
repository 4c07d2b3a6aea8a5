"""Bozzetto: one picture becomes an editable base mesh."""
