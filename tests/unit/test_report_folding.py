"""One client is one row, whatever its sessions are named and whatever version it has; two never share one."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import (
    AUTHENTICATION_METHOD,
    BUCKET,
    ISSUER,
    PERSON,
    PRINCIPAL,
    PRINCIPAL_ID,
    REQUESTS,
    THROUGH,
    USER_AGENT,
)
from sigv2.period import Period
from sigv2.query_engine import LoggedEvent
from sigv2.report.client_folding import Folding, ranked_clients
from sigv2.report.client_views import CLIENT_VIEWS, query_of
from sigv2.report.clients import told_apart
from sigv2.report.fixes import fix_for
from sigv2.report.formats.ticket_format import tickets_of
from sigv2.report.past.batches import Collector
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, report_of
from sigv2.report.session_names import made_up

ROLE = "arn:aws:sts::123456789012:assumed-role/etl"
PERIOD = Period(datetime(2026, 11, 13, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
with Path(__file__).with_name("session_names.tsv").open(encoding="utf-8", newline="") as file:
    NAMES = [(row["name"], row["shown"]) for row in csv.DictReader(file, delimiter="\t")]
with Path(__file__).with_name("agents.tsv").open(encoding="utf-8", newline="") as file:
    AGENTS = [row["agent"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
BOTO3 = "[Boto3/{0} md/Botocore#{0} ua/2.0 os/linux#{1} md/arch#x86_64 lang/python#{2} cfg/retry-mode#legacy]"
JAVA = "[aws-sdk-java/{} Linux/{} OpenJDK_64-Bit_Server_VM/{} java/1.8.0_242 exec-env/AWS_Lambda_java17]"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


def session(name: str, **changed: str) -> dict[str, str]:
    return {
        PRINCIPAL: f"{ROLE}/{name}",
        PRINCIPAL_ID: f"AROAEXAMPLE:{name}",
        USER_AGENT: "[Boto/2.49.0]",
        BUCKET: "example-uploads",
        AUTHENTICATION_METHOD: "AuthHeader",
        REQUESTS: "1",
        **changed,
    }


def agent(text: str, method: str = "AuthHeader") -> dict[str, str]:
    return session("nightly-job", **{USER_AGENT: text, AUTHENTICATION_METHOD: method})


def principals(*rows: dict[str, str]) -> list[str]:
    return sorted(client.principal for client in ranked_clients(rows))


def software(*agents: str, method: str = "AuthHeader") -> list[tuple[str, int]]:
    clients = ranked_clients(agent(text, method) for text in agents)
    return sorted((client.software, client.user_agents) for client in clients)


def report(rows: Iterable[dict[str, str]], by: str = "client") -> Report:
    return report_of(query_of(by).by_place(), ["/log"], PERIOD, QueryResult(list(rows), complete=True))


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_a_name_that_was_made_up_shows_what_is_fixed_and_a_chosen_one_stays(name: str, shown: str) -> None:
    assert (made_up(name) or "") == shown


def test_all_made_up_sessions_of_a_role_are_one_client_and_every_chosen_one_is_its_own() -> None:
    chosen = [name for name, shown in NAMES if not shown]
    of_nobody = [name for name, shown in NAMES if shown and "@" not in shown]
    assert principals(*(session(name) for name, shown in NAMES if "@" not in shown)) == sorted(
        [*(f"etl / {name}" for name in chosen), f"etl / * ({len(of_nobody)} sessions)"]
    )
    assert len(NAMES) > 60


def test_sessions_that_one_kind_of_program_names_show_its_name() -> None:
    rows = [session("botocore-session-1795650000"), session("botocore-session-1795650001")]
    assert principals(*rows) == ["etl / botocore-session-* (2 sessions)"]
    assert principals(*rows, session("i-0abcd1234ef567890")) == ["etl / * (3 sessions)"]


def test_a_session_alone_keeps_its_name() -> None:
    assert principals(session("i-0abcd1234ef567890"), session("i-0abcd1234ef567890", **{REQUESTS: "2"})) == [
        "etl / i-0abcd1234ef567890"
    ]


def test_what_somebody_chose_stays_beside_what_was_made_up() -> None:
    of_alice = [session(f"alice.{number}@s-0123456789abcdef0") for number in ("1a2b3c4d5e6f7a8b", "2b3c4d5e6f7a8b9c")]
    of_bob = session("bob.3c4d5e6f7a8b9c0d@s-0123456789abcdef0")
    assert principals(*of_alice, of_bob) == [
        "etl / alice.*@s-* (2 sessions)",
        "etl / bob.3c4d5e6f7a8b9c0d@s-0123456789abcdef0",
    ]


def test_sessions_of_two_roles_or_of_two_people_are_never_one_client() -> None:
    other = {PRINCIPAL: "arn:aws:sts::123456789012:assumed-role/web/i-0abcd1234ef567891", PRINCIPAL_ID: "AROAOTHER:i-0"}
    assert len(principals(session("i-0abcd1234ef567890"), session("i-0abcd1234ef567891", **other))) == 2
    people = [session(f"2026112{day}", **{PERSON: name}) for day, name in enumerate(("alice", "bob"))]
    assert len(principals(*people)) == 2


def test_users_of_identity_center_keep_their_names_whatever_they_are() -> None:
    arn = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/"
    assert len(principals(*(session(name, **{PRINCIPAL: arn + name}) for name in ("10023456", "10023457")))) == 2


def test_functions_keep_their_names_and_instances_do_not() -> None:
    names = ["loader-3f9a1c2b", "loader-4a0b2d3c"]
    assert len(principals(*(session(name, **{THROUGH: FUNCTION + name}) for name in names))) == 2
    instances = ["i-0abcd1234ef567890", "i-0abcd1234ef567891"]
    of_ec2 = "arn:aws:ec2:us-east-1:123456789012:instance/"
    assert principals(*(session(name, **{THROUGH: of_ec2 + name}) for name in instances)) == ["etl / i-* (2 sessions)"]
    job = "arn:aws:glue:us-east-1:123456789012:job/nightly"
    assert principals(*(session(name, **{THROUGH: job}) for name in instances)) == [
        f"etl / i-* through {job} (2 sessions)"
    ]


def test_a_stranger_s_sessions_are_one_client_by_the_id_of_the_role() -> None:
    rows = [{PRINCIPAL_ID: f"AROAEXAMPLE:botocore-session-179565000{number}", REQUESTS: "1"} for number in range(3)]
    chosen = [{PRINCIPAL_ID: f"AROAEXAMPLE:{name}", REQUESTS: "1"} for name in ("alice", "bob")]
    assert principals(*rows, *chosen) == [
        "AROAEXAMPLE:alice",
        "AROAEXAMPLE:bob",
        "AROAEXAMPLE:botocore-session-* (3 sessions)",
    ]


def test_two_roles_of_one_name_are_told_apart_however_many_sessions_they_have() -> None:
    names = ["i-0abcd1234ef567890", "i-0abcd1234ef567891", "i-0abcd1234ef567892"]
    elsewhere = "arn:aws:sts::999999999999:assumed-role/etl/"
    rows = [session(name) for name in names] + [session(name, **{PRINCIPAL: elsewhere + name}) for name in names[:2]]
    assert told_apart(ranked_clients(rows)) == [
        f"etl / i-*, {ROLE}/i-* (3 sessions)",
        f"etl / i-*, {elsewhere}i-* (2 sessions)",
    ]


WORDS = (
    "alice bob carol nightly backup etl job task session build deploy release report prod test web api worker user "
    "admin data lake sync export import east west facade decade bead cafe s3 ec2 k8s v team green blue i mi"
)
words = st.sampled_from(re.findall(r"\w+", WORDS))
chosen_names = st.one_of(
    st.builds(
        lambda parts, number, between: between.join(parts) + number,
        st.lists(words, min_size=1, max_size=4),
        st.sampled_from(["", "-1", "-02", "3", "-2026", "_4711", ".12", "-v2"]),
        st.sampled_from(["-", "_", ".", ""]),
    ).filter(lambda name: len(name) > 1),
    st.builds(lambda name, number: f"{name}{number}@example.com", words, st.integers(0, 99_999_999)),
    st.builds("{1}{2}{0}".format, words, st.integers(0, 99_999_999), st.sampled_from("-_@")),
    st.builds("{}-{}".format, st.sampled_from(["tenant", "store", "project", "user"]), st.integers(0, 99_999_999)),
)
made_up_names = st.one_of(
    st.uuids().map(str),
    st.builds("{}-{}".format, st.sampled_from(["botocore-session", "GitHubActions"]), st.integers(10**9, 10**10 - 1)),
    st.builds("aws-go-sdk-{}".format, st.integers(10**18, 10**19 - 1)),
    st.builds("i-{:017x}".format, st.integers(0, 16**17 - 1)),
    st.datetimes().filter(lambda time: 2010 <= time.year < 2090).map(lambda time: f"{time:etl-%Y%m%dT%H%M%SZ}"),
)


@given(st.lists(chosen_names, max_size=4, unique=True), st.lists(made_up_names, max_size=3, unique=True))
def test_chosen_names_never_share_a_row_and_made_up_ones_share_one(chosen: list[str], of_nobody: list[str]) -> None:
    rows = [session(name) for name in (*chosen, *of_nobody)]
    clients = ranked_clients(rows)
    assert {client.principal for client in clients} >= {f"etl / {name}" for name in chosen}
    assert len(clients) == len(chosen) + bool(of_nobody)
    assert sum(client.requests for client in clients) == len(rows)
    assert sum(client.sessions for client in clients) == len(rows)
    assert len(ranked_clients(rows, Folding(sessions=False))) == len(rows)


@pytest.mark.parametrize(
    ("agents", "shown"),
    [
        (
            [BOTO3.format("1.26.90", "5.10.1", "3.8.16"), BOTO3.format("1.9.3", "6.1", "3.11.2")],
            "Boto3/1.9.3 to 1.26.90",
        ),
        (
            [
                "[Boto3/1.26.90 Python/3.9.16 Linux/5.10 Botocore/1.29.90]",
                "[Boto3/1.34.1 Python/3.9.16 Linux/5.10 Botocore/1.34.1 Resource]",
                "[Boto3/1.100.2 ua/2.1 os/macos#23 m/N,E exec-env/AWS_Lambda_python3.11 Botocore/1.34.1]",
            ],
            "Boto3/1.26.90 to 1.100.2",
        ),
        (["[Boto/2.6.0 (linux2)]", "[Boto/2.49.0 Python/3.11.7 Linux/6.18]"], "Boto/2.6.0 to 2.49.0"),
        (
            [JAVA.format("1.11.9", "4.14", "25.1"), JAVA.format("1.12.262", "5.10.2", "17")],
            "aws-sdk-java/1.11.9 to 1.12.262",
        ),
        (["[aws-sdk-java/1.7.4 Linux/4.9]", "[aws-sdk-java/1.7.4 Mac_OS_X/10]"], "aws-sdk-java/1.7.4"),
        (
            ["[aws-sdk-nodejs/2.1693.0 linux/v18.19.0 promise]", "[aws-sdk-nodejs/2.1.0 darwin/v16 callback]"],
            "aws-sdk-nodejs/2.1.0 to 2.1693.0",
        ),
        (
            ["[aws-sdk-go/1.15.11 (go1.11; linux; amd64)]", "[aws-sdk-go/1.44.1 (go1.20; darwin) S3Manager]"],
            "aws-sdk-go/1.15.11 to 1.44.1",
        ),
        (
            [
                "[docker-distribution/v2.7.1 go1.11.2 aws-sdk-go/1.15.11 (go1.11.2; linux; amd64)]",
                "[aws-sdk-go/1.34.9 (go1.15.6; linux; amd64) docker-distribution/v2.8.1 go1.16.15]",
            ],
            "aws-sdk-go/1.15.11 to 1.34.9, docker-distribution/v2.7.1 to v2.8.1",
        ),
        (
            ["[Hadoop 2.7.3, aws-sdk-java/1.7.4]", "[Hadoop 2.8.5, aws-sdk-java/1.7.4 Linux/4.14]"],
            "Hadoop/2.7.3 to 2.8.5, aws-sdk-java/1.7.4",
        ),
        (["[s3fs/1.79 (commit hash 194262c; GnuTLS)]", "[s3fs/1.86 (unknown)]"], "s3fs/1.79 to 1.86"),
        (["[rclone/v1.60.1-DEV]", "[rclone/v1.9.0]"], "rclone/v1.9.0 to v1.60.1-DEV"),
        (["[S3 Browser/8.1.15 (https://s3browser.com)]", "[S3 Browser/10.8.1]"], "S3 Browser/8.1.15 to 10.8.1"),
        (["[libdavix/0.8.4 libcurl/7.88.1]", "[libdavix/0.7.5 neon/0.0.29]"], "libdavix/0.7.5 to 0.8.4"),
        (["[acme-uploader/3.1]", "[acme-uploader/3.2]"], "acme-uploader/3.1 to 3.2"),
        (["[aws-cli/1.18.69 Python/3.8]", "[aws-cli/1.46.3 md/x ua/2.1]"], "aws-cli/1.18.69 to 1.46.3"),
        (
            ["[AWS SDK for .NET/1.5.17.0 .NET Runtime/4.0]", "[AWS SDK for .NET/1.4.0 .NET Framework/4.0]"],
            "AWS SDK for .NET/1.4.0 to 1.5.17.0",
        ),
        (
            [
                "[aws-sdk-java/1.12.500 Linux/5.10 com.amazonaws.services.s3.transfer.TransferManager/1.12.500]",
                "[aws-sdk-java/1.11.9 Linux/5.10 com.amazonaws.services.s3.transfer.MultipleFileUpload/1.11.9]",
                "[aws-sdk-java/unknown-version Linux/4.4 vendor/Azul_Systems,_Inc. cfg/retry-mode/legacy]",
            ],
            "aws-sdk-java/unknown-version to 1.12.500",
        ),
        (
            [
                "[ElasticMapReduce/1.0.0 emrfs/s3n user:hadoop,groups:[hadoop], aws-sdk-java/1.11.720 Linux/4.14]",
                "[ElasticMapReduce/1.0.0 emrfs/s3n user:root,groups:[root,wheel], aws-sdk-java/1.12.31]",
            ],
            "ElasticMapReduce/1.0.0, emrfs/s3n aws-sdk-java/1.11.720 to 1.12.31",
        ),
        (
            [
                "[aws-sdk-ruby3/3.191.4 ua/2.0 api/s3#1.146.0 os/linux lang/ruby#3.2.2]",
                "[aws-sdk-ruby3/3.90.0 ruby/2.6.5 x86_64-linux-musl aws-sdk-s3/1.60.1 resource]",
            ],
            "aws-sdk-ruby3/3.90.0 to 3.191.4",
        ),
        (
            [
                "[aws-sdk-cpp/1.7.0 Windows/10.0.17763.1 AMD64 MSVC/1916]",
                "[aws-sdk-cpp/1.9.100 Darwin/20.6.0 arm64 Clang/12.0.5]",
            ],
            "aws-sdk-cpp/1.7.0 to 1.9.100",
        ),
        (
            [
                "[aws-sdk-dotnet-coreclr/3.3.110 aws-sdk-dotnet-core/3.3.104 .NET_Core/4.6 TransferUtility]",
                "[aws-sdk-dotnet-coreclr/3.7.9.44 aws-sdk-dotnet-core/3.7.12.24 .NET_Core/6.0.10 OS/Linux]",
            ],
            "aws-sdk-dotnet-coreclr/3.3.110 to 3.7.9.44",
        ),
        (
            ["[aws-sdk-iOS/2.6.1 iOS/11.0 de_DE transfer-utility]", "[aws-sdk-iOS/2.27.6 iOS/16.2 en_US]"],
            "aws-sdk-iOS/2.6.1 to 2.27.6",
        ),
        (
            ["[aws-sdk-php2/2.8.30 Guzzle/3.9.3 ITR]", "[aws-sdk-php2/2.7.2 curl/7.38.0]"],
            "aws-sdk-php2/2.7.2 to 2.8.30",
        ),
        (["[libcurl/7.29.0 NSS/3.19 zlib/1.2.7]", "[libcurl/7.88.1]"], "libcurl/7.29.0 to 7.88.1"),
        (
            [
                "[MinIO (l) minio-go/v7.0.63 mc/RELEASE.2023-01-01T00-00-00Z]",
                "[MinIO minio-go/v6.0.14 mc/RELEASE.2019]",
            ],
            "MinIO minio-go/v6.0.14 to v7.0.63, mc/RELEASE.2019 to RELEASE.2023-01-01T00-00-00Z",
        ),
        (["[S3 Browser 7-6-9 https://s3browser.com]", "[S3 Browser/10.8.1]"], "S3 Browser/7-6-9 to 10.8.1"),
        (
            ["[python-requests/2.9.1 CPython/2.7.12 Linux/4.4.0]", "[python-requests/2.25.1]"],
            "python-requests/2.9.1 to 2.25.1",
        ),
        (
            ["[Apache-HttpClient/UNAVAILABLE (java 1.4)]", "[Apache-HttpClient/4.5.13 (Java/1.8.0)]"],
            "Apache-HttpClient/UNAVAILABLE to 4.5.13",
        ),
    ],
)
def test_versions_of_one_piece_of_software_are_one_client(agents: list[str], shown: str) -> None:
    assert software(*agents) == [(shown, len(agents))]


@pytest.mark.parametrize(
    "agents",
    [
        ["[Boto/2.49.0]", "[Boto3/1.26.90]"],
        ["[Boto3/1.4.4 Botocore/1.5.70]", "[Boto3/1.4.6 Botocore/1.5.71]"],
        ["[s3fs/1.86]", "[s3fs/1.88]"],
        ["[aws-cli/1.10.56]", "[aws-cli/1.46.3]", "[aws-cli/2.4.6]"],
        ["[aws-sdk-java/1.12.1]", "[aws-sdk-java/2.20.1]"],
        ["[aws-sdk-nodejs/2.1.0]", "[aws-sdk-nodejs/3.1.0]"],
        ["[aws-sdk-php/1.6.2]", "[aws-sdk-php2/2.8.31]", "[aws-sdk-php/3.240.0]"],
        ["[elasticsearch, aws-sdk-java/1.11.749]", "[aws-sdk-java/1.11.749]", "[MyApp, aws-sdk-java/1.11.749]"],
        ["[Boto3/1.9.188 django-storages]", "[Boto3/1.9.188]", "[Boto3/1.9.188 app/uploader]"],
        ["[Boto/2.38.0 Python/2.7.6 Linux/3.13 gsutil/4.68]", "[Boto/2.38.0 Python/2.7.6 Linux/3.13]"],
        ["[Mozilla/4.0 (Compatible; bacula; libs3 4.1)]", "[Mozilla/4.0 (Compatible; backup; libs3 4.1)]"],
        ["[Boto3/1.44.5 s3-sigv2-access-log/verify]", "[Boto3/1.44.5]"],
        ["[curl/8.5.0]", "[Wget/1.21.2]", "[]"],
        ["[<b>evil</b>/1]", "[<b>evil</b>/2]"],
    ],
)
def test_other_software_or_another_fix_is_another_client(agents: list[str]) -> None:
    assert len(software(*agents)) == len(agents)


def test_all_browsers_that_follow_a_link_are_one_client_and_programs_are_others() -> None:
    agents = [
        "[Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36]",
        "[Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0]",
        "[Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727)]",
        "[Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)]",
        "[Mozilla/5.0 (X11) AppleWebKit/537.36 acme-desktop/3.1 Chrome/120 Safari/537.36]",
        "[curl/8.5.0]",
    ]
    assert software(*agents, method="QueryString") == [
        ("Googlebot/2.1", 1),
        ("acme-desktop/3.1", 1),
        ("curl/8.5.0", 1),
        ("web browsers", 3),
    ]


def test_what_is_in_one_row_has_one_fix() -> None:
    for method in ("AuthHeader", "QueryString", "HtmlForm"):
        fixed: Counter[str] = Counter()
        for client in ranked_clients(agent(text, method) for text in AGENTS):
            fixed[client.fix.client] += client.requests
        assert fixed == Counter(fix_for(text.removeprefix("[").removesuffix("]"), method).client for text in AGENTS)


@given(st.text(), st.text())
def test_any_text_is_an_agent_and_no_request_is_lost(one: str, other: str) -> None:
    clients = ranked_clients([agent(one), agent(other)])
    assert sum(client.requests for client in clients) == 2


def test_the_key_of_a_client_is_the_same_in_a_report_on_another_time() -> None:
    (before,) = ranked_clients([session("i-0abcd1234ef567890", **{USER_AGENT: "[Boto/2.38.0]"})])
    (after,) = ranked_clients(
        [session(f"i-0abcd1234ef56789{number}", **{USER_AGENT: f"[Boto/2.4{number}.0]"}) for number in range(3)]
    )
    assert before.key == after.key
    assert before.principal != after.principal
    (other,) = ranked_clients([session("alice")])
    assert other.key != before.key


INSTANCES = ["i-0abcd1234ef567890", "i-0abcd1234ef567891"]
ISSUED = {ISSUER: "arn:aws:iam::123456789012:role/team/etl"}
OLD_AND_NEW = [
    session(name, **{USER_AGENT: f"[Boto/2.{minor}.0 Python/2.7 Linux/4.{minor}]", **ISSUED})
    for name in INSTANCES
    for minor in (38, 49)
]
TOLD = ("principal", "arn", "principalId", "userAgent", "software", "sessions", "userAgents", "requests")


def told(rows: Iterable[dict[str, str]], by: str) -> list[tuple[object, ...]]:
    return [tuple(record[key] for key in TOLD) for record in report(rows, by).records]


def test_a_record_of_many_sessions_tells_of_their_role_and_how_many_there_are() -> None:
    assert told(OLD_AND_NEW, "client") == [
        (
            "etl / i-* (2 sessions)",
            "arn:aws:iam::123456789012:role/team/etl",
            "AROAEXAMPLE",
            "Boto/2.38.0 to 2.49.0",
            "Boto/2.38.0 to 2.49.0",
            2,
            2,
            4,
        )
    ]


def test_where_the_role_is_not_logged_its_arn_is_that_of_any_session() -> None:
    (record,) = report([row | {ISSUER: ""} for row in OLD_AND_NEW]).records
    assert record["arn"] == f"{ROLE}/i-*"


def test_by_session_each_session_is_a_line() -> None:
    span = "Boto/2.38.0 to 2.49.0"
    assert told(OLD_AND_NEW, "session") == [
        (f"etl / {name}", f"{ROLE}/{name}", f"AROAEXAMPLE:{name}", span, span, 1, 2, 2) for name in INSTANCES
    ]


def test_by_agent_each_user_agent_is_a_line_and_whole() -> None:
    arn, role = "arn:aws:iam::123456789012:role/team/etl", "etl / i-* (2 sessions)"
    agents = [f"Boto/2.{minor}.0 Python/2.7 Linux/4.{minor}" for minor in (38, 49)]
    assert told(OLD_AND_NEW, "agent") == [(role, arn, "AROAEXAMPLE", text, text, 2, 1, 2) for text in agents]


@pytest.mark.parametrize("by", CLIENT_VIEWS)
def test_every_view_of_clients_can_be_judged_and_lets_the_probes_of_this_project_be(by: str) -> None:
    probes = [session(name, **{USER_AGENT: "[Boto3/1.44.5 s3-sigv2-access-log/verify]"}) for name in INSTANCES]
    of_somebody = [session(name, **{USER_AGENT: "[Boto3/1.44.5]", BUCKET: "example-media"}) for name in INSTANCES]
    asked = report([*probes, *of_somebody], by)
    assert asked.title == "Who still signs with SigV2"
    assert asked.requests == 4
    assert {(one["bucket"], one["software"]) for one in asked.offenders} == {("example-media", "Boto3/1.44.5")}
    assert asked.of_bucket("example-media").requests == 2
    assert report(probes, by).offenders == []


def test_an_agent_that_nothing_is_known_of_is_told_whole() -> None:
    hostile = "<script>alert(1)</script> =cmd|x \x1b[31m"
    told_of = [agent(f"[{text}]") for text in (hostile, "acme-uploader/3.1 (by bob)", "Boto/2.49.0 Python/2.7.18")]
    assert sorted(record["software"] for record in report(told_of).records) == sorted(
        [hostile, "acme-uploader/3.1 (by bob)", "Boto/2.49.0"]
    )


@pytest.mark.parametrize("by", CLIENT_VIEWS)
def test_the_temporary_keys_of_a_session_are_read_as_one_however_clients_are_looked_at(by: str) -> None:
    collector = Collector([query_of(by).by_place()])
    for number in range(3):
        identity = {"arn": f"{ROLE}/nightly-job", "accessKeyId": f"ASIAEXAMPLE{number}"}
        collector.add(number, LoggedEvent(number, {"detail": {"userIdentity": identity}}))
    (groups,) = collector.take().groups
    assert len(groups.keys) == 1


def test_the_ticket_of_a_role_is_the_same_one_however_many_sessions_there_were_and_where() -> None:
    here, there = ({**row, BUCKET: bucket} for row, bucket in ((OLD_AND_NEW[0], "here"), (OLD_AND_NEW[-1], "there")))
    of_one, of_many = (tickets_of(report(rows), []) for rows in ([here], [here, there, *OLD_AND_NEW]))
    assert [ticket.file_name for ticket in of_one] == [ticket.file_name for ticket in of_many]
    assert all(f"| {bucket} |" in of_many[0].text for bucket in ("here", "there"))
