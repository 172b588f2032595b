"""The command that compares a GPU with the CPU: tried on the CPU, and what it says without a GPU."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="torch is not installed")

from benchmarks import gpu


def test_every_table_is_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(gpu, "COLUMNS", (320,))
    monkeypatch.setattr(gpu, "PICTURES", 2800)
    gpu.main(["--device", "cpu", "--quick"])
    printed = capsys.readouterr().out
    assert "cpu, torch" in printed and "statistics by float64, float64 on cpu" in printed
    assert "6 of 6 targets met." in printed
    for name in gpu.MEASURES:
        assert f"{name}: the score" in printed
    assert " x 32: float64, scatter" in printed and " x 32: slices, scatter" in printed


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="There is no GPU that torch can use here"):
        gpu.main([])
