"""For all tests that pytest runs."""

import os


def pytest_collection_modifyitems(config, items):
    """Leave the long rounds out unless they are asked for (setup/test --faults)."""
    if os.environ.get("CREDIT_CONTROL_FAULTS"):
        return
    long = [item for item in items if item.get_closest_marker("faults")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
