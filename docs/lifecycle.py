"""Prints docs/LIFECYCLE.md: the order's life as the code has it, drawn from actors/lifecycle.py.

Nothing is written by hand, so the picture cannot differ from what runs. `make docs` writes it.
"""

from collections import defaultdict

from actors.lifecycle import DONE, LASTS, PRECEDENCE, TABLE, TERMINAL, By
from messages.fix import ExecType, OrdStatus

PREFACE = """\
# The life of an order

Drawn from `actors/lifecycle.py` by `make docs`. The account moves an order along this table and no
other way; compliance checks each move against it once more; what has no row is recorded as a break
and changes nothing (fills excepted: they are money, so they are booked and are a break as well).

Rows say OrdStatus(39), columns the ExecType(150) that the venue reports. *by quantity* is Filled
once CumQty has reached OrderQty, PartiallyFilled after the first fill, else New. *kept* is Filled
once nothing is left, else the status stays. PendingCancel and PendingReplace are no states of their
own: they are shown over whatever the order is while a request is under way, by FIX's precedence.
"""

QUANTITY = (OrdStatus.New, OrdStatus.PartiallyFilled, OrdStatus.Filled)


def diagram() -> str:
    """A Mermaid state diagram: an arrow for each pair of states with all that leads there.

    Where quantities decide, the arrow goes to a choice, as drawing all three would hide the rest.
    """
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for status, row in TABLE.items():
        for happened, result in row.items():
            match result:
                case By.QUANTITY:
                    arrows[status, "by_quantity"].append(happened)
                case By.KEPT:
                    arrows[status, status].append(happened)
                case _:
                    arrows[status, result].append(happened)
    lines = ["stateDiagram-v2", "    direction LR", "    state by_quantity <<choice>>"]
    lines.append("    [*] --> PendingNew : accepted")
    lines += [f"    by_quantity --> {status}" for status in QUANTITY]
    lines += [f"    {start} --> {end} : {', '.join(on)}" for (start, end), on in arrows.items()]
    lines += [f"    {status} --> [*]" for status in OrdStatus if status in TERMINAL]
    return "\n".join(lines)


def table() -> str:
    """The same as a Markdown table, a row for each status."""
    columns = [kind for kind in ExecType if any(kind in row for row in TABLE.values())]
    head = "| | " + " | ".join(columns) + " |"
    rule = "|---|" + "---|" * len(columns)
    body = [
        f"| **{status}** | " + " | ".join(_cell(row.get(kind)) for kind in columns) + " |"
        for status, row in TABLE.items()
    ]
    return "\n".join((head, rule, *body))


def _cell(result: OrdStatus | By | None) -> str:
    match result:
        case None:
            return ""
        case By.QUANTITY:
            return "*by quantity*"
        case By.KEPT:
            return "*kept*"
        case _:
            return str(result)


def precedence() -> str:
    """Which status is shown where several hold."""
    ordered = sorted(PRECEDENCE, key=PRECEDENCE.__getitem__, reverse=True)
    return " > ".join(f"{status} ({PRECEDENCE[status]})" for status in ordered)


def main() -> None:
    """Print the page."""
    done, lasting = ", ".join(sorted(DONE)), ", ".join(sorted(LASTS))
    print(PREFACE)
    print(f"## The picture\n\n```mermaid\n{diagram()}\n```\n")
    print(f"## The table\n\n{table()}\n")
    print("## What is shown\n\nThe highest of what holds: " + precedence() + ".\n")
    print(
        f"An order is over in {', '.join(sorted(TERMINAL))}, and in {done} unless its TimeInForce"
        f" is {lasting}:\nthose come back the next day, restated by the venue."
    )


if __name__ == "__main__":
    main()
