"""A build backend for a package with nothing in it, so that a test can install one offline."""

import zipfile
from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: empty\nVersion: 1\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
RECORD = "".join(f"empty-1.dist-info/{name},,\n" for name in ("METADATA", "WHEEL", "RECORD"))


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Write a wheel that holds its own metadata alone (PEP 660)."""
    name = "empty-1-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("empty-1.dist-info/METADATA", METADATA)
        wheel.writestr("empty-1.dist-info/WHEEL", WHEEL)
        wheel.writestr("empty-1.dist-info/RECORD", RECORD)
    return name
