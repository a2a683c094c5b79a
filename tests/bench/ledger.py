"""A large, consistent ledger, written by SQL in a few minutes.

What it is: any number of posted invoices of two years and more, with what real ledgers
have: instalments, two currencies, payments that settle one invoice or several, part
payments, refunds that cancel an invoice or lower it, credits and payments that nobody
allocated, customers who pay late and invoices that are never paid. The same number of
invoices and the same day always give the same ledger.

How it works: one document of each kind (the *seeds*) is posted through Odoo. Each row of
the ledger is its seed's row with other dates, customer and reference, its amounts times a
whole number; so whatever Odoo or an addon stores on a document stands there too. Amounts
of the seeds are such that no product needs rounding. What is settled, by what and when is
decided in temporary tables first, so every row is written once, in its final state.

The one simplification is a single rate of exchange: no exchange differences.
"""

import json
from dataclasses import dataclass
from datetime import date

from odoo.fields import Command
from odoo.tools import SQL

# 300 000 invoices of 20 000 customers over 800 days.
INVOICES_PER_CUSTOMER = 15
DAYS = 800
# Before all of the ledger, so that the seeds' references are never taken.
SEED_DAY = date(2001, 1, 10)
# Their indexes and foreign keys are dropped and built again: three times as fast, and the keys are checked at once.
REBUILT_TABLES = ("account_move", "account_move_line", "account_payment", "account_partial_reconcile")
# What is multiplied where a seed's row is copied.
SCALED = {
    "account_move": (
        "amount_untaxed",
        "amount_tax",
        "amount_total",
        "amount_untaxed_signed",
        "amount_untaxed_in_currency_signed",
        "amount_tax_signed",
        "amount_total_signed",
        "amount_total_in_currency_signed",
    ),
    "account_move_line": (
        "debit",
        "credit",
        "balance",
        "amount_currency",
        "tax_base_amount",
        "price_unit",
        "price_subtotal",
        "price_total",
    ),
    "account_payment": ("amount", "amount_company_currency_signed"),
}


@dataclass(frozen=True)
class Seeds:
    """Ids of the rows that are copied."""

    partner: int
    contact: int
    invoices: dict
    refund: int
    payments: dict
    company: int
    tax: int


def build(env, invoices: int, today: date) -> None:
    """Write a ledger of ``invoices`` invoices that ends on ``today``.

    Nothing is committed. Needs a company without entries, with the generic chart.
    """
    seeds = _create_seeds(env)
    env.flush_all()
    # Odoo counts the seed's invoices on its customer after the commit, when both are gone.
    env.cr.postcommit.clear()
    Writer(env.cr, seeds, invoices, today).write()
    env.invalidate_all()


# ---- seeds: one document of each kind, through Odoo ----


def _create_seeds(env) -> Seeds:
    company, eur, usd = env.company, env.ref("base.EUR"), env.ref("base.USD")
    (eur | usd).active = True
    company.currency_id = eur
    env["res.currency.rate"].search([]).unlink()
    env["res.currency.rate"].create(
        {"currency_id": usd.id, "name": "2000-01-01", "rate": 1.25, "company_id": company.id}
    )
    partner, contact = _create_seed_partner(env)
    terms = _create_terms(env)
    invoices = {
        "short": _create_invoice(env, partner, eur, terms["short"]),
        "long": _create_invoice(env, partner, eur, terms["long"]),
        "instalments": _create_invoice(env, partner, eur, terms["instalments"]),
        "foreign": _create_invoice(env, partner, usd, terms["short"]),
    }
    refund = _create_invoice(env, partner, eur, terms["now"], "out_refund")
    payments = {eur.id: _create_payment(env, partner, eur, 1.0), usd.id: _create_payment(env, partner, usd, 1.25)}
    return Seeds(
        partner=partner.id,
        contact=contact.id,
        invoices={kind: invoice.id for kind, invoice in invoices.items()},
        refund=refund.id,
        payments={currency: payment.id for currency, payment in payments.items()},
        company=company.id,
        tax=company.account_sale_tax_id.id,
    )


def _create_seed_partner(env):
    partner = env["res.partner"].create(
        {
            "name": "Seed",
            "is_company": True,
            "email": "seed@example.com",
            "street": "1 rue de l'Exemple",
            "zip": "69001",
            "city": "Lyon",
            "country_id": env.ref("base.fr").id,
            "customer_rank": 1,
        }
    )
    contact = env["res.partner"].create(
        {"name": "Accounts payable", "parent_id": partner.id, "type": "invoice", "email": "accounts.seed@example.com"}
    )
    return partner, contact


def _create_terms(env):
    days = {"now": [(100, 0)], "short": [(100, 30)], "long": [(100, 60)], "instalments": [(30, 30), (70, 60)]}
    return {
        name: env["account.payment.term"].create(
            {
                "name": f"Bench {name}",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": delay})
                    for share, delay in lines
                ],
            }
        )
        for name, lines in days.items()
    }


def _create_invoice(env, partner, currency, term, move_type="out_invoice"):
    """20.00 and 15 % of tax: each amount times a whole number, 30 % of it and its value in euros are whole cents."""
    line = {"name": "Goods", "quantity": 1, "price_unit": 20, "tax_ids": env.company.account_sale_tax_id.ids}
    invoice = env["account.move"].create(
        {
            "move_type": move_type,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "invoice_date": SEED_DAY,
            "invoice_payment_term_id": term.id,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    return invoice


def _create_payment(env, partner, currency, amount):
    values = {"payment_type": "inbound", "partner_id": partner.id, "currency_id": currency.id, "date": SEED_DAY}
    payment = env["account.payment"].create({**values, "amount": amount})
    payment.action_post()
    return payment


class Writer:
    """The ledger's rows: decided in temporary tables, then written table by table."""

    def __init__(self, cr, seeds: Seeds, invoices: int, today: date):
        self.cr = cr
        self.seeds = seeds
        self.customers = max(10, invoices // INVOICES_PER_CUSTOMER)
        self.params = {
            "invoices": invoices,
            "customers": self.customers,
            "today": today,
            "days": DAYS,
            "seed_day": SEED_DAY,
            "euro": next(iter(seeds.payments)),
            "invoice_seeds": json.dumps(seeds.invoices),
            "payment_seeds": json.dumps(seeds.payments),
            "refund_seed": seeds.refund,
            "seed_partner": seeds.partner,
            "seed_contact": seeds.contact,
            "company": seeds.company,
            "tax": seeds.tax,
        }
        for table in ("res_partner", *REBUILT_TABLES, "account_full_reconcile"):
            self.params[f"last_{table}"] = self._maximum(table)

    def write(self):
        """Decide, then write each table once."""
        self._create_draw()
        for name, query in TEMPORARY.items():
            self.cr.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", self.params)
            self.cr.execute(f"ANALYZE {name}")
        statements = self._drop_indexes()
        for copy in COPIES:
            self._copy(*copy)
        for query in RELATIONS:
            self.cr.execute(query, self.params)
        self._set_sequences()
        for statement in statements:
            self.cr.execute(statement)
        self._delete_seeds()

    def _create_draw(self):
        """``draw(n, salt)``: a number of [0, 1) that looks random and is always the same."""
        self.cr.execute(
            """
            CREATE OR REPLACE FUNCTION pg_temp.draw(n bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
            $$ SELECT ('x' || substr(md5(n || salt), 1, 8))::bit(32)::bigint / 4294967296.0 $$
            """
        )

    def _maximum(self, table, column="id"):
        query = SQL("SELECT COALESCE(MAX(%s), 0) FROM %s", SQL.identifier(column), SQL.identifier(table))
        self.cr.execute(query)
        return self.cr.fetchone()[0]

    def _columns(self, table):
        self.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,))
        return [name for (name,) in self.cr.fetchall()]

    def _copy(self, table, source, own):
        """Insert, for each row of ``source`` (which joins ``seed``), the seed's row with columns of its ``own``."""
        values = {}
        for column in self._columns(table):
            scaled = column in SCALED.get(table, ())
            values[column] = own.get(column) or (f"seed.{column} * units" if scaled else f"seed.{column}")
        columns, expressions = ", ".join(values), ", ".join(values.values())
        self.cr.execute(f"INSERT INTO {table} ({columns}) SELECT {expressions} FROM {source}", self.params)

    def _drop_indexes(self):
        """Drop what slows down insertion; return the statements that put it back."""
        self.cr.execute(
            """
            SELECT format('DROP INDEX %%I', indexname), indexdef
              FROM pg_indexes
             WHERE schemaname = current_schema AND tablename = ANY(%(tables)s)
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
             UNION ALL
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
                          pg_get_constraintdef(oid))
              FROM pg_constraint
             WHERE contype = 'f' AND conrelid::regclass::text = ANY(%(tables)s)
            """,
            {"tables": list(REBUILT_TABLES)},
        )
        drops, adds = zip(*self.cr.fetchall(), strict=True)
        for statement in drops:
            self.cr.execute(statement)
        return adds

    def _set_sequences(self):
        for table in ("res_partner", *REBUILT_TABLES, "account_full_reconcile"):
            self.cr.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, self._maximum(table)))

    def _delete_seeds(self):
        """Take the seeds away; their lines go with them."""
        self.cr.execute("DELETE FROM account_payment WHERE id = ANY(%s)", (list(self.seeds.payments.values()),))
        self.cr.execute("DELETE FROM account_move WHERE date = %s", (SEED_DAY,))
        self.cr.execute("DELETE FROM res_partner WHERE id = ANY(%s)", ([self.seeds.contact, self.seeds.partner],))


# ---- what happens: temporary tables, in the order in which they build on each other ----

TEMPORARY = {
    # A fifth has a contact for invoices, one in fifty no e-mail address.
    "bench_customer": """
        SELECT n, %(last_res_partner)s + n AS id, 'Client ' || lpad(n::text, 6, '0') AS name,
               CASE WHEN n %% 50 > 0 THEN 'client' || n || '@example.com' END AS email,
               n || ' rue de l''Exemple' AS street
          FROM generate_series(1, %(customers)s) n
    """,
    # Invoices in the order of their dates; a few customers have most of them.
    "bench_invoice": """
        SELECT invoice.n, invoice.date, invoice.kind, invoice.units, customer.id AS partner_id,
               customer.name AS partner, %(last_account_move)s + invoice.n AS move_id, seed.id AS seed_id
          FROM (
            SELECT n, %(today)s::date - %(days)s + ((n - 1) * %(days)s / %(invoices)s)::int AS date,
                   1 + floor(%(customers)s * power(pg_temp.draw(n, 'customer'), 1.6))::int AS customer,
                   CASE WHEN pg_temp.draw(n, 'kind') < 0.10 THEN 'instalments'
                        WHEN pg_temp.draw(n, 'kind') < 0.18 THEN 'foreign'
                        WHEN pg_temp.draw(n, 'kind') < 0.38 THEN 'long'
                        ELSE 'short' END AS kind,
                   2 + floor(-40 * ln(1 - pg_temp.draw(n, 'amount')))::int AS units
              FROM generate_series(1, %(invoices)s::bigint) n
          ) invoice
          JOIN bench_customer customer ON customer.n = invoice.customer
          JOIN (SELECT key AS kind, value::int AS id FROM jsonb_each_text(%(invoice_seeds)s)) seed USING (kind)
    """,
    # One row an instalment, and how it ends: never (not paid) · part (two fifths are paid) · credited (a refund
    # cancels it) · lowered (a refund of one unit) · paid. Three customers in ten pay on fixed days only, so that one
    # payment settles several items.
    "bench_item": """
        SELECT i, n, move_id, partner_id, seed_line_id, date, due, currency_id, units, amount, amount_currency,
               settled_on, %(last_account_move_line)s + i AS line_id,
               CASE WHEN settled_on > %(today)s THEN 'never' ELSE outcome END AS outcome
          FROM (
            SELECT ending.*,
                   CASE WHEN outcome IN ('credited', 'lowered') THEN date + 3 + (n %% 20)::int
                        WHEN partner_id %% 10 < 3 THEN due - 5 + late + 14 - (due - '2000-01-03'::date - 5 + late) %% 15
                        ELSE due - 5 + late END AS settled_on
              FROM (
                SELECT row_number() OVER (ORDER BY invoice.n, line.id) AS i, invoice.*, line.id AS seed_line_id,
                       line.currency_id, line.balance * units AS amount,
                       line.amount_currency * units AS amount_currency,
                       invoice.date + (line.date_maturity - %(seed_day)s) AS due,
                       CASE WHEN pg_temp.draw(n, 'outcome') < 0.022 THEN 'never'
                            WHEN pg_temp.draw(n, 'outcome') < 0.030 THEN 'part'
                            WHEN kind IN ('instalments', 'foreign') THEN 'paid'
                            WHEN pg_temp.draw(n, 'outcome') < 0.042 THEN 'credited'
                            WHEN pg_temp.draw(n, 'outcome') < 0.045 THEN 'lowered'
                            ELSE 'paid' END AS outcome,
                       LEAST(180, floor(-(4 + 16 * pg_temp.draw(invoice.partner_id, 'morals'))
                                        * ln(1 - pg_temp.draw(n * 7 + line.id, 'late')))::int) AS late
                  FROM bench_invoice invoice
                  JOIN account_move_line line ON line.move_id = invoice.seed_id AND line.display_type = 'payment_term'
              ) ending
          ) item
    """,
    # One payment for all items that a customer pays on a day; part payments and unallocated ones stand alone.
    "bench_payment": """
        SELECT payment.*, seed.id AS seed_id, seed.move_id AS seed_move_id,
               prefix || lpad(number::text, GREATEST(5, length(number::text)), '0') AS name,
               %(last_account_payment)s + p AS id,
               (SELECT MAX(move_id) FROM bench_invoice) + p AS move_id,
               (SELECT MAX(line_id) FROM bench_item) + 2 * p AS line_id
          FROM (
            SELECT *, row_number() OVER (ORDER BY date, partner_id, item, currency_id) AS p,
                   'PBNK1/' || EXTRACT(year FROM date) || '/' AS prefix,
                   row_number() OVER (PARTITION BY EXTRACT(year FROM date)
                                      ORDER BY date, partner_id, item, currency_id) AS number
              FROM (
                SELECT partner_id, settled_on AS date, currency_id, NULL::bigint AS item, SUM(amount) AS units
                  FROM bench_item WHERE outcome = 'paid' GROUP BY partner_id, settled_on, currency_id
                 UNION ALL
                SELECT partner_id, settled_on, currency_id, i, amount * 2 / 5 FROM bench_item WHERE outcome = 'part'
                 UNION ALL
                SELECT id, %(today)s::date - n %% 60, %(euro)s, -n, 10 + n %% 500
                  FROM bench_customer WHERE n %% 97 = 5
              ) what
          ) payment
          JOIN (SELECT key::int AS currency_id, value::int AS id FROM jsonb_each_text(%(payment_seeds)s)) currency
            USING (currency_id)
          JOIN account_payment seed ON seed.id = currency.id
    """,
    # Refunds that cancel or lower an invoice, and some that nobody allocated.
    "bench_refund": """
        SELECT refund.*, customer.name AS partner, %(refund_seed)s AS seed_id, line.id AS seed_line_id,
               line.balance * units AS amount,
               (SELECT MAX(move_id) FROM bench_payment) + r AS move_id,
               (SELECT MAX(line_id) + 1 FROM bench_payment) + r AS line_id
          FROM (
            SELECT *, row_number() OVER (ORDER BY date, partner_id, item) AS r
              FROM (
                SELECT partner_id, settled_on AS date, i AS item,
                       CASE outcome WHEN 'credited' THEN units ELSE 1 END AS units
                  FROM bench_item WHERE outcome IN ('credited', 'lowered')
                 UNION ALL
                SELECT id, %(today)s::date - n %% 90, -n, 1 + n %% 20 FROM bench_customer WHERE n %% 61 = 7
              ) what
          ) refund
          JOIN bench_customer customer ON customer.id = refund.partner_id
          JOIN account_move_line line ON line.move_id = %(refund_seed)s AND line.display_type = 'payment_term'
    """,
    # ``knot`` is the payment's or refund's line that settles, with all that it settles.
    "bench_partial": """
        SELECT link.*, %(last_account_partial_reconcile)s + k AS id,
               %(last_account_partial_reconcile)s + MIN(k) OVER (PARTITION BY knot) AS first_id,
               CASE WHEN is_full
                    THEN %(last_account_full_reconcile)s + DENSE_RANK() OVER (ORDER BY is_full DESC, knot)
               END AS full_id
          FROM (
            SELECT *, row_number() OVER (ORDER BY max_date, debit_line_id, knot) AS k
              FROM (
                SELECT item.i, item.line_id AS debit_line_id, payment.line_id AS knot, TRUE AS is_full, payment.p,
                       item.currency_id, GREATEST(item.date, payment.date) AS max_date,
                       item.amount, item.amount_currency
                  FROM bench_item item
                  JOIN bench_payment payment ON payment.partner_id = item.partner_id AND payment.date = item.settled_on
                                            AND payment.currency_id = item.currency_id AND payment.item IS NULL
                 WHERE item.outcome = 'paid'
                 UNION ALL
                SELECT item.i, item.line_id, payment.line_id, FALSE, payment.p, item.currency_id,
                       GREATEST(item.date, payment.date), item.amount * 2 / 5, item.amount_currency * 2 / 5
                  FROM bench_payment payment
                  JOIN bench_item item ON item.i = payment.item
                 UNION ALL
                SELECT item.i, item.line_id, refund.line_id, item.outcome = 'credited', NULL, item.currency_id,
                       GREATEST(item.date, refund.date), -refund.amount, -refund.amount
                  FROM bench_refund refund
                  JOIN bench_item item ON item.i = refund.item
              ) reconciliation
          ) link
    """,
    "bench_knot": """
        SELECT knot, SUM(amount) AS amount, SUM(amount_currency) AS amount_currency, MIN(first_id) AS first_id,
               MAX(full_id) AS full_id
          FROM bench_partial GROUP BY knot
    """,
    # The receivable lines of invoices and refunds.
    "bench_receivable": """
        SELECT line_id, move_id, seed_line_id, due, units, item.amount - COALESCE(partial.amount, 0) AS residual,
               item.amount_currency - COALESCE(partial.amount_currency, 0) AS residual_currency,
               first_id, full_id, p IS NULL AND partial.id IS NOT NULL AS by_refund,
               partial.id IS NOT NULL AS is_matched
          FROM bench_item item
     LEFT JOIN bench_partial partial USING (i)
         UNION ALL
        SELECT line_id, move_id, seed_line_id, date, units, refund.amount + COALESCE(knot.amount, 0),
               refund.amount + COALESCE(knot.amount, 0), first_id, full_id, FALSE, knot IS NOT NULL
          FROM bench_refund refund
     LEFT JOIN bench_knot knot ON knot.knot = refund.line_id
    """,
    # Invoices and refunds in their final state.
    "bench_document": """
        SELECT document.*, prefix || lpad(number::text, GREATEST(5, length(number::text)), '0') AS name, state.*
          FROM (
            SELECT *, row_number() OVER (PARTITION BY prefix ORDER BY date, move_id) AS number
              FROM (
                SELECT move_id, seed_id, partner_id, partner, date, units,
                       'INV/' || EXTRACT(year FROM date) || '/' AS prefix
                  FROM bench_invoice
                 UNION ALL
                SELECT move_id, seed_id, partner_id, partner, date, units, 'RINV/' || EXTRACT(year FROM date) || '/'
                  FROM bench_refund
              ) numbered
          ) document
          JOIN (
            SELECT move_id AS state_of, MAX(due) AS due, SUM(residual) AS residual,
                   SUM(residual_currency) AS residual_currency,
                   CASE WHEN SUM(ABS(residual)) > 0 AND BOOL_OR(is_matched) THEN 'partial'
                        WHEN SUM(ABS(residual)) > 0 THEN 'not_paid'
                        WHEN BOOL_AND(by_refund) THEN 'reversed'
                        ELSE 'paid' END AS payment_state
              FROM bench_receivable GROUP BY move_id
          ) state ON state_of = move_id
    """,
    # A payment is through when all the invoices that it pays are.
    "bench_paid": """
        SELECT p, BOOL_AND(document.payment_state = 'paid') AS is_through
          FROM bench_partial partial
          JOIN bench_item item USING (i)
          JOIN bench_document document USING (move_id)
         WHERE p IS NOT NULL
         GROUP BY p
    """,
}

# ---- what is written: table, source of its rows, and what isn't taken from the seed ----

_DOCUMENT = {"move_id": "document.move_id", "move_name": "document.name", "partner_id": "document.partner_id"}
_DATES = {"date": "document.date", "invoice_date": "document.date"}

COPIES = [
    (
        "res_partner",
        "bench_customer customer JOIN res_partner seed ON seed.id = %(seed_partner)s",
        {
            **dict.fromkeys(("id", "commercial_partner_id"), "customer.id"),
            **dict.fromkeys(("name", "complete_name", "commercial_company_name"), "customer.name"),
            **dict.fromkeys(("email", "email_normalized"), "customer.email"),
            "street": "customer.street",
        },
    ),
    (
        "res_partner",
        "bench_customer customer JOIN res_partner seed ON seed.id = %(seed_contact)s AND customer.n %% 5 = 0",
        {
            "id": "%(last_res_partner)s + %(customers)s + customer.n / 5",
            **dict.fromkeys(("parent_id", "commercial_partner_id"), "customer.id"),
            "commercial_company_name": "customer.name",
            "complete_name": "customer.name || ', ' || seed.name",
            **dict.fromkeys(("email", "email_normalized"), "'accounts.' || customer.email"),
            "street": "customer.street",
        },
    ),
    (
        "account_move",
        "bench_document document JOIN account_move seed ON seed.id = document.seed_id",
        {
            **_DATES,
            "id": "document.move_id",
            "name": "document.name",
            "sequence_prefix": "document.prefix",
            "sequence_number": "document.number",
            **dict.fromkeys(("partner_id", "commercial_partner_id", "partner_shipping_id"), "document.partner_id"),
            "invoice_partner_display_name": "document.partner",
            "invoice_date_due": "document.due",
            "payment_reference": "CASE WHEN seed.payment_reference IS NOT NULL THEN document.name END",
            "payment_state": "document.payment_state",
            # Of a refund: positive in its own currency, negative in the company's.
            "amount_residual": "ABS(document.residual_currency)",
            "amount_residual_signed": "document.residual",
        },
    ),
    (
        "account_move",
        """bench_payment payment JOIN account_move seed ON seed.id = payment.seed_move_id
           JOIN bench_customer customer ON customer.id = payment.partner_id""",
        {
            "id": "payment.move_id",
            "name": "payment.name",
            "sequence_prefix": "payment.prefix",
            "sequence_number": "payment.number",
            **dict.fromkeys(("partner_id", "commercial_partner_id"), "payment.partner_id"),
            "invoice_partner_display_name": "customer.name",
            "date": "payment.date",
            "origin_payment_id": "payment.id",
        },
    ),
    (
        "account_move_line",
        """bench_document document
           JOIN account_move_line seed ON seed.move_id = document.seed_id AND seed.display_type <> 'payment_term'""",
        {
            **_DOCUMENT,
            **_DATES,
            "id": "(SELECT MAX(line_id) FROM bench_refund) + row_number() OVER (ORDER BY document.move_id, seed.id)",
        },
    ),
    (
        "account_move_line",
        """bench_receivable receivable JOIN account_move_line seed ON seed.id = receivable.seed_line_id
           JOIN (SELECT move_id, name, partner_id, date FROM bench_document) document
             ON document.move_id = receivable.move_id""",
        {
            **_DOCUMENT,
            **_DATES,
            "id": "receivable.line_id",
            "name": "replace(seed.name, seed.move_name, document.name)",
            "date_maturity": "receivable.due",
            "amount_residual": "receivable.residual",
            "amount_residual_currency": "receivable.residual_currency",
            "reconciled": "receivable.residual = 0",
            "full_reconcile_id": "receivable.full_id",
            "matching_number": "COALESCE(receivable.full_id::text, 'P' || receivable.first_id)",
        },
    ),
    (
        "account_move_line",
        """bench_payment payment JOIN account_move_line seed ON seed.move_id = payment.seed_move_id
           LEFT JOIN bench_knot knot ON knot.knot = payment.line_id AND seed.balance < 0""",
        {
            "id": "payment.line_id + (seed.balance > 0)::int",
            "move_id": "payment.move_id",
            "move_name": "payment.name",
            "payment_id": "payment.id",
            "partner_id": "payment.partner_id",
            **dict.fromkeys(("date", "date_maturity"), "payment.date"),
            "amount_residual": "seed.amount_residual * units + COALESCE(knot.amount, 0)",
            "amount_residual_currency": "seed.amount_residual_currency * units + COALESCE(knot.amount_currency, 0)",
            "reconciled": "knot.knot IS NOT NULL",
            "full_reconcile_id": "knot.full_id",
            "matching_number": "COALESCE(knot.full_id::text, 'P' || knot.first_id)",
        },
    ),
    (
        "account_payment",
        """bench_payment payment JOIN account_payment seed ON seed.id = payment.seed_id
           LEFT JOIN bench_paid paid USING (p)""",
        {
            "id": "payment.id",
            "move_id": "payment.move_id",
            "name": "payment.name",
            "partner_id": "payment.partner_id",
            "date": "payment.date",
            "is_reconciled": "paid.p IS NOT NULL",
            "state": "CASE WHEN paid.is_through THEN 'paid' ELSE 'in_process' END",
        },
    ),
]

RELATIONS = [
    "INSERT INTO account_full_reconcile (id) SELECT DISTINCT full_id FROM bench_partial WHERE full_id IS NOT NULL",
    """
    INSERT INTO account_partial_reconcile (
        id, debit_move_id, credit_move_id, full_reconcile_id, debit_currency_id, credit_currency_id, company_id,
        max_date, amount, debit_amount_currency, credit_amount_currency)
    SELECT partial.id, debit_line_id, knot, full_id, currency_id, currency_id, %(company)s,
           max_date, amount, amount_currency, amount_currency
      FROM bench_partial partial
    """,
    """
    INSERT INTO account_move__account_payment (invoice_id, payment_id)
    SELECT DISTINCT item.move_id, payment.id
      FROM bench_partial JOIN bench_payment payment USING (p) JOIN bench_item item USING (i)
    """,
    """
    INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id)
    SELECT line.id, %(tax)s
      FROM bench_document document
      JOIN account_move_line line ON line.move_id = document.move_id AND line.display_type = 'product'
    """,
]
