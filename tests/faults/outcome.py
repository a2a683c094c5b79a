"""What has to be true after every fault, and the table of what came out."""

import re
from collections import Counter
from contextlib import closing
from pathlib import Path

import psycopg2

# What may stand of a message that never arrived, and of one that did. ``sending`` is one whose sender was killed and
# that nobody has looked at since.
MISSING = {"queued", "sending", "uncertain", "failed", "cancelled"}
ARRIVED = {"sent", "delivered", "sending", "uncertain"}


def rows(database: str, query: str, *values) -> list[tuple]:
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def read_states(database: str) -> dict[str, str]:
    """Return ``{address or number: state}`` of the notices that a plan wrote and no other has replaced."""
    found = rows(
        database,
        """
        SELECT COALESCE(notice.address, partner.email), notice.state
          FROM credit_dunning_notice notice
          JOIN res_partner partner ON partner.id = notice.partner_id
         WHERE notice.reason IS DISTINCT FROM 'superseded'
        """,
    )
    return dict(found)


def count_states(database: str) -> Counter:
    return Counter(read_states(database).values())


def assert_none_twice(arrived) -> None:
    """Nobody has received a message twice."""
    assert [to for to, count in Counter(arrived).items() if count > 1] == []


def assert_invariant(database: str, arrived, kills: int, at_once: int = 1) -> Counter:
    """At most once, never lost: none twice, and what is missing is known to be.

    :param arrived: addresses at which something arrived, in order
    :param kills: how often a sender was broken off
    :param at_once: how many messages it hands over at a time
    :return: how many notices stand in each state
    """
    assert_none_twice(arrived)
    states = read_states(database)
    there = set(arrived)
    assert {state for address, state in states.items() if address not in there} <= MISSING, Counter(states.values())
    assert {state for address, state in states.items() if address in there} <= ARRIVED, Counter(states.values())
    counts = Counter(states.values())
    assert counts["uncertain"] + counts["sending"] <= kills * at_once, counts
    assert_told(database)
    assert_one_live(database)
    return counts


def assert_told(database: str) -> None:
    """The journal tells: what is uncertain or failed bears a reason, what left a moment and a Message-ID."""
    silent = rows(
        database,
        """
        SELECT id, state FROM credit_dunning_notice
         WHERE state IN ('uncertain', 'failed', 'cancelled', 'bounced') AND COALESCE(reason, '') = ''
            OR state IN ('sent', 'delivered') AND (sent_at IS NULL OR left_on IS NULL OR message_ref IS NULL)
        """,
    )
    assert silent == []


def assert_one_live(database: str) -> None:
    """No step of an item is on its way, or done, more than once."""
    twice = rows(
        database,
        """
        SELECT line.move_line_id, line.step_id FROM credit_dunning_notice_line line
          JOIN credit_dunning_notice notice ON notice.id = line.notice_id
         WHERE line.live AND line.step_id IS NOT NULL AND notice.state NOT IN ('failed', 'bounced', 'cancelled')
         GROUP BY line.move_line_id, line.step_id, line.channel_id, line.occurrence HAVING count(*) > 1
        """,
    )
    assert twice == []


class Results:
    """The table of what came out, one line a round."""

    def __init__(self, path: Path):
        self.path = path
        self.lines = []

    def add(self, name: str, seed: int, seconds: float, figures: dict) -> None:
        told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items())
        self.lines.append(f"| {re.sub(r'^test_', '', name).replace('_', ' ')} | {told} | {seed} | {seconds:.0f} |")
        print(self.lines[-1])

    def write(self) -> None:
        head = ["| Round | What came out | Seed | Seconds |", "| --- | --- | --- | --- |"]
        self.path.write_text("\n".join([*head, *self.lines, ""]))
