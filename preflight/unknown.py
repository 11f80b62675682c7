"""What is unknown because AWS would not tell, as a sentence to warn of."""

from aws_account.aws_refusals import Refusal, is_forbidden


def unknown(what: str, refusal: Refusal, permission: str, *, is_secret: bool = False) -> str:
    """Say what is unknown, and what it takes to know.

    Args:
        what: is, such as `whether there is room for one more rule`.
        refusal: what AWS, or the way to it, answered.
        permission: what the question takes.
        is_secret: whether it was asked about what is secret, which the answer may name.
    """
    skip = "skip this check with `pulumi config set checkAccount false`"
    if is_forbidden(refusal):
        return f"checkAccount: it is unknown {what}, as the permission {permission} is missing; give it, or {skip}."
    told = "" if is_secret else f" ({' '.join(str(refusal).split()).rstrip('.')})"
    return f"checkAccount: it is unknown {what}, as AWS did not tell{told}; run it again, or {skip}."
