"""Tell what is going on, in lines that read well on a terminal and in a log."""

import time
from contextlib import contextmanager


def say(*words) -> None:
    print(*words, flush=True)


@contextmanager
def timed(label: str):
    """Tell what is begun, and how long it took."""
    start = time.monotonic()
    print(f"  {label} ... ", end="", flush=True)
    try:
        yield
    except BaseException:
        say(f"failed ({time.monotonic() - start:.0f} s)")
        raise
    say(f"{time.monotonic() - start:.0f} s")
