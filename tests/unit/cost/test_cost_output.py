from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.session import Session
from rich.console import Console

from blueprint.prices import FORMULA
from blueprint.trail_coverage import Recorded
from sigv2.discover.account_search import AskedAccount
from sigv2.discover.cost.bucket_costs import BucketCost
from sigv2.discover.cost.cost_document import document_of_bucket, document_of_report
from sigv2.discover.cost.cost_option import Costing
from sigv2.discover.cost.cost_report import CostReport, CostSum
from sigv2.discover.cost.cost_text import cost_lines, cost_table
from sigv2.discover.cost.log_sources import LogSources
from sigv2.discover.cost.recording_trails import NotChecked, Recording, RecordingTrail
from sigv2.discover.cost.request_counting import CountedLogs
from sigv2.discover.cost.request_rate import Bound, RequestRate, UnknownRate
from sigv2.discover.sigv2_acceptance import Acceptance, Bucket, Verdict
from sigv2.period import Period
from sigv2.report.past.batches import Kind, Unread

UNTIL = datetime(2026, 11, 26, tzinfo=UTC)
WEEK = Period(UNTIL - timedelta(days=7), UNTIL)
OURS, THEIRS = "111122223333", "210987654321"
ORG = RecordingTrail("arn:aws:cloudtrail:us-east-1:111122223333:trail/org", "org-files", Recorded.ALL)
UNCHECKED = NotChecked("the trails of eu-west-1", "it takes cloudtrail:DescribeTrails: no")
BY_METRICS = RequestRate(1_250_000, 7, Bound.ABOUT, "CloudWatch request metrics")
BY_ACCESS_LOGS = RequestRate(84_210, 5, Bound.ABOUT, "server access logs", 0.01)
BY_TRAIL = RequestRate(2, 1, Bound.AT_LEAST, "CloudTrail files", 0.0)
UNKNOWN = UnknownRate("its request metrics are not on; and no logs are given with --from")


def cost(
    name: str,
    rate: RequestRate | UnknownRate,
    *trails: RecordingTrail,
    region: str = "us-east-1",
    account: str = OURS,
    not_checked: tuple[NotChecked, ...] = (),
) -> BucketCost:
    return BucketCost(Bucket(name, region, UNTIL), account, rate, Recording(trails, not_checked))


def report(*costs: BucketCost, read: CountedLogs | None = None) -> CostReport:
    return CostReport(WEEK, costs, ["logs/"] if read else [], read)


UPLOADS = cost("uploads", BY_METRICS, ORG)
REPORTS = cost("reports", BY_ACCESS_LOGS, region="eu-west-1", not_checked=(UNCHECKED,))
ARCHIVE = cost("archive", UNKNOWN, RecordingTrail(ORG.arn, ORG.bucket, Recorded.PART))


def rows(found: CostReport, *, with_accounts: bool = False) -> list[list[str]]:
    console = Console(width=400)
    with console.capture() as capture:
        console.print(cost_table(found, with_accounts=with_accounts))
    lines = [line for line in capture.get().splitlines() if line[:1] in "┃│" and line]
    return [[cell.strip() for cell in line.strip("┃│").replace("┃", "│").split("│")] for line in lines]


def test_a_table_has_a_line_for_each_bucket() -> None:
    assert rows(report(UPLOADS, REPORTS, ARCHIVE)) == [
        ["Bucket", "Region", "Requests a day", "Told by", "USD a month", "Recorded already"],
        [
            *("uploads", "us-east-1", "about 1,250,000 over 7 of 7 days", "CloudWatch request metrics"),
            *("37.50 to 159.38", "by org"),
        ],
        [
            *("reports", "eu-west-1", "about 84,210 over 5 of 7 days", "server access logs"),
            *("2.55 to 5.11", "the trails of eu-west-1: unknown"),
        ],
        ["archive", "us-east-1", "unknown", UNKNOWN.reason, "unknown", "by org, a part"],
    ]
    (headings, row) = rows(report(cost("\x1b[2J", BY_TRAIL, account=THEIRS)), with_accounts=True)
    assert headings[1] == "Account"
    assert row == [
        *(r"\x1b[2J", THEIRS, "us-east-1", "at least 2 over 1 of 7 days", "CloudTrail files"),
        *("0.00 to 0.01", "no"),
    ]


def test_sentences_tell_sum_formula_doubts_and_cheaper_ways() -> None:
    read = CountedLogs(
        files=_files({Kind.ACCESS_LOG: 12}),
        unread=[Unread("logs/cut", "it is cut off"), Unread("logs/odd", "they are no lines", 3)],
        unread_files=1,
        unread_lines=3,
    )
    assert list(cost_lines(report(UPLOADS, REPORTS, ARCHIVE, read=read))) == [
        "In sum: about 1,334,210 requests a day to 2 buckets; so many cost 40.05 to 166.49 USD a month, with one stack"
        "; without 1 bucket of unknown cost.",
        f"USD a month = {FORMULA}. Prices of us-east-1; an unknown share is taken for 0 to 1.",
        "S3 gives request metrics on a best-effort basis. They count calls to a bucket itself, too, which CloudTrail "
        "does not bill as data events, and a deletion of many objects once, where it bills each object.",
        "S3 delivers access logs on a best-effort basis, so that some lines may be missing. They have lines that "
        "CloudTrail does not bill: requests whose authentication failed, and the second line of a copy.",
        "Days without any request are left out of an average: nobody tells whether there was none, or no log.",
        "Read 12 server access logs. 1 file and 3 lines or records could not be read, so there may be more requests: "
        "logs/cut (it is cut off), logs/odd (they are no lines).",
        f"The trail {ORG.arn} records all data events of uploads. CloudTrail bills each delivery, the first one "
        "included: that is paid for already, and a further trail doubles it.",
        f"The trail {ORG.arn} records a part of the data events of archive. CloudTrail bills each delivery, the first "
        "one included: that is paid for already, and a further trail doubles it.",
        "Not checked, and may record buckets already: the trails of eu-west-1 (it takes "
        "cloudtrail:DescribeTrails: no).",
        "To know what is unknown, turn on a bucket's request metrics for some days (CloudWatch bills them as custom "
        "metrics), or name access logs or trail files with --from.",
        "",
        "Cheaper ways, where they will do:",
        f"- A trail that is there already: `pulumi config set existingTrail {ORG.arn}` has a stack use it instead of "
        "making one, if it records all of its targets. For uploads that saves about 37.50 USD a month of CloudTrail.",
        "- What a trail records already costs no further event, but reading its files: report --from s3://org-files/ "
        "tells who and with which key, after the event, of what that trail records.",
        "- Access logs that S3 delivers to CloudWatch Logs: about 0.50 USD for a million requests, 20.01 a month for "
        "what is known here. They tell whether SigV2 is used and who by ARN, not by key, and come late or never "
        "at times.",
        "- Access logs that S3 delivers to a bucket: nothing but storage and requests; report --from reads them, with "
        "the same limits.",
        "- A part of a bucket: a target such as my-bucket/prefix/ is billed for its objects only.",
        "- A short time: a week costs 7 of 30 days, here 9.34 to 38.85 USD. Rare clients stay unseen.",
    ]


def _files(files: dict[Kind, int]) -> Any:
    counted = CountedLogs().files
    counted.update(files)
    return counted


def test_each_account_has_a_sum_and_what_nobody_knows_has_none() -> None:
    lines = list(cost_lines(report(cost("a", BY_TRAIL), cost("b", UNKNOWN, account=THEIRS))))
    assert lines[:2] == [
        f"Account {OURS}: at least 2 requests a day to 1 bucket; so many cost 0.00 to 1.01 USD a month, with "
        "one stack.",
        f"Account {THEIRS}: unknown, for 1 bucket.",
    ]
    assert next(cost_lines(report(cost("b", UNKNOWN)))) == "In sum: unknown, for 1 bucket."


@pytest.mark.parametrize(
    ("rates", "saves", "document"),
    [
        (
            (BY_METRICS, BY_ACCESS_LOGS),
            "For a, b that saves about 40.03 USD a month of CloudTrail.",
            {"monthlySaving": pytest.approx(40.0263), "unknownBuckets": 0},
        ),
        (
            (BY_METRICS, UNKNOWN),
            "For a, b that saves about 37.50 USD a month of CloudTrail, without 1 bucket of unknown cost.",
            {"monthlySaving": 37.5, "unknownBuckets": 1},
        ),
        (
            (UNKNOWN, UNKNOWN),
            "For a, b that saves a second copy of each data event.",
            {"monthlySaving": None, "unknownBuckets": 2},
        ),
    ],
)
def test_what_a_trail_saves_that_is_there_already_is_told_as_far_as_it_is_known(
    rates: tuple[RequestRate | UnknownRate, ...], saves: str, document: dict[str, Any]
) -> None:
    found = report(*(cost(name, rate, ORG) for name, rate in zip("ab", rates, strict=True)))
    (line,) = (line for line in cost_lines(found) if line.startswith("- A trail that is there already: "))
    assert line.endswith(f" if it records all of its targets. {saves}")
    assert document_of_report(found)["existingTrails"] == [{"arn": ORG.arn, "buckets": ["a", "b"], **document}]


def test_a_trail_of_this_projects_stacks_or_that_records_a_part_is_not_for_others_to_use() -> None:
    own = replace(ORG, bucket="s3-sigv2-access-log-dev-trail-0a1b2c3")
    found = report(cost("a", BY_METRICS, own, replace(ORG, recorded=Recorded.PART)))
    assert document_of_report(found)["existingTrails"] == []
    assert not any("existingTrail" in line for line in cost_lines(found))


def test_a_sum_is_a_bound_only_where_all_its_numbers_are() -> None:
    at_least, about = cost("a", BY_TRAIL), cost("b", BY_METRICS)
    assert CostSum.of([at_least, cost("c", BY_TRAIL)]).bound is Bound.AT_LEAST
    assert CostSum.of([about, about]).bound is Bound.ABOUT
    assert CostSum.of([at_least, about]).bound is Bound.ABOUT


def test_what_may_accept_sigv2_or_not_is_left_out_and_named() -> None:
    left_out = "Not reckoned: 2 buckets (a, b), as it is unknown whether they accept SigV2."
    assert list(cost_lines(replace(report(UPLOADS), undecided=["a", "b"])))[1] == left_out
    assert list(cost_lines(replace(report(), undecided=["a", "b"]))) == [left_out]
    assert list(cost_lines(report())) == ["There is nothing to watch in what was asked, so it costs nothing."]
    assert document_of_report(replace(report(), undecided=["a", "b"]))["undecidedBuckets"] == ["a", "b"]


def test_a_bucket_of_an_unknown_verdict_costs_nobody_knows_what() -> None:
    found = tuple(
        Acceptance(Bucket(str(verdict), "us-east-1", UNTIL), verdict, "why")
        for verdict in (Verdict.UNKNOWN, Verdict.REFUSES, Verdict.REFUSED_BY_POLICY)
    )
    costing = Costing(WEEK, [], LogSources([], WEEK, None))
    reckoned = costing.of([AskedAccount(None, OURS, found, Session())])
    assert (list(reckoned.costs), list(reckoned.undecided)) == ([], ["unknown"])


def test_one_is_one_and_what_is_not_there_is_not_counted() -> None:
    read = CountedLogs(files=_files({Kind.CLOUDTRAIL: 1}), unread=[Unread("\x1b[2J", "why")], unread_files=1)
    lines = list(cost_lines(report(cost("a", replace(BY_TRAIL, per_day=1)), read=read)))
    assert lines[0].startswith("In sum: at least 1 request a day to 1 bucket; so many cost ")
    assert r"Read 1 CloudTrail file. 1 file could not be read, so there may be more requests: \x1b[2J (why)." in lines


def test_an_interrupted_reading_and_repeated_requests_are_said() -> None:
    read = CountedLogs(forgot=True, interrupted=True)
    assert (
        "Read no log file of these days. It was interrupted, and tells only of what had been read until then. There "
        "are so many requests that some which two files tell of may be counted twice."
    ) in list(cost_lines(report(UPLOADS, read=read)))


def test_json_has_null_for_what_is_unknown_and_the_reason() -> None:
    trail = {"arn": ORG.arn, "bucket": "org-files"}
    assert [document_of_bucket(one) for one in (UPLOADS, REPORTS, ARCHIVE)] == [
        {
            "requestsPerDay": 1_250_000,
            "bound": "about",
            "toldBy": "CloudWatch request metrics",
            "days": 7,
            "sigv2Share": None,
            "reason": None,
            "monthlyCost": {"from": 37.5, "to": 159.375},
            "trails": [trail | {"records": "all"}],
            "notChecked": [],
        },
        {
            "requestsPerDay": 84_210,
            "bound": "about",
            "toldBy": "server access logs",
            "days": 5,
            "sigv2Share": 0.01,
            "reason": None,
            "monthlyCost": {"from": pytest.approx(2.557879), "to": pytest.approx(5.109442)},
            "trails": [],
            "notChecked": [{"what": UNCHECKED.what, "reason": UNCHECKED.reason}],
        },
        {
            "requestsPerDay": None,
            "bound": None,
            "toldBy": None,
            "days": 0,
            "sigv2Share": None,
            "reason": UNKNOWN.reason,
            "monthlyCost": None,
            "trails": [trail | {"records": "part"}],
            "notChecked": [],
        },
    ]


def test_json_has_a_sum_for_each_account_and_what_was_read() -> None:
    read = CountedLogs(
        files=_files({Kind.CLOUDTRAIL: 2}), repeated=4, too_old=1, unread=[Unread("a", "why", 3)], unread_lines=3
    )
    found = report(UPLOADS, cost("b", UNKNOWN), cost("c", UNKNOWN, account=THEIRS), read=read)
    assert document_of_report(found) == {
        "accounts": [
            {
                "accountId": OURS,
                "requestsPerDay": 1_250_000,
                "bound": "about",
                "monthlyCost": {"from": 37.5, "to": 160.375},
                "knownBuckets": 1,
                "unknownBuckets": 1,
                "accessLogsInstead": 18.75,
            },
            {
                "accountId": THEIRS,
                "requestsPerDay": None,
                "bound": None,
                "monthlyCost": None,
                "knownBuckets": 0,
                "unknownBuckets": 1,
                "accessLogsInstead": None,
            },
        ],
        "existingTrails": [{"arn": ORG.arn, "buckets": ["uploads"], "monthlySaving": 37.5, "unknownBuckets": 0}],
        "formula": FORMULA,
        "currency": "USD",
        "pricesOf": "us-east-1",
        "since": "2026-11-19T00:00:00+00:00",
        "until": "2026-11-26T00:00:00+00:00",
        "days": 7,
        "undecidedBuckets": [],
        "read": {
            "from": ["logs/"],
            "files": {"CloudTrail files": 2},
            "passedOver": 0,
            "tooOld": 1,
            "repeated": 4,
            "mayRepeat": False,
            "interrupted": False,
            "unread": {"files": 0, "lines": 3, "named": [{"name": "a", "why": "why", "lines": 3}]},
        },
    }
    assert document_of_report(report(UPLOADS))["read"] is None
