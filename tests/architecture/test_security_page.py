"""docs/SECURITY.md: what it says of a test is there to be run."""

import re

from tests.architecture.source import ROOT, none

PAGE = (ROOT / "docs" / "SECURITY.md").read_text()
THREATS = PAGE.partition("## Threats")[2].partition("\n## ")[0]


def test_every_threat_names_a_test_or_an_invariant_that_exists() -> None:
    rows = [row.split("|") for row in THREATS.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 15
    above = ""
    for _, attack, _, proof, _ in rows:
        named = re.findall(r"`(test_\w+\.py)`", proof)
        assert named or "the same" in proof or re.search(r"\bI\d+\b", proof), attack
        assert named or above, attack
        above = above or "".join(named)
        none(f"{attack}: {file}" for file in named if not list((ROOT / "tests").rglob(file)))


def test_the_page_says_what_each_role_may() -> None:
    from gateways.amqp.ingress_operators import MAY

    table = PAGE.partition("| request | roles |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    said = {name.strip(): roles.strip() for names, roles in rows for name in names.split(",")}
    assert said == {kind.__name__: ", ".join(sorted(may)) for kind, may in MAY.items()}


def test_every_setting_that_the_page_names_exists() -> None:
    from infra.settings import Settings

    known = {f"OMS_{field.upper()}" for field in Settings.model_fields}
    none(set(re.findall(r"OMS_[A-Z_]+", PAGE)) - known)
