"""The client of a paper exchange in tests: the texts it sends, and what it reads."""

from collections.abc import Iterator

SOH = "\x01"
Fields = dict[str, str]

NOW = 1_795_444_200_123_456_789


def fields(text: str) -> Fields:
    """The fields of a message or report."""
    return dict(part.split("=", 1) for part in text.rstrip(SOH).split(SOH))


class Sheet:
    """Numbers requests as a session would, and writes them as it hands them over."""

    def __init__(self) -> None:
        self.number = 0

    def text(self, kind: str, values: Fields) -> str:
        self.number += 1
        head = {"8": "FIX.4.4", "35": kind, "34": str(self.number), "49": "OMS", "56": "XPAR"}
        return "".join(f"{tag}={value}{SOH}" for tag, value in (head | values).items())

    def order(self, name: str, **changes: str) -> str:
        """Buy 100 AAPL at 10; ``t54="2"`` changes Side, an empty value leaves the field out."""
        return self.text("D", order(name, **changes))

    def replace(self, name: str, orig: str, **changes: str) -> str:
        return self.text("G", {"41": orig} | order(name, **changes))

    def cancel(self, name: str, orig: str, **changes: str) -> str:
        naming = {"11": name, "41": orig, "55": "AAPL", "54": "1"}
        return self.text("F", naming | tags(changes))

    def status(self, name: str, **changes: str) -> str:
        return self.text("H", {"11": name, "55": "AAPL", "54": "1"} | tags(changes))

    def mass_status(self, name: str, **changes: str) -> str:
        return self.text("AF", {"584": name, "585": "7"} | tags(changes))


def order(name: str, **changes: str) -> Fields:
    """The fields of a NewOrderSingle."""
    values = {"11": name, "1": "acme", "55": "AAPL", "54": "1", "38": "100", "40": "2", "44": "10"}
    every = values | {"59": "0", "60": "20261123-14:30:00.000"} | tags(changes)
    return {tag: value for tag, value in every.items() if value}


def tags(changes: Fields) -> Fields:
    """``t54`` is tag 54, as a keyword."""
    return {name.removeprefix("t"): value for name, value in changes.items()}


def brief(report: Fields) -> str:
    """What a report says, in one line: ExecType OrdStatus ClOrdID CumQty/OrderQty."""
    if report["35"] != "8":
        return f"{report['35']} {report.get('102', '')}{report.get('380', '')}"
    total = report.get("38", "-")
    return f"{report['150']} {report['39']} {report.get('11')} {report['14']}/{total}"


def briefs(reports: Iterator[str] | list[str]) -> list[str]:
    return [brief(fields(text)) for text in reports]
