"""`make` sets itself up, says why when it cannot, and never trusts a half-made .venv."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap, notebooks

ROOT = notebooks.ROOT


@pytest.fixture
def book(tmp_path):
    """A book of almost no packages, with the real bootstrap and Makefile."""
    (tmp_path / "tools").mkdir()
    shutil.copy(bootstrap.__file__, tmp_path / "tools")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['tools']\n"
    )
    # An in-tree backend builds the empty package, so that the tests need no network.
    shutil.copy(Path(__file__).parent / "empty_backend.py", tmp_path / "tools" / "backend.py")
    return tmp_path


def run(book, *command, **changes):
    script = ["import sys; sys.path.insert(0, 'tools'); import bootstrap"]
    script += [f"bootstrap.{name} = {value}" for name, value in changes.items()]
    script += [f"sys.exit(bootstrap.main({list(command)!r}))"]
    result = subprocess.run(
        [sys.executable, "-c", "\n".join(script)], cwd=book, capture_output=True, text=True
    )
    return result.returncode, result.stdout, result.stderr


def test_an_environment_is_made_once_and_then_trusted(book):
    status, said, _ = run(book, "run", "python", "-c", "print('hello')")
    assert (status, said.splitlines()[-1]) == (0, "hello")
    assert "Making the environment" in said and "is ready" in said
    assert run(book, "run", "python", "-c", "print('hello')") == (0, "hello\n", "")


def test_the_exit_code_of_the_program_is_passed_on(book):
    assert run(book, "run", "python", "-c", "raise SystemExit(7)")[0] == 7


def test_a_changed_lock_is_installed(book):
    run(book, "run", "python", "-c", "")
    (book / "requirements.txt").write_text("# changed\n")
    assert "The lock has changed" in run(book, "run", "python", "-c", "")[1]
    assert run(book, "run", "python", "-c", "") == (0, "", "")


def test_a_half_made_environment_is_never_trusted(book):
    (book / "requirements.txt").write_text(
        "no-such-package-of-the-book==1 ; python_version < '3'\n!\n"
    )
    status, _, complaint = run(book, "run", "python", "-c", "")
    assert status == 1
    assert "pip could not install the lock" in complaint and "Traceback" not in complaint
    (book / "requirements.txt").write_text("")
    status, said, _ = run(book, "run", "python", "-c", "print('hello')")
    assert status == 0
    assert "Removing a .venv" in said and said.endswith("hello\n")


def test_a_moved_environment_is_made_again(book):
    run(book, "run", "python", "-c", "")
    moved = book.with_name("moved")
    book.rename(moved)
    status, said, _ = run(moved, "run", "python", "-c", "import sys; print(sys.prefix)")
    assert "Removing a .venv" in said
    assert (status, said.splitlines()[-1]) == (0, str(moved / ".venv"))


def test_somebody_elses_environment_is_left_alone(book):
    (book / ".venv").mkdir()
    (book / ".venv" / "mine").touch()
    status, _, complaint = run(book, "lab")
    assert status == 1 and "did not make" in complaint
    assert (book / ".venv" / "mine").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OLDEST": (9, 0)}, "The book needs Python 3.11 or newer"),
        ({"FREE_GIGABYTES": 10**9}, "Make room"),
        ({"sys.modules['ensurepip']": None}, "has no venv module"),
    ],
    ids=["old Python", "no disk", "no venv module"],
)
def test_an_unfit_machine_gets_one_sentence(book, changes, sentence):
    status, said, complaint = run(book, "lab", **changes)
    assert (status, said) == (1, "")
    assert sentence in complaint and complaint.count("\n") == 1
    assert not (book / ".venv").exists()


def test_a_disk_that_fills_up_gets_one_sentence(book):
    (book / "tools" / "backend.py").write_text("raise OSError(28, 'No space left on device')\n")
    status, _, complaint = run(book, "lab")
    assert status == 1
    assert complaint == "The disk is full. Make room, then run the same command again.\n"


@pytest.mark.skipif(os.name == "nt", reason="make is for Linux and macOS")
def test_make_says_so_where_there_is_no_fit_python(book):
    (book / "bin").mkdir()
    for name in ("make", "sh"):
        (book / "bin" / name).symlink_to(shutil.which(name))
    result = subprocess.run(
        ["make", "lab"], cwd=book, env={"PATH": str(book / "bin")}, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "The book needs Python 3.11 or newer, and there is none here" in result.stderr
