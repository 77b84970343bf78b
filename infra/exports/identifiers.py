"""Check digits of what regulators know parties and instruments by."""

import re


def lei(text: str) -> bool:
    """ISO 17442: eighteen letters and digits, and two check digits (ISO 7064, mod 97-10)."""
    if not re.fullmatch(r"[A-Z0-9]{18}\d{2}", text, re.ASCII):
        return False
    return int("".join(str(int(one, 36)) for one in text)) % 97 == 1


def isin(text: str) -> bool:
    """ISO 6166: a country, nine letters and digits, and a check digit (Luhn)."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}\d", text, re.ASCII):
        return False
    digits = [int(one) for part in text for one in str(int(part, 36))]
    doubled = [2 * d if place % 2 else d for place, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def client(text: str) -> bool:
    """RTS 22 and 24: an LEI where it looks like one, else a national id, AGGR or PNAL."""
    return lei(text) if re.fullmatch(r"[A-Z0-9]{20}", text, re.ASCII) else bool(text)
