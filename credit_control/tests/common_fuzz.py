import logging
import os
import random
import time

import psycopg2

from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError

_logger = logging.getLogger(__name__)

# What a caller may be told: anything else would be a traceback that reaches a person. Odoo says a constraint of the
# database in its own words.
CLEAR = (UserError, AccessError, MissingError, AccessDenied, psycopg2.IntegrityError)

HOSTILE = (
    "",
    " ",
    "\x00",
    "\ufeff",
    "\u202e",
    "é" * 300,
    "😀",
    "'; DROP TABLE credit_debtor; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }} ${7*7} %s %(x)s {0}",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    "\r\nBcc: a@example.com",
    "x" * 5000,
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "0x10",
    "9" * 40,
    "-0",
    "0.0000000001",
    "1.234,56",
    "1,234.56",
    "١٢٣",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31",
    "31/12/99999",
    "null",
    "True",
    "[]",
    "{}",
)
NUMBERS = (
    0,
    1,
    -1,
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**63,
    2**70,
    10**400,
    0.1,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
)


class Fuzz:
    """Tries things that nobody would think of, for some rounds or some minutes, and tells how to repeat what broke.

    The short run takes a few seconds and is the same each time. The long one (``setup/test --faults``) takes
    ``CREDIT_CONTROL_FUZZ_MINUTES``, 10 without; ``CREDIT_CONTROL_SEED`` repeats it, from ``CREDIT_CONTROL_ROUND`` on.
    """

    rounds = 40
    is_long = False

    def fuzz(self, attempt):
        """Call ``attempt`` with a source of chance again and again; it raises where something is wrong."""
        seed = int(os.environ.get("CREDIT_CONTROL_SEED") or self._get_seed())
        end = time.monotonic() + 60 * self._get_minutes()
        first = number = int(os.environ.get("CREDIT_CONTROL_ROUND") or 0)
        while number < first + self.rounds or time.monotonic() < end:
            chance = random.Random(f"{seed}-{number}")
            try:
                attempt(chance)
            except Exception as error:
                message = f"CREDIT_CONTROL_SEED={seed}, round {number}: {type(error).__name__}: {error}"
                raise AssertionError(message) from error
            number += 1
        _logger.info("%s: %s rounds from seed %s", type(self).__name__, number, seed)

    def _get_minutes(self):
        return float(os.environ.get("CREDIT_CONTROL_FUZZ_MINUTES") or 10) if self.is_long else 0

    def _get_seed(self):
        """The short run is the same each time, the long one never."""
        return random.SystemRandom().randrange(10**6) if self.is_long else 20261122

    # -- what nobody would think of ---------------------------------------------------------

    def text(self, chance):
        if chance.random() < 0.5:
            return chance.choice(HOSTILE)
        return "".join(
            chr(chance.choice((chance.randrange(128), chance.randrange(0x2000)))) for _ in range(chance.randrange(30))
        )

    def number(self, chance):
        return chance.choice((chance.choice(NUMBERS), chance.randrange(-(10**9), 10**9), chance.uniform(-1e6, 1e6)))

    def value(self, chance, depth=2):
        """Return anything that JSON can say."""
        kinds = [self.text, self.number, lambda _chance: None, lambda chance: chance.random() < 0.5]
        if depth:
            kinds += [
                lambda chance: [self.value(chance, depth - 1) for _ in range(chance.randrange(4))],
                lambda chance: {self.text(chance): self.value(chance, depth - 1) for _ in range(chance.randrange(4))},
            ]
        return chance.choice(kinds)(chance)

    def mutate(self, chance, content):
        """Return bytes with a part changed, doubled, cut out or put elsewhere."""
        content = bytearray(content)
        for _time in range(chance.randrange(1, 6)):
            start = chance.randrange(len(content) + 1)
            end = min(len(content), start + chance.randrange(1, 40))
            piece = chance.choice(
                (
                    self.text(chance).encode("utf-8", "surrogatepass"),
                    bytes(chance.randrange(256) for _ in range(5)),
                    bytes(content[start:end]) * 3,
                    b"",
                    chance.choice((b",", b";", b"\t", b'"', b"\n", b"\r", b"\x00", b"\xff\xfe")),
                )
            )
            content[start:end] = piece
        return bytes(content)
