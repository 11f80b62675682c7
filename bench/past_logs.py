"""Speed and memory of `report --from`, beside what decompresses alone and what else could read such files.

Makes CloudTrail files of varied records, compressed about 7 to 1: in the common case one file in ten has SigV2 records,
in the worst every file; and server access logs. All rates are of text, in MB/s; each is the best of some rounds, but
for DuckDB and json.loads, which read a part of the files. Memory is that of all processes of one report at its peak.

    python bench/past_logs.py [--megabytes 200] [--rounds 3]
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isal import isal_zlib
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from blueprint.queries import saved_query  # noqa: E402 - found only now
from sigv2.period import Period  # noqa: E402
from sigv2.report.past.decompression import pieces_of  # noqa: E402
from sigv2.report.past.findings import Findings  # noqa: E402
from sigv2.report.past.local_files import LocalFiles  # noqa: E402
from sigv2.report.past.reading_processes import read_all  # noqa: E402

PERIOD = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
RECORDS_OF_A_FILE = 1500
LINES_OF_A_FILE = 8000
SLOW_BYTES = 40 << 20
SQL = """
select count(*) from (select unnest(Records) as r from read_json({files}, maximum_object_size=1000000000,
    columns={{Records: 'struct(eventSource varchar, additionalEventData struct(SignatureVersion varchar))[]'}}))
where r.additionalEventData.SignatureVersion = 'SigV2'
"""


def record(chance: random.Random, signature: str) -> dict[str, Any]:
    """A record of a request by one of many sessions for one of many objects."""

    def digits(count: int) -> str:
        return f"{chance.getrandbits(4 * count):0{count}x}"

    bucket, role = f"bucket-{chance.randrange(40)}", f"role-{chance.randrange(20)}"
    key, instance, account = f"data/{chance.randrange(9)}/{digits(12)}.parquet", f"i-{digits(17)}", "111122223333"
    host = f"{bucket}.s3.us-east-1.amazonaws.com"
    principal = f"AROA{digits(16).upper()}"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"{principal}:{instance}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{instance}",
            "accountId": account,
            "accessKeyId": f"ASIA{digits(16).upper()}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": f"arn:aws:iam::{account}:role/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-11-20T08:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-11-20T{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": chance.choice(["GetObject", "PutObject", "HeadObject", "ListObjects"]),
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"10.0.{chance.randrange(256)}.{chance.randrange(256)}",
        "userAgent": f"[aws-sdk-java/2.20.{chance.randrange(60)} Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0 io/sync]",
        "requestParameters": {"bucketName": bucket, "Host": host, "key": key},
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": signature,
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": digits(76),
            "bytesTransferredOut": chance.randrange(10**7),
        },
        "requestID": digits(16).upper(),
        "eventID": str(uuid.UUID(int=chance.getrandbits(128))),
        "readOnly": True,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": account,
        "eventCategory": "Data",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": host,
        },
    }


def make_trail(folder: Path, size: int, every: int) -> int:
    """Make CloudTrail files of so many bytes of text, every so many of them with SigV2; how many bytes there are."""
    chance, made, number = random.Random(size), 0, 0  # noqa: S311 - no secret
    while made < size:
        signed = ("SigV2" if number % every == 0 and row % 150 == 7 else "SigV4" for row in range(RECORDS_OF_A_FILE))
        text = json.dumps({"Records": [record(chance, how) for how in signed]}, separators=(",", ":")).encode()
        name = f"111122223333_CloudTrail_us-east-1_20261120T1000Z_{number:016}.json.gz"
        (folder / name).write_bytes(gzip.compress(text, 6))
        made, number = made + len(text), number + 1
    return made


def make_access_logs(folder: Path, size: int) -> int:
    """Make access logs of so many bytes, one file in ten with SigV2; how many bytes there are."""
    chance, made, number = random.Random(size), 0, 0  # noqa: S311 - no secret
    while made < size:
        lines = []
        for row in range(LINES_OF_A_FILE):
            how = "SigV2" if number % 10 == 0 and row % 150 == 7 else "SigV4"
            key = f"photos/{chance.getrandbits(48):012x}.jpg"
            lines.append(
                f"{'79a59df900b949e5' * 4} log-bucket [20/Nov/2026:10:{row % 60:02}:01 +0000] 192.0.2.{row % 256} "
                f"arn:aws:iam::111122223333:user/etl{row % 20} {chance.getrandbits(64):016X} REST.GET.OBJECT {key} "
                f'"GET /log-bucket/{key} HTTP/1.1" 200 - 113 113 7 6 "-" "Boto/2.49.0 Python/2.7.18" - '
                f"{chance.getrandbits(304):076x} {how} ECDHE-RSA-AES128-GCM-SHA256 AuthHeader "
                "log-bucket.s3.amazonaws.com TLSv1.2 - -\n"
            )
        text = "".join(lines).encode()
        (folder / f"2026-11-20-10-00-00-{number:016X}").write_bytes(text)
        made, number = made + len(text), number + 1
    return made


def report_on(folder: Path, processes: int) -> Findings:
    """What `report --from` does before it writes anything."""
    findings = Findings([saved_query("client")])
    for batch, _, _ in read_all(LocalFiles(folder, PERIOD).files(), [saved_query("client")], PERIOD, processes):
        if batch:
            findings.add(batch)
    return findings


def requests_in(findings: Findings) -> int:
    """How many SigV2 requests were found, those included that are of too many kinds to tell apart."""
    (tally,) = findings.tallies
    return tally.beyond + sum(int(row["requests"]) for row in tally.rows())


def decompress(files: Sequence[Path]) -> None:
    """What igzip takes alone, in one piece a file as its own function does."""
    for file in files:
        isal_zlib.decompress(file.read_bytes(), wbits=31)


def decompress_in_pieces(files: Sequence[Path]) -> None:
    """What igzip takes alone, in pieces that stay in the cache, as the report reads."""
    for file in files:
        with file.open("rb") as opened:
            for _ in pieces_of(opened):
                pass


def count_plainly(files: Sequence[Path]) -> int:
    """What json.loads finds."""
    records = (one for file in files for one in json.loads(gzip.decompress(file.read_bytes()))["Records"])
    return sum(1 for one in records if one["additionalEventData"]["SignatureVersion"] == "SigV2")


def count_with_duckdb(files: Sequence[Path]) -> int:
    """What DuckDB finds, on one core."""
    import duckdb  # noqa: PLC0415 - this module is imported by each process that reads

    connection = duckdb.connect(config={"threads": 1})
    found = connection.execute(SQL.format(files=[str(file) for file in files])).fetchone()
    assert found is not None
    return int(found[0])


def best(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of some rounds."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def processes_below(pid: int) -> Iterator[int]:
    """A process and all that it began."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from processes_below(int(child))


def peak_memory(command: Sequence[str]) -> float:
    """The most MiB that all processes of a command had at once, each page that they share counted once."""
    import subprocess  # noqa: PLC0415 - only here

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        most, ended = 0, threading.Event()
        while process.poll() is None:
            kilobytes = 0
            for pid in _alive(process.pid):
                try:
                    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                except OSError:
                    continue
                kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            most = max(most, kilobytes)
            ended.wait(0.02)
    return most / 1024


def _alive(pid: int) -> list[int]:
    try:
        return list(processes_below(pid))
    except OSError:
        return []


def measure(shown: Table, case: str, folder: Path, size: int, rounds: int) -> None:
    """Add a row for each way to read a folder of CloudTrail files."""
    files = sorted(folder.iterdir())
    few = files[: max(1, len(files) * SLOW_BYTES // size)]
    part = sum(len(gzip.decompress(file.read_bytes())) for file in few)
    assert requests_in(report_on(folder, 2)) == count_plainly(files)
    assert count_with_duckdb(few) == count_plainly(few)
    rates = {
        "igzip alone": size / best(rounds, lambda: decompress(files)),
        "igzip alone, in pieces": size / best(rounds, lambda: decompress_in_pieces(files)),
        "report, one core": size / best(rounds, lambda: report_on(folder, 1)),
        "report, two cores": size / best(rounds, lambda: report_on(folder, 2)),
        "json.loads": part / best(1, lambda: count_plainly(few)),
        "DuckDB, one core": part / best(1, lambda: count_with_duckdb(few)),
    }
    for name, rate in rates.items():
        ratios = (rate / rates[other] for other in ("igzip alone", "json.loads", "DuckDB, one core"))
        shown.add_row(case, name, f"{rate / 1e6:,.0f}", *(f"{ratio:.2f}" for ratio in ratios))


def main() -> None:
    """Make the files, measure, and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--megabytes", type=int, default=200, help="of text, in each case; 2000 for a real trial")
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    shown = Table(title=f"report --from, {asked.megabytes} MB of text in each case", title_justify="left")
    for column in ("Case", "Reader", "MB/s", "Times igzip", "Times json", "Times DuckDB"):
        shown.add_column(column, justify="left" if column in ("Case", "Reader") else "right", no_wrap=True)
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made:
        for case, every in (("one file in ten", 10), ("every file", 1)):
            folder = Path(made) / case.replace(" ", "-")
            folder.mkdir()
            size = make_trail(folder, asked.megabytes * 10**6, every)
            measure(shown, case, folder, size, asked.rounds)
            command = [sys.executable, "-m", "sigv2", "report", "--since", "99w", "--from", str(folder)]
            memory[case] = peak_memory(command)
        folder = Path(made) / "access-logs"
        folder.mkdir()
        size = make_access_logs(folder, asked.megabytes * 10**6)
        for processes in (1, 2):
            rate = size / best(asked.rounds, lambda count=processes: report_on(folder, count))  # type: ignore[misc]
            shown.add_row("access logs", f"report, {processes} core{'s' * (processes > 1)}", f"{rate / 1e6:,.0f}")
        memory["access logs"] = peak_memory([*command[:-1], str(folder)])
    console = Console(width=120)
    console.print(shown)
    for case, mebibytes in memory.items():
        console.print(f"Peak memory of all processes, {case}: {mebibytes:.0f} MiB")


if __name__ == "__main__":
    main()
