"""Engine `pixel`: a pixel-aligned occupancy field of whatever a picture shows."""
