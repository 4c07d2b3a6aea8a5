"""Where the objects come from: one module a source, each with the functions that `entry` names."""
