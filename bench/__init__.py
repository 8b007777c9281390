"""Measure the engine beside what it is built on; it asserts nothing."""
