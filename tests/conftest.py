"""For all tests that pytest runs."""

import os

# Long rounds, by the mark of their tests: left out unless they are asked for (setup/test --faults, --packaging).
LONG = ("faults", "packaging")


def pytest_collection_modifyitems(config, items):
    """Leave the long rounds out that weren't asked for."""
    unasked = [mark for mark in LONG if not os.environ.get(f"CREDIT_CONTROL_{mark.upper()}")]
    long = [item for item in items if any(item.get_closest_marker(mark) for mark in unasked)]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
