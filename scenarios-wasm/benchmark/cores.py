"""The generator has one core, and what it loads another."""

import os

CORES = sorted(os.sched_getaffinity(0))
ON_GENERATOR = ["taskset", "-c", str(CORES[0])]
ON_TARGET = ["taskset", "-c", str(CORES[-1])]
