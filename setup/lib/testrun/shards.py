"""Divide Odoo's tests among processes, each with a database of its own.

Classes are weighed by how long they took the last time, those never run on this machine by ``tests/durations.json``,
and what isn't there by its number of tests. All processes but the last are given a list of classes; the last is given
everything except those, so that no test is lost, whatever is found to be a test.
"""

import ast
from pathlib import Path

UNKNOWN = 1.2  # seconds per test method of a class that was never timed: the mean of them all
WORTH_KEEPING = 10.0  # seconds: what is shorter balances itself


def test_classes(addon: Path) -> dict[str, int]:
    """Names of the test classes that the addon defines, with the number of their own test methods."""
    found = {}
    for path in sorted(addon.glob("tests/**/test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(part, ast.FunctionDef) and part.name.startswith("test") for part in node.body)
                if methods:
                    found[node.name] = methods
    return found


def worth_keeping(durations: dict[str, float]) -> dict[str, int]:
    """What ``tests/durations.json`` should hold: whole seconds of the long classes, the longest first.

    >>> worth_keeping({"a:Short": 2.0, "a:Long": 11.4, "a:Longest": 90.6})
    {'a:Longest': 91, 'a:Long': 11}
    """
    ranked = sorted(durations.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: round(seconds) for name, seconds in ranked if seconds >= WORTH_KEEPING}


def weights(addons: list[Path], durations: dict[str, float]) -> dict[tuple[str, str], float]:
    """Expected seconds of each (addon, class)."""
    return {
        (addon.name, name): durations.get(f"{addon.name}:{name}", UNKNOWN * methods)
        for addon in addons
        for name, methods in test_classes(addon).items()
    }


def divide(weighed: dict[tuple[str, str], float], count: int) -> list[list[tuple[str, str]]]:
    """Spread the classes over ``count`` lists of about the same weight; the heaviest are placed first.

    >>> divide({("a", "X"): 5, ("a", "Y"): 3, ("b", "Z"): 2}, 2)
    [[('a', 'X')], [('a', 'Y'), ('b', 'Z')]]
    """
    shards: list[list[tuple[str, str]]] = [[] for _number in range(count)]
    loads = [0.0] * count
    for key, weight in sorted(weighed.items(), key=lambda pair: (-pair[1], pair[0])):
        lightest = loads.index(min(loads))
        shards[lightest].append(key)
        loads[lightest] += weight
    return shards


def specs(addons: list[str], shards: list[list[tuple[str, str]]], extra: str = "") -> list[str]:
    """The value of ``--test-tags`` for each shard. ``extra`` is a tag whose tests run beside the standard ones.

    >>> specs(["a", "b"], [[("a", "X")], [("a", "Y"), ("b", "Z")]])
    ['/a:X', '/a,/b,-/a:X']
    >>> specs(["a"], [[("a", "X")]], extra="faults")
    ['/a,faults/a']
    """

    def tags(targets: list[str]) -> list[str]:
        return targets + [f"{extra}{target}" for target in targets if extra]

    listed = [[f"/{addon}:{name}" for addon, name in shard] for shard in shards[:-1]]
    listed = [targets for targets in listed if targets]
    rest = tags([f"/{addon}" for addon in addons]) + [f"-{target}" for targets in listed for target in targets]
    return [",".join(tags(targets)) for targets in listed] + [",".join(rest)]
