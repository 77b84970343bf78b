"""A desk sees by their numbers which reports are missing and which came twice."""

from gateways.amqp.report_sequence import ReportSequence


def hear(sequence: ReportSequence, *seqs: int, account: str = "alpha") -> list[bool]:
    return [sequence.is_new(account, seq) for seq in seqs]


def test_numbers_in_order_are_all_new() -> None:
    sequence = ReportSequence()
    assert hear(sequence, 1, 2, 3) == [True, True, True]
    assert (sequence.gaps, sequence.repeats, sequence.last("alpha")) == (0, 0, 3)


def test_a_number_heard_before_is_a_repeat() -> None:
    sequence = ReportSequence()
    assert hear(sequence, 1, 2, 3, 2, 3, 4, 4) == [True, True, True, False, False, True, False]
    assert (sequence.gaps, sequence.repeats) == (0, 3)


def test_a_number_left_out_is_a_gap_until_it_comes() -> None:
    sequence = ReportSequence()
    hear(sequence, 1, 5)
    assert (sequence.gaps, sequence.missing("alpha")) == (3, [2, 3, 4])
    assert hear(sequence, 3, 3) == [True, False]
    assert (sequence.gaps, sequence.repeats, sequence.last("alpha")) == (2, 1, 5)


def test_accounts_are_numbered_each_by_itself() -> None:
    sequence = ReportSequence()
    hear(sequence, 1, 2)
    assert hear(sequence, 1, 3, account="beta") == [True, True]
    assert (sequence.missing("alpha"), sequence.missing("beta")) == ([], [2])


def test_a_desk_that_comes_late_begins_with_whatever_comes_first() -> None:
    sequence = ReportSequence()
    assert hear(sequence, 41, 42) == [True, True]
    assert sequence.gaps == 0


def test_a_desk_that_comes_back_sees_what_it_missed() -> None:
    sequence = ReportSequence({"alpha": 40})
    assert hear(sequence, 40, 43) == [False, True]
    assert sequence.missing("alpha") == [41, 42]
    assert hear(ReportSequence({"alpha": 0}), 2) == [True]
