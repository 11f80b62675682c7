"""Which events reach the log: what the program registers, worked out as the sandbox delivers, without any server."""

import json
from collections.abc import Mapping
from typing import Any
from unittest.mock import MagicMock

from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.selector_coverage import covers
from blueprint.sigv2_regions import SIGV2_REGIONS
from sigv2.sandbox.deploying.create_pipeline import advanced_event_selector
from sigv2.sandbox.observing.deployment import (
    Deployment,
    LogGroup,
    Queue,
    RegionOfAccount,
    Rule,
    RuleTarget,
    TargetRole,
    Trail,
)
from sigv2.sandbox.observing.event_bus import EventBus
from tests.unit.conftest import ACCOUNT, Deployed, Recorder, deploy_program

SPOKE, STRANGER = "210987654321", "333333333333"
HOME = "us-east-1"
REGIONS = st.sampled_from(SIGV2_REGIONS["aws"])
BUCKETS = st.dictionaries(
    st.sampled_from([f"{team}-{kind}" for team in ("red", "blue", "green") for kind in ("logs", "media", "site")]),
    st.tuples(st.sampled_from([ACCOUNT, SPOKE, STRANGER]), REGIONS, st.booleans()),
)
"""Buckets with owner, Region, and whether they are to be watched."""


def deployed_in(account_id: str, lie_in: Mapping[str, str], **configuration: str) -> tuple[Deployed, str]:
    def get_bucket(arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"bucketRegion": lie_in[arguments["bucket"]]}

    recorder = Recorder("aws", HOME, account_id, answers={"aws:s3/getBucket:getBucket": get_bucket})
    return deploy_program(configuration, recorder=recorder), account_id


def deployment_of(*stacks: tuple[Deployed, str]) -> Deployment:
    """What the registrations amount to once they are made."""
    parts = [_part(deployed, account_id) for deployed, account_id in stacks]
    return Deployment(
        trails=tuple(trail for part in parts for trail in part.trails),
        rules=tuple(rule for part in parts for rule in part.rules),
        log_groups={arn: group for part in parts for arn, group in part.log_groups.items()},
        queues={arn: queue for part in parts for arn, queue in part.queues.items()},
        bucket_policies={},
        event_buses={arn: policy for part in parts for arn, policy in part.event_buses.items()},
        roles={arn: role for part in parts for arn, role in part.roles.items()},
    )


def _part(deployed: Deployed, account_id: str) -> Deployment:
    def arn(service: str, resource: str, inputs: Mapping[str, Any]) -> str:
        return f"arn:aws:{service}:{inputs.get('region', HOME)}:{account_id}:{resource}"

    def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return all(one.get(key) == other.get(key) for key in ("region", "eventBusName"))

    found = {
        kind: [r.inputs for r in deployed.all(kind)] for kind in ("EventRule", "EventTarget", "LogGroup", "EventBus")
    }
    rules = [
        Rule(
            name=rule["name"],
            event_bus=rule.get("eventBusName", "default"),
            arn=arn("events", "/".join(filter(None, ("rule", rule.get("eventBusName"), rule["name"]))), rule),
            state=rule["state"],
            pattern=rule["eventPattern"],
            targets=tuple(
                RuleTarget(t["targetId"], t["arn"], t.get("roleArn"), t["deadLetterConfig"]["arn"], has_input=False)
                for t in found["EventTarget"]
                if t["rule"] == rule["name"] and same(t, rule)
            ),
        )
        for rule in found["EventRule"]
    ]
    return Deployment(
        trails=tuple(
            Trail(
                name=trail.inputs["name"],
                arn=arn("cloudtrail", f"trail/{trail.inputs['name']}", trail.inputs),
                bucket="",
                prefix="",
                is_logging=True,
                is_multi_region=trail.inputs["isMultiRegionTrail"],
                selectors=tuple(map(advanced_event_selector, trail.inputs["advancedEventSelectors"])),
            )
            for trail in deployed.all("Trail")
        ),
        rules=tuple(rules),
        log_groups={
            arn("logs", f"log-group:{group['name']}", group): LogGroup(
                group["name"], tuple(json.loads(p.inputs["policyDocument"]) for p in deployed.all("LogResourcePolicy"))
            )
            for group in found["LogGroup"]
        },
        queues={
            json.loads(policy.inputs["policy"])["Statement"][0]["Resource"]: Queue(
                "", json.loads(policy.inputs["policy"])
            )
            for policy in deployed.all("QueuePolicy")
        },
        bucket_policies={},
        event_buses={
            arn("events", f"event-bus/{bus['name']}", bus): json.loads(deployed.the("EventBusPolicy").inputs["policy"])
            for bus in found["EventBus"]
        },
        roles={
            f"arn:aws:iam::{account_id}:role/{role.inputs['name']}": TargetRole(
                json.loads(role.inputs["assumeRolePolicy"]),
                (json.loads(deployed.the("RolePolicy").inputs["policy"]),),
            )
            for role in deployed.all("Role")
        },
    )


def event_of(bucket: str, place: RegionOfAccount) -> dict[str, Any]:
    arn = f"arn:aws:s3:::{bucket}"
    record = {
        "eventCategory": "Data",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventType": "AwsApiCall",
        "readOnly": True,
        "managementEvent": False,
        "userIdentity": {"arn": f"arn:aws:iam::{place.account_id}:user/ann"},
        "resources": [{"type": "AWS::S3::Object", "ARN": f"{arn}/key"}, {"type": "AWS::S3::Bucket", "ARN": arn}],
        "additionalEventData": {"SignatureVersion": "SigV2"},
        "awsRegion": place.region,
        "recipientAccountId": place.account_id,
    }
    return {
        "source": "aws.s3",
        "detail-type": "AWS API Call via CloudTrail",
        "account": place.account_id,
        "region": place.region,
        "time": "2026-11-26T10:00:00Z",
        "detail": record,
        "bucket": bucket,
    }


def reaching_the_log(deployment: Deployment, buckets: Mapping[str, RegionOfAccount]) -> list[str]:
    """Of one request to each bucket, those that are put into a log group, sorted."""
    logged: list[str] = []
    errors: list[Exception] = []
    bus = EventBus(
        MagicMock(), RegionOfAccount(ACCOUNT, HOME), lambda event: logged.append(str(event["bucket"])), errors.append
    )
    for bucket, place in buckets.items():
        event = event_of(bucket, place)
        seen = [trail for trail in deployment.trails if trail.sees(place) and covers(trail.selectors, event["detail"])]
        if seen:
            bus.deliver(deployment, place, [event])
    assert errors == []
    return sorted(logged)


@settings(max_examples=10)
@given(BUCKETS, st.booleans())
def test_exactly_the_buckets_that_stacks_watch_reach_the_log_if_their_account_is_accepted(
    buckets: dict[str, tuple[str, str, bool]], accepted: bool
) -> None:
    regions = {"hubs-own": HOME, **{bucket: region for bucket, (_, region, _) in buckets.items()}}
    places = {bucket: RegionOfAccount(account, region) for bucket, (account, region, _) in buckets.items()}
    watched = {
        owner: [bucket for bucket, (account, _, is_watched) in buckets.items() if is_watched and account == owner]
        for owner in (ACCOUNT, SPOKE)
    }
    hub = deployed_in(
        ACCOUNT,
        regions,
        targetBuckets=",".join(["hubs-own", *watched[ACCOUNT]]),
        acceptFrom=SPOKE if accepted else STRANGER,
    )
    stacks = [hub]
    if watched[SPOKE]:
        targets, bus = ",".join(watched[SPOKE]), hub[0].outputs["eventBusArn"]
        stacks.append(deployed_in(SPOKE, regions, targetBuckets=targets, forwardTo=bus))

    meant = [*watched[ACCOUNT], *(watched[SPOKE] if accepted else [])]
    assert reaching_the_log(deployment_of(*stacks), places) == sorted(meant)


@settings(max_examples=6)
@given(BUCKETS, st.sets(REGIONS))
def test_of_a_pattern_exactly_what_lies_in_the_regions_of_the_settings_reaches_the_log(
    buckets: dict[str, tuple[str, str, bool]], regions: set[str]
) -> None:
    stack = deployed_in(ACCOUNT, {}, targetBuckets="red-*", regions=",".join(sorted(regions)))
    places = {bucket: RegionOfAccount(account, region) for bucket, (account, region, _) in buckets.items()}
    meant = [
        bucket
        for bucket, place in places.items()
        if bucket.startswith("red-") and place.account_id == ACCOUNT and place.region in {HOME, *regions}
    ]
    assert reaching_the_log(deployment_of(stack), places) == sorted(meant)
