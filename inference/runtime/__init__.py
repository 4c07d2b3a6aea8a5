"""Makes, checks and removes the worker's own Python environment. Standard library, no bpy.

`tasks` holds what can be done (each a thread that can be cancelled), `folder` where it lives and
what counts as done, `interpreters` which Python it is made from, `builds` which packages go in,
`processes` and `child` how other interpreters are run, `failures` what their words mean.
"""
