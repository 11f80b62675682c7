"""Tickets: their text, the names of their files, and what is written over what."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import (
    ACCESS_KEY,
    AUTHENTICATION_METHOD,
    BUCKET,
    ISSUER,
    PRINCIPAL,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REQUESTS,
    USER_AGENT,
)
from sigv2.report.coverage import Coverage
from sigv2.report.fixes import FIXES
from sigv2.report.formats.markdown_format import as_markdown
from sigv2.report.formats.ticket_format import MARKER, Ticket, tickets_of
from sigv2.report.formats.wording import summary_of
from sigv2.report.owners.owner import Owner
from sigv2.report.ticket_files import write_tickets
from sigv2.report.verdict import not_proven
from sigv2.terminal import say
from tests.unit.owned_clients import HERE, PROBE, SESSION, STRANGER, USER, owned, report_on_clients

STACK = ["--stack", "prod"]
ALSO = USER | {BUCKET: "example-reports", REQUESTS: "3"}
OF_USER = """\
## nightly-backup (AKIAEXAMPLE): &#91;s3&#93; use-sigv4 = True, or move to boto3

- Access key: AKIAEXAMPLE
- ARN: arn&#58;aws&#58;iam&#58;&#58;123456789012&#58;user/ops/nightly-backup
- Principal's id: AIDAEXAMPLE
- Principal's account: 123456789012

### Where

| Bucket | Region | Account | How signed | User agent | First seen (UTC) | Last seen (UTC) | Requests |
| --- | --- | --- | --- | --- | --- | --- | --- |
| example-uploads | us-east-1 | 123456789012 | header | Boto/2.49.0 Python/2.7.18 Linux/5.4.0 | 2026-11-14 07&#58;14 | \
2026-11-20 07&#58;59 | 30 |
| example-reports | us-east-1 | 123456789012 | header | Boto/2.49.0 Python/2.7.18 Linux/5.4.0 | 2026-11-14 07&#58;14 | \
2026-11-20 07&#58;59 | 3 |

### How to fix

Put use-sigv4 = True under [s3] in boto.cfg, or S3_USE_SIGV4=True into the environment, and connect with \
host='s3.REGION.amazonaws.com'; 2.49.0 of 2018 is the last version, so move to boto3.

Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/specify-signature-version.html>
"""
CHECK = """\
## How to check

Before: in a checkout of s3-sigv2-access-log, start the sandbox, and point the client at the endpoint, with the keys, \
that it prints. It shows each request that is signed with SigV2, and none once this is fixed:

    python -m sigv2 sandbox serve

After: a day later this prints nothing. For a client that asks less often, wait longer, with a longer --since:

    python -m sigv2 report --stack prod --since 1d --format csv | grep -F SEARCHED

No line proves something only while the pipeline is alive, which this tells:

    python -m sigv2 verify --stack prod

---

Read from /aws/events/s3-sigv2-access-log, of 2026-11-13 08&#58;00 to 2026-11-20 08&#58;00 UTC.\
"""
ANNOUNCED = (
    "had a signature of Version 2 (SigV2). AWS has announced its end "
    "(<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingAWSSDK.html>), and where a bucket refuses it, such "
    "requests fail. Version 4 (SigV4) takes its place."
)


def test_the_ticket_of_a_client_says_all_that_there_is_to_do() -> None:
    (ticket,) = tickets_of(report_on_clients(USER, ALSO), STACK)
    assert ticket.text == (
        f"{MARKER}\n"
        "# Stop signing S3 requests with Signature Version 2: nightly-backup (AKIAEXAMPLE)\n\n"
        f"33 requests to Amazon S3, from 2026-11-14 07&#58;14 to 2026-11-20 07&#58;59 UTC, {ANNOUNCED}\n\n"
        f"{OF_USER}\n" + CHECK.replace("SEARCHED", "-e '\"AKIAEXAMPLE\"'") + "\n"
    )


def test_the_ticket_of_an_owner_has_all_of_their_clients_and_what_could_not_be_seen() -> None:
    notes = ("owners of 1 user may be missing, as iam:ListUserTags is denied",)
    data = {"etl": Owner("data", "tag Team of role etl"), "nightly_backup": Owner("data", "tag Team of user x")}
    report = replace(owned(report_on_clients(USER, ALSO, SESSION), notes, **data), coverage=Coverage(None, ("a gap",)))
    (ticket,) = tickets_of(report, STACK)
    of_user = OF_USER.replace(
        "account: 123456789012\n", "account: 123456789012\n- Owner known from: tag Team of user x\n"
    )
    searched = "-e '\"arn:aws:sts::123456789012:assumed-role/etl/' -e '\"AKIAEXAMPLE\"'"
    assert ticket == Ticket(
        "sigv2-data.md",
        f"{MARKER}\n"
        "# Stop signing S3 requests with Signature Version 2: data\n\n"
        f"1,233 requests to Amazon S3, from 2026-11-13 09&#58;00 to 2026-11-20 07&#58;59 UTC, {ANNOUNCED}\n\n"
        "Owner: data (tag Team of role etl; tag Team of user x).\n\n"
        "## etl / nightly: take signature&#95;version=&#39;s3&#39; out\n\n"
        "- Access key: temporary ones, others in each session\n"
        "- ARN: arn&#58;aws&#58;sts&#58;&#58;123456789012&#58;assumed-role/etl/nightly\n"
        "- Issued by: arn&#58;aws&#58;iam&#58;&#58;123456789012&#58;role/data/etl\n"
        "- Principal's id: AROAEXAMPLE&#58;nightly\n"
        "- Principal's account: 123456789012\n"
        "- Owner known from: tag Team of role etl\n\n"
        "### Where\n\n"
        "| Bucket | Region | Account | How signed | User agent | First seen (UTC) | Last seen (UTC) | Requests |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| example-uploads | us-east-1 | 123456789012 | header | Boto3/1.34.0 Botocore/1.34.0 | 2026-11-13 09&#58;00 | "
        "2026-11-19 09&#58;00 | 1200 |\n\n"
        "### How to fix\n\n"
        "These sign headers with SigV4 unless told otherwise: find Config(signature_version='s3') in the code, "
        "AWS_S3_SIGNATURE_VERSION = 's3' in the settings of django-storages, or `signature_version = s3` in "
        "~/.aws/config, of etl / nightly, and take it out or write s3v4.\n\n"
        "Source: <https://github.com/boto/boto3/issues/2680>\n\n"
        f"{of_user}\n"
        + CHECK.replace("SEARCHED", searched)
        + " This does not tell of all that time&#58; a gap."
        + " Owners of 1 user may be missing, as iam&#58;ListUserTags is denied.\n",
    )


def test_without_owners_each_principal_has_a_ticket_for_each_fix_and_probes_have_none() -> None:
    rows = [USER, ALSO, USER | {USER_AGENT: "[python-requests/2.31.0]", REQUESTS: "2"}, SESSION, STRANGER, PROBE]
    titles = [ticket.text.split("\n")[1].partition(": ")[2] for ticket in tickets_of(report_on_clients(*rows), STACK)]
    user = "nightly-backup (AKIAEXAMPLE)"
    assert titles == ["etl / nightly", user, "account 210987654321 / AIDASTRANGER (AKIASTRANGER)", user]
    assert tickets_of(report_on_clients(PROBE), STACK) == []


def test_what_nobody_owns_is_one_ticket_more() -> None:
    report = owned(report_on_clients(USER, SESSION), nightly_backup=Owner("ops", "tag Owner of user nightly-backup"))
    ops, unknown = tickets_of(report, STACK)
    assert ops.file_name == "sigv2-ops.md"
    assert unknown.file_name == "sigv2-owner-unknown-e3b0c44298fc.md"
    assert "\n\nWhose this is, is not known: find out who runs these clients.\n\n## etl / nightly" in unknown.text


def searched(row: dict[str, str]) -> str | None:
    (ticket,) = tickets_of(report_on_clients(row), ["--log-group", "/a b", "--region", "us-east-1"])
    assert (
        "\nNo line proves something only while the pipeline that writes this log group is alive.\n\n---" in ticket.text
    )
    command = re.search(r"    python -m sigv2 report --log-group '/a b' .* \| grep -F -e (.*)\n", ticket.text)
    return command[1] if command else None


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (USER, "'\"AKIAEXAMPLE\"'"),
        (USER | {ACCESS_KEY: "unknown"}, f"'\"arn:aws:iam::{HERE}:user/ops/nightly-backup\"'"),
        (SESSION | {ISSUER: ""}, f"'\"arn:aws:sts::{HERE}:assumed-role/etl/'"),
        (STRANGER | {ACCESS_KEY: "ASIAX", PRINCIPAL_ID: "AROASTRANGER:i-0136f1c4e5a8b2d90"}, "'\"AROASTRANGER:'"),
        (USER | {ACCESS_KEY: "AKIA'; rm -rf ~;'", PRINCIPAL: "`id`", PRINCIPAL_ID: "=1"}, None),
    ],
)
def test_the_command_finds_the_lines_of_this_principal_alone_whatever_its_next_session_is_called(
    row: dict[str, str], cell: str | None
) -> None:
    assert searched(row) == cell


def test_who_cannot_be_searched_for_is_to_be_looked_for() -> None:
    (ticket,) = tickets_of(report_on_clients({ACCESS_KEY: "AKIA'", PRINCIPAL: "`id`", REQUESTS: "1"}), ["--from", "x"])
    assert "grep" not in ticket.text
    assert "\n\nNo line proves something only if what is read has logs of that day.\n\n---" in ticket.text
    assert "\nLook in a later report for &#96;id&#96; (AKIA&#39;): no line should be left.\n" in ticket.text


@pytest.mark.parametrize("folder", ["a\n# b", "a\x1b[2J", "a\u202eb"])
def test_no_folder_of_a_hostile_name_comes_into_a_command(folder: str) -> None:
    (ticket,) = tickets_of(report_on_clients(USER), ["--from", folder])
    assert folder not in ticket.text
    assert "Look in a later report for nightly-backup (AKIAEXAMPLE): no line should be left." in ticket.text


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (USER, "AKIAEXAMPLE"),
        (SESSION, "temporary ones, others in each session"),
        (USER | {ACCESS_KEY: "ASIAEXAMPLE"}, "temporary ones, others in each session"),
        (STRANGER | {ACCESS_KEY: ""}, "not in the log"),
        (STRANGER | {ACCESS_KEY: "", PRINCIPAL_TYPE: "AWSService"}, "not in the log"),
    ],
)
def test_a_key_is_called_temporary_only_where_the_log_has_keys(row: dict[str, str], key: str) -> None:
    (ticket,) = tickets_of(report_on_clients(row), STACK)
    assert f"\n- Access key: {key}\n" in ticket.text


def test_what_a_report_does_not_tell_is_never_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    doubts = [*(f"{number} of s3 keys of a bucket, {'x' * 1000}" for number in range(4)), "the last one"]
    doubted = replace(report_on_clients(USER), coverage=Coverage(None, tuple(doubts)))
    (ticket,) = tickets_of(doubted, STACK)
    with pytest.raises(typer.Exit):
        not_proven("that", doubts)
    say(summary_of(doubted))
    for text in (ticket.text, as_markdown(doubted), *capsys.readouterr()):
        assert "the last one" in text


def test_a_table_of_a_ticket_is_short_and_says_so() -> None:
    (ticket,) = tickets_of(report_on_clients(*(USER | {BUCKET: f"bucket-{n:03}"} for n in range(60))), STACK)
    assert ticket.text.count("\n| bucket-") == 50
    assert "\n\nAnd 10 lines more, which the report has.\n" in ticket.text


hostile = st.text(st.one_of(st.characters(), st.sampled_from("`<>&[]()!*_~#|\\\"' \r\n\x1b\u202e:/.@=+-")), max_size=40)


@given(hostile, hostile)
def test_nothing_in_a_ticket_is_markup_of_a_stranger(agent: str, name: str) -> None:
    strange = {
        USER_AGENT: agent,
        # Its fix names the signer, whatever the agent says.
        AUTHENTICATION_METHOD: "HtmlForm",
        BUCKET: agent,
        PRINCIPAL: f"arn:aws:sts::{HERE}:assumed-role/{name or 'x'}/{name}",
        PRINCIPAL_ID: name,
        ACCESS_KEY: f"AKIA{agent}",
        REQUESTS: "5",
    }
    for report in (report_on_clients(USER | strange), owned(report_on_clients(USER | strange))):
        (ticket,) = tickets_of(report, STACK)
        text = ticket.text.encode("ascii").decode()
        assert all(line.isprintable() for line in text.split("\n"))
        own = re.sub(r"&#\d+;", "", text)
        assert own.count("<") == own.count(">") == 3
        assert own.count("`") == 2
        assert not re.search(r"[\[\]*~]|__|!\[|://(?!docs\.aws\.amazon\.com/|github\.com/)", own.replace("[s3]", ""))
        assert text.count("\n## ") == 2
        assert re.fullmatch(r"sigv2-[a-z0-9-]+\.md", ticket.file_name)


def test_no_fix_has_the_signer_where_an_entity_would_be_shown_as_it_is() -> None:
    assert not [fix for fix in FIXES if any("{signer}" in code for code in re.findall(r"`[^`]*`", fix.how))]


def names(owners: Sequence[str]) -> list[str]:
    rows = [USER | {PRINCIPAL: f"arn:aws:iam::{HERE}:user/u{n}", ACCESS_KEY: ""} for n, _ in enumerate(owners)]
    report = report_on_clients(*rows)
    named = owned(report, **{f"u{n}": Owner(owner) for n, owner in enumerate(owners)})
    return [ticket.file_name for ticket in tickets_of(named, STACK)]


@given(st.lists(st.text(max_size=90), unique=True, max_size=5))
def test_every_owner_has_a_file_of_their_own(owners: list[str]) -> None:
    found = names(owners)
    assert len(set(found)) == len(owners)
    assert all(re.fullmatch(r"sigv2-[a-z0-9-]{1,73}\.md", name) for name in found)


def test_a_name_that_looks_like_anothers_hashed_one_is_hashed_itself() -> None:
    (hashed,) = names(["Data"])
    taken = hashed.removeprefix("sigv2-").removesuffix(".md")
    assert re.fullmatch(r"data-[0-9a-f]{12}", taken)
    assert len(set(names(["Data", taken, "data", "../../data", "所有者"]))) == 5


TICKETS = [Ticket("sigv2-a.md", f"{MARKER}\nnew\n"), Ticket("sigv2-b.md", f"{MARKER}\nb\n")]


def test_tickets_replace_those_of_an_earlier_report_and_name_what_is_left_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "tickets"
    write_tickets([Ticket("sigv2-gone.md", f"{MARKER}\nold\n"), Ticket("sigv2-a.md", f"{MARKER}\nold\n")], folder)
    (folder / "sigv2-mine.md").write_text("mine")
    capsys.readouterr()
    write_tickets(TICKETS, folder)
    told = capsys.readouterr()
    assert {path.name: path.read_text().split("\n", 1)[-1] for path in folder.iterdir()} == {
        "sigv2-a.md": "new\n",
        "sigv2-b.md": "b\n",
        "sigv2-gone.md": "old\n",
        "sigv2-mine.md": "mine",
    }
    assert told.out == f"{folder}/sigv2-a.md\n{folder}/sigv2-b.md\n"
    assert told.err == (
        f"{folder} has 1 ticket of an earlier report that this one has not, which may be done, or of another time or "
        "log:\nsigv2-gone.md\n"
    )


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), Path.mkdir], ids=["file", "folder"])
def test_what_is_somebody_elses_stays_and_nothing_is_written(
    make: Callable[[Path], object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "sigv2-b.md")
    with pytest.raises(typer.Exit):
        write_tickets(TICKETS, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sigv2-b.md"]
    assert capsys.readouterr().err == (
        f"Error: --out: {tmp_path}/sigv2-b.md was not written by `report --format tickets`, and is not replaced: "
        "move it, or name another folder\n"
    )


def test_a_link_to_elsewhere_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_text(f"{MARKER}\nelsewhere\n")
    folder = tmp_path / "tickets"
    folder.mkdir()
    (folder / "sigv2-a.md").symlink_to(elsewhere)
    write_tickets(TICKETS, folder)
    assert elsewhere.read_text() == f"{MARKER}\nelsewhere\n"
    assert (folder / "sigv2-a.md").read_text() == f"{MARKER}\nnew\n"


def test_no_ticket_makes_no_folder(tmp_path: Path) -> None:
    write_tickets([], tmp_path / "none")
    assert not list(tmp_path.iterdir())
