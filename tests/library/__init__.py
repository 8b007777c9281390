"""A toy procedure, a library loan: the engine is tested on it and on nothing else."""
