"""Dividing tests among processes must neither lose nor repeat one."""

from hypothesis import given
from hypothesis import strategies as st
from testrun import shards

keys = st.tuples(st.sampled_from(["a", "b"]), st.text("XYZ", min_size=1, max_size=3))


@given(st.dictionaries(keys, st.floats(0, 100)), st.integers(1, 4))
def test_every_class_is_in_exactly_one_shard(weighed, count):
    divided = shards.divide(weighed, count)
    assert len(divided) == count
    assert sorted(key for shard in divided for key in shard) == sorted(weighed)


@given(st.dictionaries(keys, st.floats(0, 100)), st.integers(1, 4))
def test_the_last_process_runs_all_that_the_others_do_not(weighed, count):
    specs = shards.specs(["a", "b"], shards.divide(weighed, count))
    listed = [target for spec in specs[:-1] for target in spec.split(",")]
    last = specs[-1].split(",")
    assert len(listed) == len(set(listed))
    assert [target for target in last if not target.startswith("-")] == ["/a", "/b"]
    assert sorted(target[1:] for target in last if target.startswith("-")) == sorted(listed)


def test_classes_are_weighed_by_their_last_duration(tmp_path):
    tests = tmp_path / "addon" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_x.py").write_text(
        "class Base:\n    x = 1\n"
        "class TestX:\n    def test_a(self): ...\n    def test_b(self): ...\n"
        "class TestY:\n    def test_c(self): ...\n"
    )
    assert shards.weights([tmp_path / "addon"], {"addon:TestX": 42.0}) == {
        ("addon", "TestX"): 42.0,
        ("addon", "TestY"): shards.UNKNOWN,
    }
