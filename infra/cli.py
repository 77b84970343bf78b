"""The ``oms`` command."""

import importlib

import click

COMMANDS = (
    "up", "down", "status", "demo", "chaos", "send", "cancel", "orders", "positions", "trail",
    "bench", "sim", "replay", "doctor", "schema", "logs", "conformance",
    "doubt", "calendar", "journal", "rules", "kill", "approvals", "approve", "refuse", "return",
    "hand-over", "note", "audit", "why", "as-of", "export", "surveillance", "node", "drain",
    "dashboards",
)  # fmt: skip

SHARED: dict[str, tuple[str, str]] = {
    "approve": ("approvals", "approve"),
    "refuse": ("approvals", "refuse"),
    "return": ("approvals", "give_back"),
    "hand-over": ("approvals", "hand_over"),
    "note": ("approvals", "note"),
}
"""Commands that share a module: its name, and theirs in it."""


class _Commands(click.Group):
    """Each command is a module of its own, imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, name = SHARED.get(cmd_name, (cmd_name, cmd_name))
        name = name.replace("-", "_")
        module = importlib.import_module(f"infra.commands.{module_name.replace('-', '_')}")
        command: click.Command = getattr(module, name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="oms")
def main() -> None:
    """An actor-based, distributed order management system on RabbitMQ.

    Start with: oms demo
    """


if __name__ == "__main__":
    main()
