"""What screens add to a start."""

from benchmarks.start import growth


def test_growth() -> None:
    """A thousand screens are compared with ten times what a hundred add."""
    samples = growth([2.0, 2.0], [2.5, 2.5], [3.0, 4.0], [10.0, 12.0])
    assert samples.this == [8, 10]
    assert samples.other == [10, 20]
    assert samples.notes == (
        "1 screen adds 0.50 s, and 100 screens add 1.50 s, to a start of 2.00 s"
    )
