"""Buckets of three Regions and two accounts, watched by a hub and by a stack that forwards to it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sigv2.sandbox.demo import read_log
from sigv2.sandbox.deploying.create_s3 import make_bucket
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Credentials
from sigv2.stack import read_stack_files
from tests.sandbox.s3_clients import s3_client

HUB, SPOKE = "123456789012", "210987654321"
HUB_BASE, SPOKE_BASE = "s3-sigv2-access-log-dev", "s3-sigv2-access-log-team"
BUCKETS = {
    "logs-use1": (HUB, "us-east-1"),
    "media-euw1": (HUB, "eu-west-1"),
    "site-apne1": (HUB, "ap-northeast-1"),
    "team-use1": (SPOKE, "us-east-1"),
    "team-euw1": (SPOKE, "eu-west-1"),
}


@dataclass(frozen=True)
class Places:
    """An emulator with both stacks in it, and a user of each account."""

    emulator: Emulator
    hub: dict[str, Any]
    spoke: dict[str, Any]
    users: dict[str, Credentials]

    def request(self, bucket: str, version: str = "s3") -> str:
        """Ask for an object of a bucket, and return its key."""
        account, region = BUCKETS[bucket]
        s3 = s3_client(self.emulator, self.users[account], version, region)
        with pytest.raises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket=bucket, Key=f"key-of-{bucket}")
        s3.close()
        return f"key-of-{bucket}"

    def logged(self) -> Counter[tuple[str, str, str]]:
        """Account, Region and bucket of each event in the hub's log group, once all is delivered."""
        self.emulator.settle()
        return Counter(
            (event["account"], event["region"], event["detail"]["requestParameters"]["bucketName"])
            for event in read_log(self.emulator.client, self.hub["logGroupName"])
        )

    def dead_letters(self) -> Counter[tuple[str, str, str, str]]:
        """Account and Region of the queue, bucket and error code of each event that waits undelivered."""
        self.emulator.settle()
        found: Counter[tuple[str, str, str, str]] = Counter()
        for account, region in sorted(set(BUCKETS.values())):
            sqs = self.emulator.client.of(account, region)("sqs")
            for url in sqs.list_queues().get("QueueUrls", []):
                answer = sqs.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
                )
                for message in answer.get("Messages", []):
                    bucket = json.loads(message["Body"])["detail"]["requestParameters"]["bucketName"]
                    code = message["MessageAttributes"]["ERROR_CODE"]["StringValue"]
                    found[account, region, bucket, code] += 1
        return found


def expected(buckets: Iterable[str]) -> Counter[tuple[str, str, str]]:
    """What is in the log when one request to each of some buckets is."""
    return Counter((*BUCKETS[bucket], bucket) for bucket in buckets)


def deploy_everywhere(emulator: Emulator) -> Places:
    """Deploy both stacks by the real program."""
    second = emulator.client.of(SPOKE, emulator.region)
    clients = {HUB: emulator.client, SPOKE: second}
    for bucket, (account, region) in BUCKETS.items():
        make_bucket(clients[account].in_region(region)("s3"), bucket)
    targets = {
        account: ",".join(bucket for bucket, (owner, _) in BUCKETS.items() if owner == account) for account in clients
    }
    hub = deploy(
        read_stack_files("dev", [f"targetBuckets={targets[HUB]}", f"acceptFrom={SPOKE}"]),
        emulator.client,
    )
    forwarding = read_stack_files("dev", [f"targetBuckets={targets[SPOKE]}", f"forwardTo={hub['eventBusArn']}"])
    spoke = deploy(replace(forwarding, name="team"), second)
    users = {account: iam_user(made, "nightly-backup") for account, made in clients.items()}
    return Places(emulator, hub, spoke, users)
