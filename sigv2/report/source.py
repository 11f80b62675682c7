"""Where a report's records come from."""

from collections.abc import Sequence
from typing import Protocol

from blueprint.queries import SavedQuery
from sigv2.period import Period
from sigv2.report.reports import Report


class Source(Protocol):
    """Something that queries can be asked of, as often as it takes."""

    @property
    def options(self) -> Sequence[str]:
        """What has `report` ask it again, whoever runs it."""

    def ask(self, queries: Sequence[SavedQuery], period: Period) -> list[Report]:
        """Answer queries about a time.

        Args:
            queries: what to ask, of all Regions and accounts together; each is asked of each.
            period: about what time.

        Returns:
            A report for each query, with the doubts that there are about it.

        Raises:
            QueryError: there is no answer.
            botocore.exceptions.ClientError: AWS refuses.
            botocore.exceptions.BotoCoreError: AWS cannot be asked.
        """
