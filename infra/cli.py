"""The ``oms`` command."""

import importlib

import click

COMMANDS = (
    "up", "down", "status", "demo", "chaos", "send", "cancel", "orders", "positions", "trail",
    "bench", "sim", "replay", "doctor", "schema", "logs", "conformance",
    "doubt", "calendar", "journal", "dashboards", "drain",
)  # fmt: skip


class _Commands(click.Group):
    """Each command is a module of its own, imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"infra.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="oms")
def main() -> None:
    """An actor-based, distributed order management system on RabbitMQ.

    Start with: oms demo
    """


if __name__ == "__main__":
    main()
