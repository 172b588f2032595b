"""Run as a process of its own: what torch says of devices. An import that crashes takes only this with it."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from typing import Any

from audition.errors import AuditionError
from audition.models.torch.library import best_device, import_library


def seen() -> dict[str, Any]:
    """Devices, torch's folder of weights, and the sentence for a library that cannot be imported."""
    found: dict[str, Any] = {"problems": [], "devices": [], "torch_home": None}
    for name in ("torch", "torchvision"):
        try:
            library = import_library(name, name) if find_spec(name) else None
        except AuditionError as error:
            found["problems"].append(str(error))
            continue
        if name == "torch" and library is not None:
            found |= {"devices": _devices(library), "torch_home": library.hub.get_dir()}
            found["used"] = str(best_device())
    return found


def _devices(torch: Any) -> list[dict[str, Any]]:
    """The accelerators that torch can use."""
    properties = [torch.cuda.get_device_properties(place) for place in range(torch.cuda.device_count())]
    found = [
        {"kind": f"cuda:{place}", "name": each.name, "memory": each.total_memory}
        for place, each in enumerate(properties)
    ]
    if torch.backends.mps.is_available():
        found.append({"kind": "mps", "name": "Apple GPU", "memory": None})
    return found


if __name__ == "__main__":
    json.dump(seen(), sys.stdout)
