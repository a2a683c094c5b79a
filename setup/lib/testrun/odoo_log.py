"""Read the outcome of tests out of Odoo's log.

Odoo has no report of its own that names the tests: it logs the start, the failure and the skipping of each, and at the
end one line of counts. Both are read, and compared: a process that dies half-way has started tests, but no counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .results import Failure, Results

LINE = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[^\s:]+): (?P<message>.*)$"
)
COUNTS = re.compile(r"^(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<total>\d+) tests")
STARTING = re.compile(r"^Starting (?P<test>\S+) \.\.\.")
SKIPPED = re.compile(r"^skipped (?P<test>.+?) : (?P<reason>.*)", re.DOTALL)
FAILED = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<test>\S+)(?P<rest>.*)", re.DOTALL)
WHOLE = re.compile(r"^(?:setUpClass|tearDownClass|setUpModule|tearDownModule)$")
# What OCA's checklog takes for an error, too.
BAD = ("WARNING", "ERROR", "CRITICAL")
LONGEST = 3600  # seconds that a test can be believed to take
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Record:
    """One record of the log, with the lines that follow it up to the next."""

    time: datetime
    level: str
    logger: str
    message: str

    @property
    def module(self) -> str:
        """The addon in whose tests the record was logged, or nothing.

        >>> Record(None, "INFO", "odoo.addons.credit_control.tests.test_plan", "").module
        'credit_control'
        >>> Record(None, "INFO", "odoo.addons.credit_control.models.credit_run", "").module
        ''
        """
        match = re.match(r"odoo\.addons\.(\w+)\.tests\b", self.logger)
        return match[1] if match else ""


def records(lines: Iterable[str]) -> Iterator[Record]:
    """Group the lines of a log into records. Lines before the first record (a traceback at start) make up one too."""
    current = None
    for line in lines:
        line = COLOURS.sub("", line.rstrip("\n"))
        match = LINE.match(line)
        if match:
            if current:
                yield current
            time = datetime.strptime(match["time"], "%Y-%m-%d %H:%M:%S,%f")
            current = Record(time, match["level"], match["logger"], match["message"])
        elif current:
            current.message += "\n" + line
        elif line.strip():
            current = Record(datetime.min, "OUTPUT", "", line)
    if current:
        yield current


def rerun(module: str, test: str) -> str:
    """The command that runs one test (``Class.method``) of an addon.

    >>> rerun("credit_control", "TestPlan.test_paid")
    "./setup/test --tags '/credit_control:TestPlan.test_paid'"
    """
    return f"./setup/test --tags '/{module}:{test}'"


class TestLog:
    """Feed it the lines of the log of one Odoo process, then ask for the ``results``."""

    # Tells pytest that this is no class of tests.
    __test__ = False

    def __init__(self):
        self.started: dict[tuple[str, str], datetime] = {}
        self.ended: dict[tuple[str, str], datetime] = {}
        self.skipped: dict[tuple[str, str], str] = {}
        self.failed: dict[tuple[str, str], str] = {}
        self.counted: int | None = None
        self.unexpected: list[Record] = []
        self._running: tuple[str, str] | None = None

    def read(self, lines: Iterable[str]) -> "TestLog":
        for record in records(lines):
            self.add(record)
        return self

    def add(self, record: Record) -> None:
        if record.logger == "odoo.tests.result" and (match := COUNTS.match(record.message)):
            self._end(record)
            self.counted = int(match["total"])
        elif match := STARTING.match(record.message):
            self._end(record)
            self._running = (record.module, match["test"])
            self.started[self._running] = record.time
        elif match := SKIPPED.match(record.message):
            self.skipped[self._key(record, match["test"])] = match["reason"].strip()
        elif record.level == "ERROR" and (match := FAILED.match(record.message)):
            self._fail(self._key(record, match["test"] + match["rest"].partition("\n")[0]), record.message)
        elif record.level in BAD:
            # A test that provokes it on purpose mutes or asserts its log; anything else is what administrators meet.
            if self._running:
                self._fail(self._running, f"{record.level} in the log: {record.logger}: {record.message}")
            else:
                self.unexpected.append(record)

    def _fail(self, key: tuple[str, str], text: str) -> None:
        self.failed[key] = "\n".join(filter(None, [self.failed.get(key), text]))

    def _end(self, record: Record) -> None:
        if self._running:
            self.ended[self._running] = record.time
            self._running = None

    def _key(self, record: Record, test: str) -> tuple[str, str]:
        """A failure names its test, possibly with a sub-test; that of a whole class names the class in brackets."""
        first, _, rest = test.partition(" ")
        if WHOLE.match(first):
            path = rest.strip().strip("()")
            module = re.match(r"odoo\.addons\.(\w+)\.", path)
            return (module[1] if module else record.module), f"{path.rpartition('.')[2]}.{first}"
        return record.module, first

    def results(self, exit_code: int, label: str) -> Results:
        """What to tell. ``exit_code`` is that of the process, ``label`` names it where no test can be named."""
        results = Results()
        for key, text in self.failed.items():
            results.failures.append(Failure(":".join(key), text, self._rerun(key)))
        for key, reason in self.skipped.items():
            if key not in self.failed:
                results.skipped.append((":".join(key), reason))
        results.passed = len(self.started.keys() - self.failed.keys() - self.skipped.keys())
        for record in self.unexpected:
            results.failures.append(
                Failure(f"{label}: {record.level} in the log", f"{record.logger}: {record.message}")
            )
        if problem := self._problem(exit_code):
            results.failures.append(Failure(label, problem))
        for key, start in self.started.items():
            name = ":".join((key[0], key[1].rpartition(".")[0]))
            seconds = (self.ended.get(key, start) - start).total_seconds()
            if not 0 <= seconds < LONGEST:
                # Started or ended while the clock was frozen: it says nothing of how long it took.
                continue
            results.durations[name] = results.durations.get(name, 0.0) + seconds
        return results

    def _rerun(self, key: tuple[str, str]) -> str:
        module, test = key
        owner, _, method = test.rpartition(".")
        return rerun(module, owner if WHOLE.match(method) else test)

    def _problem(self, exit_code: int) -> str:
        """What the process has to answer for as a whole."""
        if self.counted is None:
            return f"Odoo ended with status {exit_code} before its tests had ended."
        if self.counted != len(self.started):
            return f"Odoo counts {self.counted} tests, but {len(self.started)} were seen to start."
        if exit_code and not self.failed and not self.unexpected:
            return f"Odoo ended with status {exit_code}, although no test failed."
        return ""


# What Odoo itself says on a healthy installation: pairs of logger (none for bare output) and start of the message.
HARMLESS = [
    # In containers, root is all there is.
    ("", "Running as user 'root' is a security risk."),
]


def install_complaints(lines: Iterable[str]) -> list[Record]:
    """The records of an installation that are no good sign: errors, and warnings that are not known to be harmless."""
    return [
        record
        for record in records(lines)
        if record.level in (*BAD, "OUTPUT")
        and not any(record.logger == logger and record.message.startswith(start) for logger, start in HARMLESS)
    ]
