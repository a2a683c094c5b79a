"""The outcome of tests, whoever ran them, as one value; and the closing lines that are read by people and machines."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Failure:
    """One test that failed: its name, what it said, and the command that runs it alone."""

    name: str
    text: str
    rerun: str = ""


@dataclass
class Results:
    """Counts of tests. ``failures`` has one entry per failed test, so ``failed`` is its length."""

    passed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)  # (name, reason)
    failures: list[Failure] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)  # test class: seconds

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def total(self) -> int:
        return self.passed + self.failed + len(self.skipped)

    def __iadd__(self, other: "Results") -> "Results":
        self.passed += other.passed
        self.skipped += other.skipped
        self.failures += other.failures
        for name, seconds in other.durations.items():
            self.durations[name] = self.durations.get(name, 0.0) + seconds
        return self

    def count_line(self) -> str:
        """
        >>> Results(passed=12).count_line()
        '12 passed, 0 failed'
        >>> Results(passed=1, skipped=[("a", "no browser")], failures=[Failure("b", "")]).count_line()
        '1 passed, 1 failed, 1 skipped'
        """
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {len(self.skipped)} skipped" if self.skipped else line

    @property
    def exit_code(self) -> int:
        """A run that failed, or in which nothing ran, must not look like a success.

        >>> Results().exit_code, Results(passed=1).exit_code, Results(passed=1, failures=[Failure("b", "")]).exit_code
        (1, 0, 1)
        """
        return int(bool(self.failures) or not self.passed)
