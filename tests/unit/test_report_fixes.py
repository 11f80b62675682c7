import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigv2.report.fixes import FIXES, Fix, fix_for

with Path(__file__).with_name("agents.tsv").open(encoding="utf-8", newline="") as file:
    CLIENTS = [
        (row["agent"].removeprefix("[").removesuffix("]"), row["method"], row["client"])
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]
BY_NAME = {fix.client: fix for fix in FIXES}
LONG = 100_000


@pytest.mark.parametrize(("agent", "method", "client"), CLIENTS)
def test_each_real_agent_gets_the_fix_of_the_software_behind_it(agent: str, method: str, client: str) -> None:
    assert fix_for(agent, method).client == client


def test_the_agents_of_more_than_150_clients_are_known() -> None:
    assert len({agent for agent, _, client in CLIENTS if client != "unknown"}) > 150


def test_each_fix_is_the_one_of_some_client() -> None:
    assert {client for _, _, client in CLIENTS} == {fix.client for fix in FIXES}


@pytest.mark.parametrize("agent", [agent for agent, method, _ in CLIENTS if method == "AuthHeader"])
def test_the_agent_of_a_form_tells_nothing_of_its_signer(agent: str) -> None:
    assert fix_for(agent, "HtmlForm").client == "upload form"


@pytest.mark.parametrize("agent", [agent for agent, method, _ in CLIENTS if method == "AuthHeader"])
def test_the_agent_of_a_presigned_url_tells_nothing_of_its_signer(agent: str) -> None:
    fix = fix_for(agent, "QueryString")
    assert fix.client == "presigned URL"
    assert "access key AKIAEXAMPLE of nightly-backup" in fix.told_to("access key AKIAEXAMPLE of nightly-backup")


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.client)
def test_each_fix_says_what_to_do_in_short_and_in_full_and_where_that_is_from(fix: Fix) -> None:
    assert 0 < len(fix.in_short) <= 70
    assert fix.how.endswith(".")
    assert re.fullmatch(r"https://[\w.-]+/[\w./#-]+", fix.source)
    assert "{signer}" not in fix.told_to("somebody")


def test_no_two_fixes_are_taken_for_one_another() -> None:
    assert len(BY_NAME) == len({(fix.in_short, fix.source) for fix in FIXES}) == len(FIXES)


@pytest.mark.parametrize(
    ("client", "end"),
    [
        ("AWS CLI version 1", "in maintenance since 2026-07-15, with a botocore of its own"),
        ("AWS SDK for JavaScript version 2", "end of support since 2025-09-08"),
        ("AWS SDK for Java version 1", "end of support since 2025-12-31"),
        ("a program on aws-sdk-go with a SigV2 signer of its own", "end of support since 2025-07-31"),
        ("AWS SDK for .NET", "end of support since 2026-06-01"),
    ],
)
def test_an_sdk_past_its_end_of_support_is_called_so(client: str, end: str) -> None:
    assert end in BY_NAME[client].how


def test_the_signer_of_urls_that_knows_no_sigv4_has_a_way_out() -> None:
    assert "`s3cmd signurl` knows SigV2 alone" in BY_NAME["presigned URL"].how
    assert "have the AWS CLI or an SDK sign instead" in BY_NAME["presigned URL"].how


def test_a_signers_name_is_taken_as_it_is() -> None:
    assert BY_NAME["Artifactory"].told_to("nobody") == BY_NAME["Artifactory"].how
    assert "who runs {signer}{0}\\1," in FIXES[-1].told_to("{signer}{0}\\1")


@given(st.text(), st.sampled_from(["AuthHeader", "QueryString", "HtmlForm", "", "SomethingNew"]))
def test_every_client_has_a_fix(agent: str, method: str) -> None:
    assert fix_for(agent, method) in FIXES


@pytest.mark.parametrize("agent", [agent for agent, method, _ in CLIENTS if method == "AuthHeader" and agent])
def test_a_name_within_a_comment_or_another_name_is_nobodys(agent: str) -> None:
    # Parentheses within would end the comment.
    name = re.sub(r"[()]", "", agent)
    assert fix_for(f"acme-uploader/3.1 (not {name})", "AuthHeader").client == "unknown"
    assert fix_for(f"Not_{name.split()[0]}", "AuthHeader").client == "unknown"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "hostile",
    [
        *(
            f"{start}{part * (LONG // len(part))}"
            for start in ("", "Mozilla/5.0 (compatible; ", "Hadoop ", "s3fs/1.")
            for part in ("(", ")", "a", " ", ",", "1.", "libs3 ", "a.amazonaws.com", "aws-sdk-java/ ", "\n", "É", "(a")
        ),
    ],
    ids=lambda hostile: f"{hostile[:30]!r}",
)
def test_no_agent_keeps_a_report_waiting(hostile: str) -> None:
    assert fix_for(hostile, "AuthHeader") in FIXES
