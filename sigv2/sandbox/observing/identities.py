"""Resolves an access key to the `userIdentity` that CloudTrail writes for it.

Who a key belongs to is asked of the emulator's own STS and IAM, over HTTP. The element's fields are
those of
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import GetCallerIdentityResponseTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployed import Changes

Identity = Mapping[str, object]

ANONYMOUS: Identity = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
"""Who sends an unsigned request."""

ANOTHER_ACCOUNT_ID = "999999999999"
"""The account of every access key that the emulator's account did not issue."""

_ACCESS_KEY_ID = re.compile(r"[A-Za-z0-9_]{16,128}")
_ASSUMED_ROLE = re.compile(r"arn:[^:]+:sts::\d+:assumed-role/(?P<role>[^/]+)/[^/]+")
_USER = re.compile(r"arn:[^:]+:iam::\d+:user/(?:.*/)?(?P<user>[^/]+)")
_CACHED_KEYS = 4096


class Identities:
    """Resolves access keys, asking about each only once until what is deployed may have changed.

    Args:
        clients: Makes the clients that ask.
        changes: The changes to what is deployed, access keys included.
    """

    def __init__(self, clients: Clients, changes: Changes) -> None:
        self._clients = clients
        self._changes = changes
        self._asking = threading.Lock()
        self._resolve = lru_cache(maxsize=_CACHED_KEYS)(self._ask)
        self._first_seen: dict[str, str] = {}

    def identity_of(self, access_key_id: str) -> Identity:
        """Returns the userIdentity of an access key.

        A key that the account did not issue is taken for another account's caller, as S3 would
        serve one.
        """
        if not _ACCESS_KEY_ID.fullmatch(access_key_id):
            return _stranger(access_key_id)
        with self._asking:
            return self._resolve(access_key_id, self._changes.count())

    def _ask(self, access_key_id: str, _generation: int) -> Identity:
        client = self._clients.sts_of(access_key_id)
        try:
            caller = client.get_caller_identity()
        finally:
            client.close()
        common = {
            "principalId": caller["UserId"],
            "arn": caller["Arn"],
            "accountId": caller["Account"],
            "accessKeyId": access_key_id,
        }
        # Whoever moto does not know is sts:…:user/moto, which neither pattern matches.
        if role := _ASSUMED_ROLE.fullmatch(caller["Arn"]):
            session = self._session_context(caller, role["role"])
            return {"type": "AssumedRole", **common, "sessionContext": session}
        if user := _USER.fullmatch(caller["Arn"]):
            return {"type": "IAMUser", **common, "userName": user["user"]}
        return _stranger(access_key_id)

    def _session_context(self, caller: GetCallerIdentityResponseTypeDef, role: str) -> Identity:
        arn, role_id = self._role(caller, role)
        # STS does not tell when a session began; the first sight of it comes close.
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": arn,
                "accountId": caller["Account"],
                "userName": role,
            },
            "attributes": {
                "creationDate": self._first_seen.setdefault(caller["Arn"], now),
                "mfaAuthenticated": "false",
            },
        }

    def _role(self, caller: GetCallerIdentityResponseTypeDef, name: str) -> tuple[str, str]:
        iam = self._clients.of(caller["Account"], "")("iam")
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except iam.exceptions.NoSuchEntityException:
            # A session outlives its role.
            partition = caller["Arn"].split(":")[1]
            arn = f"arn:{partition}:iam::{caller['Account']}:role/{name}"
            return arn, caller["UserId"].split(":")[0]
        return role["Arn"], role["RoleId"]


def seen_from(identity: Identity, account_id: str) -> Identity:
    """Returns what an account is told of who calls it: no names of another account's users, roles and sessions.

    Args:
        identity: The caller's userIdentity, as its own account is told.
        account_id: The account that is called.
    """
    if identity["accountId"] == account_id or identity["type"] == "AWSAccount":
        return identity
    return {"type": "AWSAccount", **{key: identity[key] for key in ("principalId", "accountId", "accessKeyId")}}


def _stranger(access_key_id: str) -> Identity:
    digest = hashlib.sha256(access_key_id.encode("utf-8", "surrogateescape")).digest()
    return {
        "type": "AWSAccount",
        "principalId": "AIDA" + base64.b32encode(digest).decode()[:17],
        "accountId": ANOTHER_ACCOUNT_ID,
        "accessKeyId": access_key_id,
    }
