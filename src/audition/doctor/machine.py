"""What computes here: processors, memory, threads, and what torch says of accelerators."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE = 120  # seconds for torch to be imported, from a slow disk
CPU_INFO = Path("/proc/cpuinfo")  # Linux


def cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def memory() -> int | None:
    """The bytes of memory, or None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def cpu_name() -> str:
    """The processor as it calls itself."""
    lines = CPU_INFO.read_text(errors="replace").splitlines() if CPU_INFO.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def blas_threads() -> tuple[str, ...]:
    """Each library of linear algebra with its threads: "openblas 0.3.30, 2 threads"."""
    import numpy as np  # noqa: F401  # it brings one library of them
    import scipy.linalg  # noqa: F401  # and it another
    from threadpoolctl import threadpool_info

    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    return tuple(dict.fromkeys(_threads(one) for one in found))


def _threads(one: dict[str, Any]) -> str:
    number = one["num_threads"]
    return f"{one['internal_api']} {one['version']}, {number} thread{'s' * (number != 1)}"


def torch_sees() -> dict[str, Any]:
    """What a process of its own finds out with torch; `problems` where that does not end well."""
    code = [sys.executable, "-P", "-m", "audition.doctor.child"]
    try:
        done = subprocess.run(code, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"problems": [f"torch could not be imported in {PATIENCE} s."]}
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {"problems": [f"torch stops Python when it is imported: {last}"]}
    return found
