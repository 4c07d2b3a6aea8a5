"""Cars, trucks and buses with named parts. `vehicle.make_vehicle` makes one from its name.

Frame: metres, Z up, ground at z = 0, nose to -Y, so `_left`, `wheel_fl` and `wheel_rl` are on +X.
"""
