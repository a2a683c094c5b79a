"""``make_ledger.py DATABASE INVOICES DAY``: write the ledger into a database without entries."""

import sys
from datetime import date

import ledger
import psycopg2
from instance import configure, environment


def main(database, invoices, day):
    configure(database)
    with environment(database) as env:
        # Sorted and joined in memory as far as a small machine goes.
        env.cr.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'")
        ledger.build(env, int(invoices), date.fromisoformat(day))
        env.cr.commit()
    # Statistics, and the hint bits that a running ledger has: else the first reader writes them.
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main(*sys.argv[1:])
