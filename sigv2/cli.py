"""The companion command line, one command for each step of getting rid of SigV2."""

import typer

from sigv2.discover.discover_command import discover
from sigv2.report.report_command import report
from sigv2.sandbox.sandbox_commands import app as sandbox
from sigv2.verify.verify_command import verify
from sigv2.watch.watch_command import watch

app = typer.Typer(
    help="Find every client that still signs its S3 requests with Signature Version 2.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("discover")(discover)
app.command("verify")(verify)
app.command("report")(report)
app.command("watch")(watch)
app.add_typer(sandbox, name="sandbox")
