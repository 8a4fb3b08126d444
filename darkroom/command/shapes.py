"""Commands and groups whose help ends with examples."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import click

COMPLETION_VARIABLE = "_DARKROOM_COMPLETE"  # set by the scripts of `darkroom completion`


class Command(click.Command):
    """A command with examples: each a line, or a line and what it does."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **options: Any) -> None:  # noqa: ANN401 - click's
        super().__init__(*arguments, **options)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        write_examples(formatter, self.examples)


class LazyGroup(click.Group):
    """A group that imports the module of a command when that is named: `darkroom --help` is to be quick."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - click's
        modules: dict[str, tuple[str, str]],
        examples: Sequence[str] = (),
        **options: Any,  # noqa: ANN401 - click's
    ) -> None:
        """`modules` has the module and the line of help of each command."""
        super().__init__(*arguments, **options)
        self.modules = modules
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in self.modules:
            return None
        module = import_module(self.modules[cmd_name][0])
        return cast("click.Command", getattr(module, cmd_name.replace("-", "_")))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=self.modules, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.modules.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        write_examples(formatter, self.examples)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    if examples:
        with formatter.section("Examples"):
            formatter.write("".join(f"{'':>{formatter.current_indent}}{line}\n" for line in examples))
