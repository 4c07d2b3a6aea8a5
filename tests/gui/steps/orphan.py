"""Leaves a process behind, as a bad extension would."""

import subprocess


def steps(ui):
    subprocess.Popen(["sleep", "4321"], start_new_session=True)
    yield 0.1
