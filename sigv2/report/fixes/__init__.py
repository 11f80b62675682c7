"""How to fix a client: tables of data by what it is known by, each fix with what to do and who says so."""

from functools import lru_cache
from typing import Final

from sigv2.report.fixes.aws_sdks import AWS_SDKS
from sigv2.report.fixes.fix import AWS_VERSIONS, Agent, Fix
from sigv2.report.fixes.handmade import HANDMADE
from sigv2.report.fixes.libraries import LIBRARIES
from sigv2.report.fixes.presigned import PRESIGNED
from sigv2.report.fixes.programs import NAMED_PROGRAMS, PROGRAMS

__all__ = ["FIXES", "OWN_PROBE", "UNKNOWN", "Fix", "fix_for"]

OWN_PROBE: Final = Fix(
    client="a probe of this project",
    in_short="nothing: it was `discover` or `verify`",
    how=(
        "The agent says that {signer} ran `python -m sigv2 discover` or `verify`, to learn whether SigV2 passes. It "
        "counts for nobody. An agent can lie: if nobody of yours ran these commands, look for who else does."
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html",
    starts=r"(?s:.* )?s3-sigv2-access-log/(?:discover|verify)\Z",
)

UNKNOWN: Final = Fix(
    client="unknown",
    in_short="upgrade it, or have it sign with SigV4",
    how=(
        "No known client: ask who runs {signer}, or look where it comes from with `--by source`; then upgrade it "
        "or configure Signature Version 4."
    ),
    source=AWS_VERSIONS,
)

FIXES: Final = (OWN_PROBE, *PRESIGNED, *PROGRAMS, *LIBRARIES, *AWS_SDKS, *NAMED_PROGRAMS, *HANDMADE, UNKNOWN)
"""The first that applies is the one. A program that names itself comes before the library or SDK that it is built on
and that its agent may name, too; a plain HTTP library comes last, as it says nothing of who signs."""


# A report has the same few agents with many principals and buckets.
@lru_cache(maxsize=4096)
def fix_for(user_agent: str, method: str) -> Fix:
    """How to fix a client.

    Args:
        user_agent: without CloudTrail's brackets.
        method: `AuthHeader`, `QueryString` or `HtmlForm`.
    """
    agent = Agent.of(user_agent)
    return next(fix for fix in FIXES if fix.applies_to(agent, method))
