"""What nothing may break, in its long form: `python -m benchmarks.faults fuzz|atheris|soak`."""
