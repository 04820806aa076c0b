"""Waits for conditions, and says what was seen last."""

import time


def wait_until(look, wanted, what, seconds=120):
    """Until `look()` gives `wanted`, or satisfies it where it is a function."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen) if callable(wanted) else seen == wanted:
            return seen
        assert time.monotonic() < deadline, f"{what}: seen last after {seconds} s: {seen}"
        time.sleep(0.5)
