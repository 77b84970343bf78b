"""Every command that a page names exists, with the options it is given."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from infra.cli import COMMANDS, main
from tests.architecture.source import ROOT, files

PAGES = [path for path in files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_a_page_exist_with_their_options(page: Path) -> None:
    wrong = [f"{words}: {why}" for words in commands(page.read_text()) if (why := refused(words))]
    assert wrong == []


def test_every_command_is_named_on_some_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    assert [name for name in COMMANDS if not re.search(rf"\boms {name}\b", text)] == []


def commands(text: str) -> Iterator[str]:
    """Every `oms ...` that stands in code, without comments and placeholders' brackets."""
    code = re.findall(r"`([^`\n]+)`", text)
    code += [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    for words in code:
        found = re.match(r"\s*(?:\.venv/bin/)?(oms\s+[^#|;&]+)", words)
        if found:
            yield found[1].strip()


def refused(words: str) -> str:
    """Why the command line cannot be meant for this CLI; empty where it can."""
    command: click.Command = main
    context = click.Context(main)
    rest = shlex.split(words)[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"there is no {rest[0]}"
        command, rest = found, rest[1:]
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    for word in rest:
        if word.startswith("-") and word.partition("=")[0] not in known | {"--help"}:
            return f"no option {word}"
    return ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("oms status --data var", ""),
        ("oms doubt list", ""),
        ("oms doubt forget", "there is no forget"),
        ("oms frobnicate", "there is no frobnicate"),
        ("oms status --all", "no option --all"),
    ],
)
def test_a_command_that_is_not_there_is_seen(words: str, why: str) -> None:
    assert refused(words) == why
