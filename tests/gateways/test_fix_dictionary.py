"""The dictionary for the engine: it keeps repeating groups together and forbids nothing."""

from pathlib import Path

import pytest
import quickfix

from gateways.fix import dictionary
from gateways.fix.fields import SOH


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> quickfix.DataDictionary:
    path = dictionary.write(tmp_path_factory.mktemp("session"), "FIX.4.4")
    return quickfix.DataDictionary(str(path))


def read(known: quickfix.DataDictionary, text: str) -> str:
    """What the engine makes of a message's body."""
    raw = f"8=FIX.4.4|9=0|{text}|10=000|".replace("|", SOH)
    said = quickfix.Message(raw, known, False).toString().replace(SOH, "|")
    return said.split("|", 2)[2].rpartition("|10=")[0]


@pytest.mark.parametrize("count", dictionary.FIX44)
@pytest.mark.parametrize("kind", ["8", "9", "f"])
def test_entries_of_a_report_stay_together(
    known: quickfix.DataDictionary, count: int, kind: str
) -> None:
    begins, *others = dictionary.FIX44[count]
    last = others[-1] if others and others[-1] not in dictionary.FIX44 else begins
    one = f"{begins}=a" + (f"|{last}=b" if last != begins else "")
    group = f"{count}=3|{one}|{begins}=c|{one}"
    # A group that stands inside of another is one of its own only there; the engine does not mind.
    assert group in read(known, f"35={kind}|55=A|{group}|58=text")


def test_groups_nest(known: quickfix.DataDictionary) -> None:
    parties = "453=2|448=A|447=D|452=1|802=2|523=x|803=1|523=y|803=2|448=B|447=D|452=3"
    legs = "555=2|600=A|539=1|524=n|804=1|545=s|566=1|600=B|566=2"
    assert read(known, f"35=8|55=A|{legs}|{parties}") == f"35=8|55=A|{parties}|{legs}"


def test_quotes_keep_their_entries_and_a_report_its_symbol(known: quickfix.DataDictionary) -> None:
    entries = "268=2|279=0|269=0|55=A|270=1|279=2|269=1|278=x|55=B"
    assert read(known, f"35=X|262=m|{entries}") == f"35=X|262=m|{entries}"
    assert read(known, "35=8|268=1|269=0|55=A|11=c").startswith("35=8|11=c|55=A|")


@pytest.mark.parametrize("version", ["FIX.4.2", "FIX.4.4"])
def test_a_dictionary_is_of_the_sessions_version(tmp_path: Path, version: str) -> None:
    known = quickfix.DataDictionary(str(dictionary.write(tmp_path, version)))
    assert known.getVersion() == version


def test_a_venue_may_have_groups_of_its_own(tmp_path: Path) -> None:
    own = {**dictionary.FIX44, 5000: (5001, 5002)}
    known = quickfix.DataDictionary(str(dictionary.write(tmp_path, "FIX.4.4", own)))
    group = "5000=2|5001=a|5002=b|5001=c|5002=d"
    assert read(known, f"35=8|55=A|{group}") == f"35=8|55=A|{group}"
