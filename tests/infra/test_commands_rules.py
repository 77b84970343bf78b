"""``oms rules``: what it shows of the journals, and how it judges old orders by new rules."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_operators import Operators
from infra.cli import main
from infra.commands.rules import line
from infra.compose import make_actor
from infra.journals import JOURNALS, journal_path
from infra.reference import ReferenceRefused, load
from infra.rules import RulesRefused, as_toml, read
from infra.settings import Settings
from infra.shell import Shell
from messages.base import SECOND, Instant, Message, format_time
from messages.envelope import Address, Envelope
from messages.fix import OrdType, Side
from messages.operators import FromOperator
from messages.people import Role
from messages.rulebook import (
    ROUTING_KEY,
    RULEBOOK,
    ApproveRules,
    ProposeRules,
    RejectRules,
    RuleBook,
    RulesIssued,
    RulesReport,
    RulesStatus,
)
from tests.actors.scenes import dec, definition, from_desk, instrument, order, replace
from tests.architecture.source import ROOT
from tests.messages.models import sample

NOW = 1_795_400_184_000_000_000
BOOK: Any = sample(RuleBook)
WISH = ProposeRules(
    Rules=RuleBook.model_validate({"Firm": {"MaxOrderQty": "500"}}, strict=False), Reason="smaller"
)


def journaled(data: Path, address: Address, *heard: Message, sender: str = "reference/x") -> None:
    """That actor has heard these, a second apart."""
    Settings(data=data).save()
    path = journal_path(data / "journals", address)
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = JOURNALS["sqlite"](path)
    shell = Shell(make_actor(address), journal.open())
    for number, message in enumerate(heard):
        body = message.model_dump_json(exclude_none=True).encode()
        at = NOW + number * SECOND
        envelope = Envelope(sender, address, 0, type(message).__name__, at, "", body)
        entry = shell.take(envelope, at)
        assert entry is not None
        journal.append([entry])
    journal.close()


def oms(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["rules", *words, "--data", str(data)])


def said(operator: str, request: Any) -> FromOperator:
    return FromOperator(Operator=operator, ReceivedAt=NOW, Request=request, Roles=(Role.Operator,))


# ---- show and history


def test_without_a_rule_book_that_is_said(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    for word in ("show", "history"):
        assert "limits are those of the reference data" in oms(tmp_path, word).output


def test_what_is_shown_is_what_can_be_proposed(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(as_toml(BOOK))
    assert read(file) == BOOK
    yes = ApproveRules(ProposalID=WISH.proposal_id)
    journaled(tmp_path, RULEBOOK, said("ann", WISH), said("bob", yes))
    shown = oms(tmp_path, "show").output
    assert shown.startswith("# version 1, in force\n")
    file.write_text(shown)
    assert read(file) == WISH.Rules
    assert json.loads(oms(tmp_path, "show", "--json").output) == {"Firm": {"MaxOrderQty": "500"}}
    assert oms(tmp_path, "show", "--version", "2").exit_code == 1


def test_the_history_names_who_why_and_when(tmp_path: Path) -> None:
    other = ProposeRules(Rules=RuleBook(), Reason="none at all")
    no = RejectRules(ProposalID=other.proposal_id, Reason="no")
    yes = ApproveRules(ProposalID=WISH.proposal_id)
    journaled(
        tmp_path, RULEBOOK, said("ann", WISH), said("bob", yes), said("bob", other), said("ann", no)
    )
    first, second = json.loads(oms(tmp_path, "history", "--json").output)
    assert (first["Version"], first["Status"], first["Author"], first["Decided by"]) == (
        1, "InForce", "ann", "bob",
    )  # fmt: skip
    assert (second["Status"], second["Reason"], second["Decided by"]) == (
        "Rejected", "none at all", "ann",
    )  # fmt: skip
    assert "smaller" in oms(tmp_path, "history").output
    shown = oms(tmp_path, "show", "--proposal", other.proposal_id).output
    assert shown.startswith(f"# proposal {other.proposal_id} by bob: none at all")


def test_the_first_version_may_stand_in_the_reference_data(tmp_path: Path) -> None:
    file = tmp_path / "reference.toml"
    file.write_text(Settings().config.read_text() + '\n[rules.Firm]\nMaxOrderQty = "7"\n')
    Settings(data=tmp_path, config=file).save()
    assert '# version 1, in force\n[Firm]\nMaxOrderQty = "7"\n' in oms(tmp_path, "show").output
    told = [m for m in load(file).about("account/growth") if isinstance(m, RulesIssued)]
    assert [(one.Version, one.Rules.Firm.MaxOrderQty) for one in told] == [(1, 7)]
    file.write_text(file.read_text() + "\n[rules.Firms]\n")
    with pytest.raises(ReferenceRefused, match="rules"):
        load(file)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[Firm]\nMaxOrderQty = 500\n", "Firm.MaxOrderQty: send a decimal as a string"),
        ("[Firm]\nMaxOrder = '5'\n", "Firm.MaxOrder: Extra inputs"),
        ("[Accounts.a]\nSharedGross = '5'\n", "only the firm and desks share; use MaxGross"),
        ("[Accounts.a]\nSharedNet = '5'\n", "only the firm and desks share; use MaxNet"),
        ("[Traders.a]\nDesk = 'b'\nSharedRate = 5\n", "use OrderRate"),
        ("[Firm\n", "Expected ']'"),
    ],
)
def test_a_file_that_is_no_rule_book_is_refused_with_its_field(
    tmp_path: Path, text: str, wrong: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(RulesRefused, match="rules") as error:
        read(file)
    assert wrong in str(error.value)


def test_who_is_no_operator_proposes_nothing(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    file = tmp_path / "rules.toml"
    file.write_text("")
    found = oms(tmp_path, "propose", str(file), "--reason", "why", "--as", "ann")
    assert found.exit_code == 1
    assert "ann is no operator here" in found.output


def test_an_answer_names_both_people() -> None:
    report: Any = sample(RulesReport)
    assert "version 3" in line(report)
    assert "by ann and bob: smaller orders" in line(report)
    assert report.RulesStatus is RulesStatus.InForce


def test_the_rule_book_of_the_recipe_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "recipes" / "pre-trade-rule.md").read_text()
    file = tmp_path / "rules.toml"
    file.write_text(text.split("```toml\n")[1].split("```")[0])
    found = read(file)
    assert found.Firm.SharedGross == 50_000_000
    assert found.Securities["AAPL"].ShortSaleRestricted


def test_the_table_of_the_recipe_says_over_what_each_limit_adds_up() -> None:
    """As the command does, and as the rules themselves say."""
    text = (ROOT / "docs" / "recipes" / "pre-trade-rule.md").read_text()
    shown = [tuple(map(str.strip, line.split("|")[1:4])) for line in text.splitlines()]
    listed = json.loads(CliRunner().invoke(main, ["rules", "list", "--json"]).output)
    rows = [(row["Rule"], row["Limits"] or "(always)", row["Counted over"]) for row in listed]
    assert [row for row in shown if row and row in rows] == rows
    together = {name for name, _, counted in rows if counted == "all accounts together"}
    assert together == {"shared_rate", "shared_exposure", "shared_net"}
    assert "each account by itself" in CliRunner().invoke(main, ["rules", "list"]).output


def test_a_limit_of_a_level_that_is_no_sum_over_accounts_says_so() -> None:
    level = {"MaxNet": "5", "SharedNet": "5", "MaxOrderQty": "5"}
    book = {"Desks": {"blue": level}, "Accounts": {"acme": {"MaxNet": "5"}}}
    shown = as_toml(RuleBook.model_validate(book, strict=False)).splitlines()
    assert shown[:4] == [
        "[Desks.blue]", 'MaxOrderQty = "5"', 'MaxNet = "5"  # in each account', 'SharedNet = "5"',
    ]  # fmt: skip
    assert shown[5:] == ["[Accounts.acme]", 'MaxNet = "5"']


# ---- who may say it

OPERATORS = Operators(frozenset({"ann", "bob"}), ("XPAR",))


def translated(body: Message, key: str = ROUTING_KEY) -> Routed | Answered:
    raw = body.model_dump_json(exclude_none=True).encode()
    (found,) = OPERATORS.translate("ann", raw, "ann", key, "orders.ann", NOW)
    return found


@pytest.mark.parametrize(
    "request_",
    [WISH, ApproveRules(ProposalID="ab12"), RejectRules(ProposalID="ab12", Reason="no")],
)
def test_an_operators_word_goes_to_the_rule_book_under_the_name_the_broker_knows(
    request_: Message,
) -> None:
    """I19, I31."""
    found = translated(request_)
    assert isinstance(found, Routed)
    assert found.recipient == RULEBOOK
    assert FromOperator.model_validate_json(found.body) == said("ann", request_)


def test_the_way_to_the_rule_book_is_its_key() -> None:
    found = translated(WISH, "XPAR")
    assert isinstance(found, Answered)
    assert "publish with rulebook as routing key" in (found.reject.Text or "")


# ---- test: old orders, new rules


def day(data: Path) -> None:
    """Acme may trade 500 at a time: a passes, b does not, c follows within a second, a is cut."""
    given = (definition(MaxOrderQty=dec(500)), instrument())
    orders = (
        order("a", OrderQty=500), order("b", OrderQty=501), order("c", OrderQty=500),
        replace("d", "a", OrderQty=501), replace("e", "a", OrderQty=499),
        order("f", OrderQty=10, Side=Side.Sell, OrdType=OrdType.Market),
    )  # fmt: skip
    journaled(data, "account/acme", *given, *map(from_desk, orders))


def judged(data: Path, rules: str, *words: str) -> list[tuple[str, str, str]]:
    file = data / "new.toml"
    file.write_text(rules)
    found = oms(data, "test", str(file), "--json", *words)
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    return [(one["ClOrdID"], one["Outcome"], one["Rule"]) for one in said]


def test_the_same_rules_judge_the_same(tmp_path: Path) -> None:
    day(tmp_path)
    assert judged(tmp_path, "") == []
    found = oms(tmp_path, "test", str(tmp_path / "new.toml")).output
    assert found == "6 orders and replaces judged, 6 as before\n"


def test_what_new_rules_block_and_let_through_is_listed_with_the_rule(tmp_path: Path) -> None:
    day(tmp_path)
    wider = '[Accounts.acme]\nMaxOrderQty = "501"\n'
    assert judged(tmp_path, wider) == [
        ("b", "let through now", "order_size"), ("d", "let through now", "order_size"),
    ]  # fmt: skip
    narrower = '[Firm]\nMaxOrderQty = "499"\n'
    assert judged(tmp_path, narrower) == [
        ("a", "blocked now", "order_size"), ("c", "blocked now", "order_size"),
    ]  # fmt: skip
    table = oms(tmp_path, "test", str(tmp_path / "new.toml")).output
    assert "Buy 500 AAPL at 10" in table
    assert "6 orders and replaces judged, 4 as before; 2 blocked now by order_size" in table


def test_only_what_came_since_then_is_judged(tmp_path: Path) -> None:
    day(tmp_path)
    since: Instant = NOW + 4 * SECOND
    found = judged(tmp_path, '[Firm]\nMaxOrderQty = "499"\n', "--since", format_time(since))
    assert found == [("c", "blocked now", "order_size")]


def test_rules_that_count_by_time_judge_orders_that_said_no_time(tmp_path: Path) -> None:
    day(tmp_path)
    assert judged(tmp_path, "[Firm]\nDuplicateWithin = 3\n") == [
        ("c", "blocked now", "duplicate_order")
    ]
    assert judged(tmp_path, "[Firm]\nDuplicateWithin = 2\n") == []


def test_what_another_rule_refuses_is_listed_where_it_is_asked_for(tmp_path: Path) -> None:
    day(tmp_path)
    rules = '[Firm]\nRestricted = ["AAPL"]\n'
    found = judged(tmp_path, rules, "--all")
    assert ("b", "refused otherwise", "restricted") in found
    assert {name for name, outcome, _ in judged(tmp_path, rules) if outcome == "blocked now"} == {
        "a", "c", "e", "f",
    }  # fmt: skip


def test_a_shared_limit_is_judged_by_what_all_accounts_used(tmp_path: Path) -> None:
    """I32."""
    for number, name in enumerate(("acme", "bravo")):
        orders = [from_desk(order(f"{name}-{n}", name, OrderQty=100)) for n in range(2)]
        wait = [definition(name, MaxNotional=dec(1 + n)) for n in range(number)]
        given = (*wait, definition(name), instrument())
        journaled(tmp_path, f"account/{name}", *given, *orders)
    assert judged(tmp_path, '[Firm]\nSharedGross = "4000"\n') == []
    assert judged(tmp_path, '[Firm]\nSharedGross = "3000"\n') == [
        ("bravo-1", "blocked now", "shared_exposure")
    ]


def test_an_installation_without_orders_says_so(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    (tmp_path / "new.toml").write_text("")
    found = oms(tmp_path, "test", str(tmp_path / "new.toml"))
    assert found.exit_code == 1
    assert "no account has a journal" in found.output
