"""``check_ledger.py DATABASE INVOICES``: write a ledger, let Odoo compute all of it again, print where it differs.

Prints a JSON object: ``differences`` (model, field, how many, an example), ``unbalanced`` entries,
and ``found``, how many of each kind there are. Nothing is committed.
"""

import json
import sys
from datetime import date

import ledger
from instance import configure, environment

from odoo.tools import SQL

MODELS = ("account.move", "account.move.line", "account.payment", "account.partial.reconcile", "res.partner")
# Computed only to propose a value: what stands there was chosen.
PROPOSED = {
    ("account.move", "date"),
    ("account.move", "invoice_payment_term_id"),
    ("account.move.line", "balance"),
    ("account.move.line", "amount_currency"),
    ("account.payment", "currency_id"),
    # Proposed once, when there is no entry yet.
    ("account.payment", "outstanding_account_id"),
}
TOLERANCE = 1e-6


def main(database, invoices):
    configure(database)
    with environment(database) as env:
        ledger.build(env, int(invoices), date.today())
        print(json.dumps({**look(env), "differences": compare(env)}))


def look(env):
    """Return what the database alone can tell."""
    env["account.move.line"].search([])._constrains_matching_number()
    unbalanced = env.execute_query(
        SQL("SELECT move_id FROM account_move_line GROUP BY move_id HAVING SUM(balance) <> 0 LIMIT 5")
    )
    states = env["account.move"]._read_group([], ["move_type", "payment_state"], ["__count"])
    return {"unbalanced": unbalanced, "found": {f"{kind} {state}": count for kind, state, count in states}}


def compare(env):
    """Return the stored fields that Odoo computes otherwise."""
    found = []
    for model in MODELS:
        for name in computed_fields(env, model):
            env.cr.execute("SAVEPOINT compared")
            found += compare_field(env[model].search([]), name)
            # What was computed is thrown away, before it is written.
            env.transaction.clear()
            env.cr.execute("ROLLBACK TO SAVEPOINT compared")
    return found


def computed_fields(env, model):
    """Return the names of the stored fields that are computed from others."""
    return [
        name
        for name, field in env[model]._fields.items()
        if field.store
        and field.compute
        and field.type not in ("one2many", "many2many", "binary")
        and (model, name) not in PROPOSED
    ]


def compare_field(records, name):
    """Return nothing, or one line that tells how many records differ, with an example."""
    stored = [record[name] for record in records]
    records.env.add_to_compute(records._fields[name], records)
    wrong = [
        (record.display_name, str(kept), str(record[name]))
        for record, kept in zip(records, stored, strict=True)
        if not is_same(kept, record[name])
    ]
    return [[records._name, name, len(wrong), *wrong[0]]] if wrong else []


def is_same(one, other):
    """Whether two values of a field are equal, amounts up to the dust of fractions."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < TOLERANCE
    return one == other


if __name__ == "__main__":
    main(*sys.argv[1:])
