"""Which of the package's files are not looked through for examples, because what they need is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["src/audition/tuning/*"]
