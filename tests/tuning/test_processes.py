"""Two processes that train one network together end in the weights of one, through accelerate."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import Small, ready, rows

from audition.errors import MissingExtraError
from audition.tuning.loop import fit
from audition.tuning.processes import Crew

RUN = """
import os, sys
sys.path.insert(0, sys.argv[1])
import accelerate, torch
from pathlib import Path
from tuning.small import Small, ready, rows
from audition.tuning.loop import fit
torch.set_num_threads(1)
child = os.fork()  # so that libraries are imported once
os.environ["RANK"] = os.environ["LOCAL_RANK"] = str(int(child == 0))
examples, network = rows(), Small(dropout=0)
objective, settings = ready(examples)
fit(network, examples, objective, settings, folder=Path(sys.argv[2]))
torch.save(network.state_dict(), Path(sys.argv[2]) / f"{os.environ['RANK']}.pt")
torch.distributed.destroy_process_group()
if not child:
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_two_processes_make_the_same_updates(tmp_path):
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1",
              "ACCELERATE_USE_CPU": "true"}  # fmt: skip
    words = [sys.executable, "-c", RUN, str(Path(__file__).parents[1]), str(tmp_path)]
    ended = subprocess.run(words, env={**os.environ, **shared}, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    network, examples = Small(dropout=0), rows()
    fit(network, examples, *ready(examples))
    for rank in "01":
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for name, value in network.state_dict().items():
            torch.testing.assert_close(found[name], value, rtol=0, atol=1e-5)


def test_several_processes_need_accelerate(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("audition.tuning.processes.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="accelerate is not installed"):
        Crew()
