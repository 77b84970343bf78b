"""The report of a storm: numbers for programs, words and a picture for people, and the verdict."""

import json
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from infra.at_rest import Rest, Wrong
from infra.chaos import report
from infra.chaos.load import Load
from infra.chaos.storm import Fault, Plan, Storm
from infra.chaos.timeline import Mark, Picture, svg
from infra.ledger import Ledger

BEGAN = 1_795_400_000.0
GOOD = Ledger(sent=100, accepted=90, rejected=10, filled=50, fills=70)
SVG = "{http://www.w3.org/2000/svg}"


class Past:
    """A load that is over."""

    def __init__(self, **wrong: tuple[int, int]) -> None:
        self.acks = [(BEGAN + second, 0.005) for second in range(60)] + [(BEGAN + 7, 0.9)]
        self.fills = [(BEGAN + second, 0.02) for second in range(0, 60, 2)]
        self.words = Counter({int(BEGAN) + second: 50 for second in range(60)})
        self._wrong = wrong or {"not JSON": (3, 3)}

    def wrong(self) -> dict[str, tuple[int, int]]:
        return self._wrong


FAULTS = [
    Fault("account", "account/growth", BEGAN + 5, 0.2),
    Fault("account", "account/income", BEGAN + 15, 0.4),
    Fault("broker", "broker/0", BEGAN + 30, 6.5),
    Fault("all", "everything", BEGAN + 45, 12.0, "and <more>"),
]


def storm(ledger: Ledger = GOOD, faults: list[Fault] = FAULTS, **wrong: tuple[int, int]) -> Storm:
    load = cast(Load, Past(**wrong))
    plan = Plan(1.0, 4, 7, 50, ("account", "broker", "all"))
    return Storm(plan, load, ledger, BEGAN, BEGAN + 60, 400, 5, 9, list(faults))


def judged(*wrong: Wrong, ledger: Ledger = GOOD, **sent: tuple[int, int]) -> report.Judged:
    rest = Rest(list(wrong), Counter({"I6": 5_000, "I18": 5_000}), {"orders_duplicate": 4})
    return report.judge(storm(ledger, **sent), rest, {"disk": "only root can"})


def test_a_good_storm_has_no_violation_and_says_what_was_checked() -> None:
    told = report.document(judged())
    assert told["ok"]
    assert told["orders"] == 100
    assert told["kills"] == {"account": 2, "broker": 1, "all": 1}
    assert told["recovery_ms"]["account"] == {"p50": 200.0, "p99": 400.0, "max": 400.0}
    assert told["invariants"]["I6"] == {"checked": 5_000, "violated": 0}
    assert told["invariants"]["I9"] == {"checked": 170, "violated": 0}
    assert (told["lost"], told["duplicated"], told["seed"], told["rate"]) == (0, 0, 7, 50)
    assert told["commit"]
    assert told["minutes"] == 1.0


def test_a_decision_that_nobody_answered_is_a_violation() -> None:
    asked = replace(storm(), decided={"Kill": (3, 3), "ApproveRules": (4, 3)})
    found = report.judge(asked, Rest([], Counter(), {}), {})
    assert not found.good
    assert found.problems == ["1 of 7 decisions were not answered"]
    assert found.violated["I9"] == 1
    told = report.document(found)
    assert told["decided"]["ApproveRules"] == {"sent": 4, "answered": 3}
    assert "| ApproveRules | 4 | 3 |" in "\n".join(report.markdown(told))


@pytest.mark.parametrize(
    ("bad", "invariant", "count"),
    [
        (judged(Wrong("I18", "an entry is missing")), "I18", 1),
        (judged(ledger=replace(GOOD, lost=2, problems=["a", "b"])), "I9", 2),
        (judged(ledger=replace(GOOD, lost=3, gaps=3, problems=["a"])), "I15", 3),
        (judged(ledger=replace(GOOD, duplicated=1, problems=["a"])), "I10", 1),
        (judged(ledger=replace(GOOD, problems=["a contradiction"])), "I21", 1),
        (judged(**{"not JSON": (3, 1)}), "I20", 2),
    ],
)
def test_whatever_is_wrong_makes_the_verdict_and_is_filed(
    bad: report.Judged, invariant: str, count: int
) -> None:
    told = report.document(bad)
    assert not told["ok"]
    assert told["problems"]
    assert told["invariants"][invariant]["violated"] == count


def test_an_order_that_is_left_open_is_a_fault() -> None:
    assert not judged(ledger=replace(GOOD, open=1)).good


def test_targets_are_judged_by_the_99th_percentile_of_their_kinds() -> None:
    actor, broker = report.document(judged())["targets"]
    assert (actor["measured"], actor["verdict"]) == (400.0, "met")
    assert (broker["measured"], broker["verdict"]) == (6_500.0, "met")
    slow = [Fault("venue", "venue/X", BEGAN, 2.5)]
    (target,) = report.document(report.judge(storm(faults=slow), Rest(), {}))["targets"]
    assert target["verdict"] == "missed"


def test_the_folder_has_numbers_words_and_a_picture(tmp_path: Path) -> None:
    report.write(judged(), tmp_path / "deep" / "report")
    folder = tmp_path / "deep" / "report"
    told: dict[str, Any] = json.loads((folder / "report.json").read_text())
    assert told["recovery_ms"]["broker"]["max"] == 6_500.0
    text = (folder / "report.md").read_text()
    assert "nothing lost, nothing twice, no invariant violated" in text
    assert "| account | SIGKILL an account actor |" in text
    assert "| orders that reached their account again | 4 |" in text
    assert "disk was left out: only root can" in text
    assert "| I6 | every journal's hash chain holds, and replays | 5000 | 0 |" in text
    picture = ElementTree.parse(folder / "timeline.svg").getroot()
    assert len(picture.findall(f"{SVG}line[@class='mark']")) == len(FAULTS)


def test_a_failed_storm_says_so_first_and_tells_its_problems(tmp_path: Path) -> None:
    report.write(judged(Wrong("I18", "an entry is missing")), tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert "**FAILED**" in text.splitlines()[2]
    assert "- an entry is missing" in text


def test_the_picture_speaks_in_words_and_marks_every_fault() -> None:
    marks = [Mark("account", 5.0, 0.2), Mark("a <b>", 30.0, 6.5), Mark("account", 55.0, 0.3)]
    text = svg(Picture("a & b", 60.0, Counter({1: 5}), [(1.0, 0.2)], [(1.5, 100.0)], marks))
    root = ElementTree.fromstring(text)
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "a & b"
    assert told is not None
    assert told.text
    assert "3 faults" in told.text
    lines = root.findall(f"{SVG}line[@class='mark']")
    xs = [float(line.attrib["x1"]) for line in lines]
    assert xs == sorted(xs)
    words = [node.text for node in root.findall(f"{SVG}text")]
    assert "1  account (2)" in words
    assert "2  a <b> (1)" in words
    for dot in root.findall(f"{SVG}circle"):
        assert 0 < float(dot.attrib["cy"]) < float(root.attrib["viewBox"].split()[3])
    assert "prefers-color-scheme: dark" in text


def test_a_picture_of_nothing_is_still_a_picture() -> None:
    root = ElementTree.fromstring(svg(Picture("calm", 0.0, Counter(), [], [], [])))
    assert root.findall(f"{SVG}line[@class='mark']") == []
