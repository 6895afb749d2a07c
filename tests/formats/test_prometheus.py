"""The text that Prometheus reads."""

from cop.formats.prometheus import Metric, write_metrics


def test_a_family_has_its_help_its_type_and_its_samples() -> None:
    metric = Metric("cop_jobs", "gauge", "Jobs.", [({"job": "a", "node": "b"}, 3), ({"job": "c", "node": "d"}, 0.25)])
    assert write_metrics([metric]) == (
        '# HELP cop_jobs Jobs.\n# TYPE cop_jobs gauge\ncop_jobs{job="a",node="b"} 3\ncop_jobs{job="c",node="d"} 0.25\n'
    )


def test_a_sample_without_labels_is_a_name_and_a_number() -> None:
    assert write_metrics([Metric("cop_up", "gauge", "Up.", [({}, 1)])]).splitlines()[-1] == "cop_up 1"


def test_an_instant_keeps_its_seconds() -> None:
    metric = Metric("cop_at_seconds", "gauge", "When.", [({}, 1772442000.123456)])
    assert float(write_metrics([metric]).split()[-1]) == 1772442000.123456


def test_of_which_nothing_is_known_nothing_is_said() -> None:
    assert write_metrics([Metric("cop_rows", "gauge", "Rows.", []), Metric("cop_up", "gauge", "Up.", [({}, 1)])]) == (
        "# HELP cop_up Up.\n# TYPE cop_up gauge\ncop_up 1\n"
    )


def test_signs_that_mean_something_are_escaped() -> None:
    text = write_metrics([Metric("cop_x", "counter", "Two\nlines \\ one", [({"a": 'say "hi"\n\\'}, 1)])])
    assert "# HELP cop_x Two\\nlines \\\\ one\n" in text
    assert 'cop_x{a="say \\"hi\\"\\n\\\\"} 1\n' in text
