"""Skips, with the reason, what this machine can't run."""

import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The markers `browser` and `gpu` name what a test needs."""
    if item.get_closest_marker("browser") and not any(map(shutil.which, BROWSERS)):
        pytest.skip(f"needs a browser: none of {', '.join(BROWSERS)} is installed")
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device")
