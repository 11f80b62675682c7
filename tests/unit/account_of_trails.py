"""An account with trails, policies and rules that a program under mocks can ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.unit.conftest import ACCOUNT, Recorder


def covering(*prefixes: str, **condition: list[str]) -> dict[str, Any]:
    """An advanced event selector for all objects whose ARNs start with these, and any more conditions."""
    fields: list[dict[str, Any]] = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    if prefixes:
        fields.append({"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{prefix}" for prefix in prefixes]})
    fields += [{"Field": name, "Equals": values} for name, values in condition.items()]
    return {"FieldSelectors": fields}


@dataclass
class MadeTrail:
    """A trail as somebody made it."""

    name: str
    selectors: list[dict[str, Any]] = field(default_factory=lambda: [covering()])
    region: str = "us-east-1"
    account_id: str = ACCOUNT
    everywhere: bool = True
    is_logging: bool = True
    of_organization: bool = False
    bucket: str = "somebodys-log-files"

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{self.account_id}:trail/{self.name}"


def refused(operation: str, code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"you may not call {operation}"}}, operation)


@dataclass
class AskedAccount(Recorder):
    """A recorder whose program can ask the account, too."""

    trails: list[MadeTrail] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    rules: Mapping[str, list[str]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def refuse(self, operation: str) -> ClientError:
        return refused(operation)

    def aws_client(self, service: str, region: str) -> Any:
        return _Client(self, service, region)


@dataclass
class _Client:
    _account: AskedAccount
    _service: str
    _region: str

    def _asks(self, operation: str) -> None:
        self._account.asked.append(f"{self._service}:{operation} in {self._region}")
        if operation in self._account.denied:
            raise self._account.refuse(operation)

    def describe_trails(self, *, includeShadowTrails: bool) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        self._asks("DescribeTrails")
        assert includeShadowTrails
        return {
            "trailList": [
                {
                    "Name": trail.name,
                    "TrailARN": trail.arn,
                    "HomeRegion": trail.region,
                    "S3BucketName": trail.bucket,
                    "IsMultiRegionTrail": trail.everywhere,
                    "IsOrganizationTrail": trail.of_organization,
                }
                for trail in self._account.trails
                if trail.everywhere or trail.region == self._region
            ]
        }

    def get_trail_status(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - as above
        self._asks("GetTrailStatus")
        return {"IsLogging": self._trail(Name).is_logging}

    def get_event_selectors(self, *, TrailName: str) -> dict[str, Any]:  # noqa: N803 - as above
        self._asks("GetEventSelectors")
        trail = self._trail(TrailName)
        if trail.account_id != ACCOUNT:
            raise self._account.refuse("GetEventSelectors")
        advanced = "FieldSelectors" in trail.selectors[0]
        return {"AdvancedEventSelectors" if advanced else "EventSelectors": trail.selectors}

    def describe_resource_policies(self) -> dict[str, Any]:
        self._asks("DescribeResourcePolicies")
        return {"resourcePolicies": [{"policyName": name} for name in self._account.policies]}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_rules"
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        self._asks("ListRules")
        yield {"Rules": [{"Name": name} for name in self._account.rules.get(self._region, ())]}

    def _trail(self, arn: str) -> MadeTrail:
        (trail,) = (trail for trail in self._account.trails if trail.arn == arn)
        # Where alone a trail's selectors are told.
        assert trail.region == self._region
        return trail
