"""The SigV2 access log from a program in Python, which needs no package: it imports the component itself."""

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# The folder of this project, which a program of one's own has as a git submodule, for instance.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from components import SigV2AccessLog

# A provider of one's own is used for everything, look-ups included.
tokyo = aws.Provider("tokyo", region="ap-northeast-1")
log = SigV2AccessLog(
    "sigv2",
    # Settings of README.md, as Python spells them; what is wrong with them is said in one sentence.
    {"target_buckets": ["my-bucket"], "log_retention_days": 90},
    pulumi.ResourceOptions(provider=tokyo),
)

pulumi.export("logGroupName", log.log_group_name)
pulumi.export("dashboardLink", log.dashboard_link)
