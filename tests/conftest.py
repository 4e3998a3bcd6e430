"""What several test modules need."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def collector_off() -> Iterator[None]:
    """Python's cycle collector rests: what is freed now is freed by reference counts alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
