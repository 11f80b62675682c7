"""Names that a policy must know before the resource exists, made from project and stack."""

import hashlib
import re

from blueprint.instances import OF_THE_PROGRAM

MAX_LENGTH = 40
"""Characters. Leaves room for every suffix within the shortest limit, a bucket's 63."""

_DIGEST_LENGTH = 8


def base_name(project: str, stack: str, instance: str = OF_THE_PROGRAM) -> str:
    """A name that no other SigV2AccessLog of the account has, and that every AWS service accepts.

    It satisfies the rules of all that carry it: letters, digits, `_` and `-` as in a queue's name
    (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html), starting and ending
    with a letter or digit, no two separators side by side, as in a trail's
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html).

    Args:
        project: the Pulumi project's name.
        stack: the Pulumi stack's name.
        instance: the name of the SigV2AccessLog in its program.

    Returns:
        `project-stack` where that is valid and can only mean this stack's `sigv2`; otherwise the same with the name of
        any other, cut and cleaned, with a digest of all names. 3 to 40 characters.
    """
    parts = [project, stack, *([instance] if instance != OF_THE_PROGRAM else [])]
    plain = "-".join(parts)
    # A hyphen in the stack's name makes the border ambiguous: a-b + c and a + b-c would share one name.
    if len(plain) <= MAX_LENGTH and parts == [project, stack] and "-" not in stack and _clean(plain) == plain:
        return plain
    digest = hashlib.sha256("/".join(parts).encode()).hexdigest()[:_DIGEST_LENGTH]
    kept = _clean(_clean(plain)[: MAX_LENGTH - _DIGEST_LENGTH - 1])
    return f"{kept}-{digest}" if kept else f"stack-{digest}"


def trail_name(base: str, number: int) -> str:
    """Name of the stack's first, second, … trail; the first one's does not depend on how many follow."""
    return base if number == 1 else f"{base}-{number}"


def trail_bucket_prefix(base: str) -> str:
    """What the trail bucket's name starts with; Pulumi adds a hyphen and seven random characters."""
    return base.lower().replace("_", "-") + "-trail"


def forwarded_rule_name(base: str) -> str:
    """Name of the rule, on the pipeline's own event bus, for what other Regions and accounts forward."""
    return f"{base}-forwarded"


def forwarding_role_name(base: str) -> str:
    """Name of the role through which EventBridge forwards to an event bus elsewhere."""
    return f"{base}-forwarding"


def forwarding_policy_name(base: str, forward_to: str | None) -> str:
    """Name of that role's permission, which tells what it permits.

    Where a stack changes what it forwards to, it has both permissions for a while: rules of other Regions are changed
    only when all that they are to forward to is there.

    Args:
        base: the stack's base name.
        forward_to: ARN of another account's event bus; None for the stack's own.
    """
    role = forwarding_role_name(base)
    return f"{role}-{short_digest(forward_to)}" if forward_to else role


def short_digest(text: str) -> str:
    """Eight hexadecimal digits that tell texts apart."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_LENGTH // 2).hexdigest()


def dead_letter_queue_name(base: str) -> str:
    """Name of the queue for requests that could not be logged."""
    return f"{base}-undelivered"


def alert_topic_name(base: str) -> str:
    """Name of the topic through which alarms reach `alertEmails`."""
    return f"{base}-alerts"


def opaque_suffix(value: str, base: str) -> str:
    """A suffix that tells values apart and does not carry them, for the name of a resource in Pulumi's state.

    Numbers would not do: where one of several values goes, all behind it would change places. Slow on purpose, so that
    a short list of guesses, such as a company's e-mail addresses, takes long to try.

    Args:
        value: such as an e-mail address.
        base: the stack's base name.

    Returns:
        Eight hexadecimal digits.
    """
    return hashlib.scrypt(value.encode(), salt=base.encode(), n=2**13, r=8, p=1, dklen=_DIGEST_LENGTH // 2).hex()


def _clean(name: str) -> str:
    """The name with hyphens for what is none of ours, and one separator where several stood."""
    return re.sub(r"([_-])[_-]*", r"\1", re.sub(r"[^A-Za-z0-9_-]", "-", name)).strip("_-")
