"""The examples in the docstrings of the commands' modules."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["mail_catcher", "testrun.odoo_log", "testrun.results", "testrun.shards"])
def test_examples(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted
    assert not outcome.failed
