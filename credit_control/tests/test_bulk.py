import gc
import struct
from datetime import date

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from ..models.bulk import Days, pausing_gc, read_groups


@tagged("post_install", "-at_install")
class TestPausingGc(BaseCase):
    """Garbage isn't looked for meanwhile; afterwards it is, and what was made isn't gone through at once."""

    def setUp(self):
        super().setUp()
        self.addCleanup(gc.enable)

    def test_it_is_looked_for_again(self):
        gc.enable()
        with pausing_gc():
            self.assertFalse(gc.isenabled())
        self.assertTrue(gc.isenabled())

    def test_also_after_an_error(self):
        gc.enable()
        with self.assertRaises(ZeroDivisionError), pausing_gc():
            raise ZeroDivisionError
        self.assertTrue(gc.isenabled())

    def test_who_has_stopped_it_keeps_it_stopped(self):
        gc.disable()
        with pausing_gc():
            pass
        self.assertFalse(gc.isenabled())

    def test_what_was_made_counts_as_old(self):
        gc.enable()
        with pausing_gc():
            made = [[place] for place in range(10)]
        young = {id(one) for one in gc.get_objects(generation=0)}
        self.assertFalse(young & set(map(id, made)))
        self.assertFalse(gc.get_freeze_count())

    def test_what_a_server_froze_stays_frozen(self):
        gc.enable()
        self.addCleanup(gc.unfreeze)
        frozen = ["made before the server took its first request"]
        gc.freeze()
        with pausing_gc():
            pass
        self.assertFalse(any(one is frozen for one in gc.get_objects()))


@tagged("post_install", "-at_install")
class TestReadGroups(TransactionCase):
    """Rows come group by group, each value as it is in the database."""

    def _read(self, values, types="id"):
        """Return the groups of a query of these values, given as text of SQL."""
        found = []
        query = SQL(f"SELECT * FROM (VALUES {values}) AS value ORDER BY 1")
        read_groups(self.env, query, types, found.append)
        return found

    def test_each_group_once(self):
        groups = self._read("(7, 0.1::float8), (2, -3.5), (7, 1e300), (9, 0)")
        self.assertEqual([sorted(group) for group in groups], [[(2, -3.5)], [(7, 0.1), (7, 1e300)], [(9, 0.0)]])

    def test_no_rows(self):
        found = []
        read_groups(self.env, SQL("SELECT 1, 2 WHERE FALSE"), "ii", found.append)
        self.assertEqual(found, [])

    def test_days_and_booleans(self):
        """From 1904-02-29 to 2000-01-01: 96 years with 24 leap days are 35 064 days, less 31 and 28 until then."""
        (rows,) = self._read("(-1, DATE '1904-02-29', TRUE), (-1, DATE '2000-01-01', FALSE)", "ii?")
        self.assertEqual(sorted(rows), [(-1, -35005, True), (-1, 0, False)])
        days = Days()
        self.assertEqual([days[-35005], days[0], days[366]], [date(1904, 2, 29), date(2000, 1, 1), date(2001, 1, 1)])

    def test_values_of_a_query(self):
        found = []
        query = SQL("SELECT id, %s = '50 %% of ''it''' FROM unnest(%s::int[]) id ORDER BY 1", "50 % of 'it'", [4, 3])
        read_groups(self.env, query, "i?", found.append)
        self.assertEqual(found, [[(3, True)], [(4, True)]])

    def test_what_can_not_be_read_is_refused(self):
        """Nothing is taken for something else; the database can be asked again."""
        for values in ("(1, NULL::float8)", "(1, 2.0::numeric)", "(1, 2)", "(1, 2::bigint, 3)"):
            with self.subTest(values), self.assertRaises(struct.error), self.env.cr.savepoint():
                self._read(values)
        self.assertEqual(self._read("(1, 2.0::float8)"), [[(1, 2.0)]])

    def test_an_error_of_the_taker_ends_it(self):
        def refuse(rows):
            raise ZeroDivisionError

        query = SQL("SELECT id, id FROM generate_series(1, 100000) id ORDER BY 1")
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            read_groups(self.env, query, "ii", refuse)
        self.assertEqual(self._read("(1, 2.0::float8)"), [[(1, 2.0)]])

    @mute_logger("odoo.sql_db")
    def test_an_error_of_the_database_is_told(self):
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            read_groups(self.env, SQL("SELECT 1 / (2 - id), id FROM generate_series(1, 5) id"), "ii", list)
        self.assertIn("division by zero", str(caught.exception))
