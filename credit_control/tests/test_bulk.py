import gc

from odoo.tests import BaseCase, tagged

from ..models.bulk import pausing_gc


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
