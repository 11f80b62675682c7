"""Makes the principals that clients act for, in the emulator's own IAM and STS."""

import json

from sigv2.sandbox.emulating.aws_clients import Clients
from sigv2.sandbox.visitors import Credentials


def iam_user(clients: Clients, name: str) -> Credentials:
    """Create an IAM user with an access key."""
    iam = clients("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def assumed_role_session(clients: Clients, role: str, session: str) -> Credentials:
    """Create a role and a session of it, as an EC2 instance has one named after its id."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    arn = clients("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    given = clients("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
