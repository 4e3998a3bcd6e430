"""The lock, environment.yml, pyproject.toml and what is installed agree."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import bootstrap, lock, notebooks

ROOT = notebooks.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
PINS = {canonicalize_name(requirement.name): requirement for requirement in LOCKED}


def direct_requirements():
    groups = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    return [Requirement(line) for line in groups]


def version(name):
    [pin] = PINS[canonicalize_name(name)].specifier
    return pin.version


def test_every_line_of_the_lock_pins_one_version_from_no_particular_place():
    for requirement in LOCKED:
        [pin] = requirement.specifier
        assert (pin.operator, requirement.url) == ("==", None), str(requirement)
    assert len(PINS) == len(LOCKED)


@pytest.mark.parametrize("requirement", direct_requirements(), ids=str)
def test_lock_lies_in_the_ranges_of_pyproject(requirement):
    assert requirement.specifier.contains(version(requirement.name))


def test_lock_holds_the_versions_the_book_speaks_of():
    spoken_of = {"d2l": "1.0.0a1.post0", "torch": "2.13.0", "torchvision": "0.28.0"}
    assert {name: version(name) for name in spoken_of} == spoken_of


def test_everything_the_book_needs_is_locked_and_installed_in_that_version():
    wanted = direct_requirements()
    seen = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if (name, *extras) in seen or name in lock.CUDA_ONLY:
            continue
        if requirement.marker and not any(
            requirement.marker.evaluate({"extra": e}) for e in extras
        ):
            continue
        seen.add((name, *extras))
        assert name in PINS, f"{name} is needed and not in requirements.txt: run make lock"
        distribution = importlib.metadata.distribution(name)
        assert distribution.version.partition("+")[0] == version(name)
        for line in distribution.requires or []:
            needed = Requirement(line)
            # An extra is asked for by whoever needs the distribution, not by itself.
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                wanted.append(Requirement(str(needed).partition(";")[0]))


def test_lock_holds_nothing_that_nobody_needs():
    needed = {canonicalize_name(r.name) for r in direct_requirements()}
    for name in PINS:
        try:
            requires = importlib.metadata.distribution(name).requires or []
        except importlib.metadata.PackageNotFoundError:
            assert PINS[name].marker, f"{name} is locked for every system and not installed"
            needed.add(name)
        else:
            needed |= {canonicalize_name(Requirement(line).name) for line in requires}
    assert set(PINS) <= needed


def test_installed_packages_agree_with_each_other():
    pip = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert pip.returncode == 0, pip.stdout


def environment_yml():
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def pip_section():
    [section] = [entry["pip"] for entry in environment_yml() if isinstance(entry, dict)]
    return section


def test_conda_gives_python_and_pip_and_nothing_else():
    from_conda = [entry for entry in environment_yml() if isinstance(entry, str)]
    assert [Requirement(entry).name for entry in from_conda] == ["python", "pip"]
    specifier = PROJECT["project"]["requires-python"]
    assert str(Requirement(from_conda[0]).specifier) == str(Requirement(f"x{specifier}").specifier)


def test_conda_installs_what_make_installs():
    assert [word for line in pip_section() for word in line.split()] == bootstrap.INSTALL


DRAW = """
import torch
from d2l import torch as d2l
import json, matplotlib.pyplot as plt
x = torch.arange(-8.0, 8.0, 0.1)
d2l.plot(x, torch.relu(x), 'x', 'relu(x)', figsize=(5, 2.5))
[line] = plt.gca().lines
print(json.dumps([len(line.get_xdata()), max(line.get_ydata().tolist())]))
"""


def test_environment_yml_installed_from_nothing_draws_a_figure(tmp_path):
    """The slow lane: what conda hands to pip, in a fresh environment."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    # As conda does: the section becomes a requirements file that lies beside environment.yml.
    section = ROOT / "environment-pip-section.txt"
    section.write_text("\n".join(pip_section()))
    try:
        command = [python, "-m", "pip", "install", "--quiet", "-r", section.name]
        pip = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    finally:
        section.unlink()
    assert pip.returncode == 0, pip.stderr
    drawn = subprocess.run([python, "-c", DRAW], capture_output=True, text=True, cwd=tmp_path)
    points, highest = json.loads(drawn.stdout or drawn.stderr)
    assert points == 160
    assert highest == pytest.approx(7.9)
