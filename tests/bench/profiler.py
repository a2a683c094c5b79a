"""Where a measurement spends its time: functions and statements, the most expensive first."""

import cProfile
import pstats
import re
import time
from collections import defaultdict
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor

SHOWN = 40


@contextmanager
def shown():
    """Print the most expensive functions and statements of what runs inside. It runs slower meanwhile."""
    statements = defaultdict(lambda: [0.0, 0])
    execute = Cursor.execute

    def timed(cursor, query, *args, **kwargs):
        start = time.perf_counter()
        try:
            return execute(cursor, query, *args, **kwargs)
        finally:
            spent = statements[shape(query)]
            spent[0] += time.perf_counter() - start
            spent[1] += 1

    functions = cProfile.Profile()
    with patch.object(Cursor, "execute", timed), functions:
        yield
    pstats.Stats(functions).sort_stats("cumulative").print_stats(SHOWN * 2)
    pstats.Stats(functions).sort_stats("tottime").print_stats(SHOWN)
    for text, (seconds, times) in sorted(statements.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"{seconds:8.3f} s {times:5} ×  {text}")


def shape(query) -> str:
    """The statement without its values: the same for each batch of the same work."""
    text = re.sub(r"\s+", " ", getattr(query, "code", query)).strip()
    return re.sub(r"%s(, ?%s)+", "%s…", text)[:300]
