"""A venue on the real engine, to be killed in tests: fills every order at once, forgets none.

Run it with `python -m tests.gateways.fix_acceptor PORT FOLDER`. `FOLDER/venue.log` has one line
per logon ("logon"), order received ("order", ClOrdID, Account) and report stored for sending
("report", ExecID).
"""

import sys
import time
from pathlib import Path
from typing import Any, TextIO

import quickfix

SESSION = {
    "ConnectionType": "acceptor",
    "StartTime": "00:00:00",
    "EndTime": "00:00:00",
    "StartDay": "sun",
    "EndDay": "sun",
    "UseDataDictionary": "N",
    "CheckLatency": "N",
}


class Venue(quickfix.Application):  # type: ignore[misc]
    """Works an order once per ClOrdID, across restarts, and answers status requests."""

    def __init__(self, known: set[str], log: TextIO, session_id: Any) -> None:
        super().__init__()
        self.known = known
        self.log = log
        self.session_id = session_id

    def onCreate(self, _: Any) -> None: ...

    def onLogout(self, _: Any) -> None: ...

    def toAdmin(self, message: Any, _: Any) -> None: ...

    def fromAdmin(self, message: Any, _: Any) -> None: ...

    def toApp(self, message: Any, _: Any) -> None: ...

    def onLogon(self, _: Any) -> None:
        self.write("logon")

    def fromApp(self, message: Any, _: Any) -> None:
        cl_ord_id = message.getField(11)
        if message.getHeader().getField(35) == "H":
            if cl_ord_id in self.known:
                self.report(cl_ord_id, "status", "150=I|39=2|14=100|151=0")
            else:
                self.report(cl_ord_id, "status", "150=I|39=8|14=0|151=0|103=5")
            return
        self.write(f"order {cl_ord_id} {message.getField(1)}")
        if cl_ord_id not in self.known:
            self.known.add(cl_ord_id)
            self.report(cl_ord_id, "new", "150=0|39=0|14=0|151=100")
            self.report(cl_ord_id, "fill", "150=F|39=2|14=100|151=0|32=100|31=231.25")

    def report(self, cl_ord_id: str, what: str, fields: str) -> None:
        text = (
            f"8=FIX.4.4|9=0|35=8|37=O-{cl_ord_id}|11={cl_ord_id}|17={cl_ord_id}-{what}|55=AAPL"
            f"|54=1|38=100|{fields}|10=000|"
        )
        message = quickfix.Message(text.replace("|", "\x01"), False)
        quickfix.Session.sendToTarget(message, self.session_id)
        self.write(f"report {cl_ord_id}-{what}")

    def write(self, line: str) -> None:
        self.log.write(line + "\n")
        self.log.flush()


def main(port: str, folder: Path) -> None:
    """Run until killed."""
    path = folder / "venue.log"
    lines = path.read_text().splitlines() if path.exists() else []
    known = {line.split()[1] for line in lines if line.startswith("order")}
    session_id = quickfix.SessionID("FIX.4.4", "XPAR", "OMS")
    dictionary = quickfix.Dictionary()
    for key, value in SESSION.items():
        dictionary.setString(key, value)
    dictionary.setString("SocketAcceptPort", port)
    dictionary.setString("FileStorePath", str(folder))
    common = quickfix.Dictionary()
    common.setString("SocketReuseAddress", "Y")
    common.setString("SocketNodelay", "Y")
    settings = quickfix.SessionSettings()
    settings.set(common)
    settings.set(session_id, dictionary)
    with path.open("a") as log:
        venue = Venue(known, log, session_id)
        store = quickfix.FileStoreFactory(settings)
        acceptor = quickfix.SocketAcceptor(venue, store, settings)
        acceptor.start()
        while True:
            time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
