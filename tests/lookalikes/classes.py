"""The generated class of fixtures/lookalikes, for the tests."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def generator():
    """Return the module that generates classes; it lies outside of any package."""
    path = ROOT / "fixtures" / "lookalikes" / "generate.py"
    spec = importlib.util.spec_from_file_location("lookalikes_generate", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
