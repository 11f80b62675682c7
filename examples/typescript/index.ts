import { SigV2AccessLog } from "@pulumi/sigv2";

// Settings of README.md; what is wrong with them is said in one sentence before anything is made.
const log = new SigV2AccessLog("sigv2", {
    targetBuckets: ["my-bucket"],
    logRetentionDays: 90,
});

export const logGroupName = log.logGroupName;
export const dashboardLink = log.dashboardLink;
