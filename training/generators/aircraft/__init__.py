"""Parametric airplanes and helicopters with named parts."""
