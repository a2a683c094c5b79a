"""The forecast on a real ledger: as good as it is said to be, and blind to the future."""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from zlib import crc32

import pytest

from odoo.addons.credit_control.core.behaviour import Payment

BENCH = Path(__file__).resolve().parents[1] / "bench"


def load_walk():
    """Import the program behind ``setup/bench --forecast``."""
    sys.path.append(str(BENCH))
    spec = importlib.util.spec_from_file_location("bench_forecast", BENCH / "forecast.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


walk = load_walk()


@pytest.fixture(scope="module")
def ledger():
    path = walk.find_ledger()
    if not path:
        pytest.skip(f"the ledger {walk.NAME} isn't there")
    return walk.read_ledger(path)


@pytest.fixture(scope="module")
def measured(ledger):
    return walk.measure(ledger)


def test_the_ledger_is_the_one_that_the_targets_were_set_on(measured):
    assert measured[walk.DUE, ""].count == 1855
    assert measured[walk.DUE, ""].mean_error == pytest.approx(10.57, abs=0.005)
    assert measured[walk.MEDIAN, ""].mean_error == pytest.approx(6.3, abs=0.05)


def test_the_targets_are_reached(measured):
    for method, most in walk.TARGETS.items():
        assert measured[method, ""].mean_error <= most
    assert abs(measured[walk.OURS, ""].bias) < 1


def test_ours_is_better_than_each_simple_method(measured):
    simple = [measured[method, ""].mean_error for method in (walk.DUE, walk.MEAN, walk.MEDIAN)]
    assert measured[walk.KNOWN, ""].mean_error < measured[walk.OURS, ""].mean_error < min(simple)


def test_months_add_up(measured):
    months = {month for _method, month in measured if month}
    assert sum(measured[walk.OURS, month].count for month in months) == measured[walk.OURS, ""].count
    assert len(walk.table(measured)) == len(months) + 2


def forecasts(items, until):
    """Return what is forecast of each invoice up to a day, without the dispute of the invoice itself and with it."""
    steps, found = walk.Walk.over(items), {}
    for item in items:
        if item.issued <= until:
            steps.go_to(item.issued)
            found[item.id] = steps.forecast(item)
    return found


def changed_after(item, day):
    """The same item as far as it is known by ``day``: what comes later is another story."""
    settled = item.settled_on(day)
    if settled:
        return item
    late = day + timedelta(days=1 + crc32(item.id[1].encode()) % 300)
    return item._replace(payments=(Payment(late, item.amount),))


@pytest.mark.parametrize("place", [700, 1100])
def test_another_future_gives_the_same_forecasts(ledger, place):
    day = ledger[place].issued
    other = [changed_after(item, day) for item in ledger if item.issued <= day]
    assert [item for item in other if item not in ledger], "the future was changed"
    assert forecasts(ledger, day) == forecasts(other, day)


def test_the_dispute_of_the_invoice_itself_is_only_seen_where_it_is_said_so(ledger):
    day = ledger[700].issued
    other = [item if item.settled_on(day) else item._replace(disputed=not item.disputed) for item in ledger[:701]]
    before, after = forecasts(ledger[:701], day), forecasts(other, day)
    # Of what was open on that day nothing depends on the dispute before it is settled, but what is labelled so.
    issued = {item.id for item in ledger[:701] if not item.settled_on(day)}
    for key in issued:
        assert before[key][walk.OURS] == after[key][walk.OURS]
        assert before[key][walk.KNOWN] != after[key][walk.KNOWN] or not before[key][walk.KNOWN]


def test_without_the_file_the_command_says_so(monkeypatch, capsys):
    monkeypatch.setenv("CREDIT_CONTROL_LEDGER", "/nowhere.csv")
    assert walk.main() == 0
    assert "Skipped" in capsys.readouterr().out
