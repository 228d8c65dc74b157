"""run.py: what it installs and when, what it asks, what it becomes; on a copy with commands that only write down."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py beside copies of its files; its commands and what it becomes are noted in `calls`."""
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("runner", tmp_path / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    calls: list[str] = []

    def run(command: list[object]) -> None:
        calls.append(" ".join(map(str, command)))
        if "venv" in map(str, command):
            module.PYTHON.parent.mkdir(parents=True)
            module.PYTHON.write_text("")

    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(module, "become", lambda words: calls.append("become " + " ".join(words)) or 0)
    monkeypatch.setattr(module, "missing_libraries", list)
    monkeypatch.setattr(module, "has_nvidia", lambda: True)
    module.calls = calls
    return module


def test_the_first_start_installs_and_the_second_does_not(runner: ModuleType, tmp_path: Path) -> None:
    assert runner.main(["photo.png"]) == 0
    assert [call.split()[-1] for call in runner.calls] == [str(tmp_path / ".venv"), ".", "photo.png"]
    assert "-c constraints.txt" in runner.calls[1]
    runner.calls.clear()
    runner.main([])
    assert runner.calls == ["become -m convlab"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_needed_installs_again(runner: ModuleType, tmp_path: Path, name: str) -> None:
    runner.main([])
    runner.calls.clear()
    with open(tmp_path / name, "a") as file:
        file.write("\n# changed\n")
    runner.main([])
    assert sum("pip install" in call for call in runner.calls) == 1


def test_tests_bring_what_they_need_once_and_the_app_keeps_it(runner: ModuleType) -> None:
    runner.main([])
    runner.calls.clear()
    runner.main(["test"])
    assert runner.calls[0].endswith(".[dev]")
    assert runner.calls[1].startswith("become -m pytest")
    runner.calls.clear()
    runner.main(["test"])
    runner.main([])
    assert not any("pip" in call for call in runner.calls)


def test_only_a_lone_first_word_is_special(runner: ModuleType) -> None:
    runner.main(["test", "other.png"])
    assert runner.calls[-1] == "become -m convlab test other.png"


def test_an_install_that_fails_is_tried_again_next_time(runner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(command: list[object]) -> None:
        raise subprocess.CalledProcessError(1, [str(word) for word in command])

    with monkeypatch.context() as patched:
        patched.setattr(runner, "run", broken)
        assert runner.main([]) == 1
    assert runner.main([]) == 0
    assert any("pip install" in call for call in runner.calls)


def test_without_a_driver_torchs_build_for_the_cpu_is_tried_first(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "has_nvidia", lambda: False)
    monkeypatch.setattr(runner.sys, "platform", "linux")
    noted = runner.run

    def unreachable(command: list[object]) -> None:
        noted(command)
        if runner.CPU_INDEX in command:
            raise subprocess.CalledProcessError(1, [])

    monkeypatch.setattr(runner, "run", unreachable)
    assert runner.main([]) == 0
    first, second = (call for call in runner.calls if "pip install" in call)
    assert "torch==2" in first
    assert "--retries 0" in first
    assert second.endswith("-e .")
    assert "the usual build is taken" in capsys.readouterr().out


@pytest.mark.parametrize("agreed", [True, False])
def test_missing_system_libraries_are_named_and_installed_only_when_wanted(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], agreed: bool
) -> None:
    gone = [["libEGL.so.1", "libxcb-cursor.so.0"], []]
    monkeypatch.setattr(runner, "missing_libraries", lambda: gone.pop(0))
    monkeypatch.setattr(runner.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(runner.os, "geteuid", lambda: 0, raising=False)
    assert runner.main(["--yes", "a.png"] if agreed else ["a.png"]) == (0 if agreed else 1)
    said = capsys.readouterr().out
    assert "libEGL.so.1, libxcb-cursor.so.0" in said
    assert "apt-get install -y libegl1 libxcb-cursor0" in said
    assert ("apt-get install -y libegl1 libxcb-cursor0" in runner.calls) is agreed
    assert (runner.calls[-1] == "become -m convlab a.png") is agreed


def test_it_is_of_the_standard_library_alone_and_says_which_python_it_needs() -> None:
    path = str(ROOT / "run.py")
    code = f"import sys; sys.argv = ['run.py']; sys.version_info = (3, 9, 1); exec(open({path!r}).read())"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    made = subprocess.run(
        [sys.executable, "-S", "-c", f"__name__ = '__main__'; __file__ = {path!r}; {code}"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert made.returncode == 1
    assert "needs Python 3.11 or newer; this is 3.9.1" in made.stdout
