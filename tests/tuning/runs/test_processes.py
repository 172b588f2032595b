"""Two processes that train one network together end in the weights of one, through accelerate."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import Small, ready, rows

from audition.errors import InputError, MissingExtraError
from audition.tuning.runs.loop import fit
from audition.tuning.runs.processes import Crew, check_alone, leads, together

BEGIN = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import accelerate, torch
from pathlib import Path
from tuning.small import Small, ready, rows
from audition.tuning.runs.loop import fit
from audition.tuning.runs.processes import leads, together
torch.set_num_threads(1)
child = os.fork()  # so that libraries are imported once
os.environ["RANK"] = os.environ["LOCAL_RANK"] = str(int(child == 0))
folder, rank = Path(sys.argv[2]), os.environ["RANK"]
"""
END = """
torch.distributed.destroy_process_group()
if not child:
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""

FIT = """
for name, given in json.loads(sys.argv[3]).items():
    examples, network = rows(), Small(dropout=0)
    objective, settings = ready(examples, **given)
    fit(network, examples, objective, settings, folder=folder / name)
    torch.save(network.state_dict(), folder / f"{name}-{rank}.pt")
"""
TOGETHER = """
def once():
    (folder / f"by-{rank}").touch(exist_ok=False)
    return Path("found"), 3

def failing():
    (folder / "failing").touch(exist_ok=False)
    raise KeyError("no such thing")

said = [leads(), str(together(once))]
try:
    together(failing)
except (KeyError, ValueError) as error:
    said += [type(error).__name__, str(error)]
(folder / f"{rank}.json").write_text(json.dumps(said))
"""


def in_two_processes(code, folder, *words):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1",
              "ACCELERATE_USE_CPU": "true"}  # fmt: skip
    words = [sys.executable, "-c", BEGIN + code + END, str(Path(__file__).parents[2]), str(folder), *words]
    ended = subprocess.run(words, env={**os.environ, **shared}, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr


RUNS = {"whole": {}, "head": {"head_only": True}}


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """What two processes left in a folder."""
    if sys.platform == "win32":
        pytest.skip("there is no fork on Windows")
    folder = tmp_path_factory.mktemp("processes")
    in_two_processes(FIT + TOGETHER, folder, json.dumps(RUNS))
    return folder


def test_two_processes_make_the_same_updates(left):
    """Of the whole network, and of the head alone."""
    for run, given in RUNS.items():
        network, examples = Small(dropout=0), rows()
        fit(network, examples, *ready(examples, **given))
        first, second = (torch.load(left / f"{run}-{rank}.pt", weights_only=True) for rank in "01")
        for name, value in network.state_dict().items():
            torch.testing.assert_close(first[name], value, rtol=0, atol=1e-5)
            assert torch.equal(first[name], second[name])


def test_what_is_done_once_is_done_by_the_leading_one_and_told_to_all(left):
    assert sorted(path.name for path in left.glob("by-*")) == ["by-0"]
    first, second = (json.loads((left / f"{rank}.json").read_text()) for rank in "01")
    assert first[:2] == [True, str((Path("found"), 3))] and second[:2] == [False, first[1]]
    assert first[2:] == ["KeyError", "'no such thing'"] and second[2:] == ["InputError", "'no such thing'"]


def test_alone_all_is_done_at_once():
    assert leads() and together(lambda: 3) == 3
    with pytest.raises(KeyError):
        together(lambda: {}["none"])


def test_several_processes_need_accelerate(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("audition.tuning.runs.processes.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="accelerate is not installed"):
        Crew()


def test_what_one_alone_can_do_is_refused_in_several(monkeypatch):
    check_alone("auto")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="auto runs in one process, and 2 were launched: start it by itself"):
        check_alone("auto")
