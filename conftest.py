"""Which of the package's files are not looked through for examples, because what they need is not installed."""

from importlib.util import find_spec

OF_TORCH = [
    "src/audition/tuning/*", "src/audition/models/onnx/as_torch.py", "src/audition/models/onnx/[mo]*.py",
    "src/audition/models/onnx/nodes.py", "tests/tuning/*",
]  # fmt: skip
collect_ignore_glob = [] if find_spec("torch") else OF_TORCH
