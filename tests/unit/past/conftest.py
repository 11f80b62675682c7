"""Log files written as AWS documents them."""

import gzip
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blueprint.queries import SavedQuery, saved_query
from sigv2.period import Period
from sigv2.report.past.file_reader import FileReader
from sigv2.report.past.findings import Findings
from sigv2.report.past.log_file import LogFile

PERIOD = Period(datetime(2026, 11, 19, 8, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC))
SAMPLE = json.loads((Path(__file__).parents[2] / "samples" / "get-object-iam-user-refused.json").read_text())["detail"]
TRAIL = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/"
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
HOST_ID = "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="


def record(number: int, signature: str = "SigV2", **changed: Any) -> dict[str, Any]:
    """A CloudTrail record of a request to S3."""
    data = {**SAMPLE["additionalEventData"], "SignatureVersion": signature}
    return {**SAMPLE, "eventID": f"00000000-0000-4000-8000-{number:012}", "additionalEventData": data, **changed}


def trail_file(records: Iterable[Mapping[str, Any]], **how: Any) -> bytes:
    """A log file of CloudTrail, not compressed; without blanks unless told."""
    return json.dumps({"Records": list(records)}, **({"separators": (",", ":")} | how)).encode()


def trail_name(number: int, day: str = "20261120") -> str:
    return f"111122223333_CloudTrail_us-east-1_{day}T0815Z_{number:016}.json.gz"


def line(signature: str = "SigV2", *, agent: str = "Boto/2.49.0", key: str = "photos/a.jpg", number: int = 1) -> str:
    """A line of an access log, of 26 fields."""
    return (
        f"{OWNER} log-bucket [20/Nov/2026:10:00:01 +0000] 192.0.2.3 arn:aws:iam::111122223333:user/etl {number:016X} "
        f'REST.GET.OBJECT {key} "GET /log-bucket/{key} HTTP/1.1" 200 - 113 113 7 6 "-" "{agent}" - {HOST_ID} '
        f"{signature} ECDHE-RSA-AES128-GCM-SHA256 AuthHeader log-bucket.s3.amazonaws.com TLSv1.2 - -"
    )


def written(path: Path, text: bytes, *, compressed: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text) if compressed else text)
    return path


def found_in(*files: Path, query: SavedQuery | None = None, period: Period = PERIOD) -> Findings:
    queries = [query or saved_query("client")]
    findings = Findings(queries)
    read = [LogFile(str(file), file.name, file.stat().st_size) for file in files]
    for batch in FileReader(queries, period).read(read):
        findings.add(batch)
    return findings


def requests_in(findings: Findings) -> int:
    return sum(int(row["requests"]) for row in findings.tallies[0].rows())


def opened(text: bytes) -> io.BytesIO:
    return io.BytesIO(text)
