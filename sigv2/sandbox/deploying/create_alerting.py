"""Creates what watches over the pipeline - queue, topic, alarms, dashboard - and the key, in the emulator."""

from sigv2.sandbox.deploying.created import Create, Created, Inputs, tags_of
from sigv2.sandbox.emulating.aws_clients import Clients


def _queue(aws: Clients, _: str, inputs: Inputs) -> Created:
    sqs = aws("sqs")
    attributes = {"MessageRetentionPeriod": str(int(inputs["messageRetentionSeconds"]))}
    if "kmsMasterKeyId" in inputs:
        attributes["KmsMasterKeyId"] = inputs["kmsMasterKeyId"]
    else:
        attributes["SqsManagedSseEnabled"] = str(inputs["sqsManagedSseEnabled"]).lower()
    url = sqs.create_queue(QueueName=inputs["name"], Attributes=attributes, tags=inputs["tags"])["QueueUrl"]  # type: ignore[arg-type]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, {"url": url, "arn": arn}


def _queue_policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
    return inputs["queueUrl"], {}


def _topic(aws: Clients, _: str, inputs: Inputs) -> Created:
    attributes = {"KmsMasterKeyId": inputs["kmsMasterKeyId"]} if "kmsMasterKeyId" in inputs else {}
    arn = aws("sns").create_topic(Name=inputs["name"], Attributes=attributes, Tags=tags_of(inputs))["TopicArn"]
    return arn, {"arn": arn}


def _topic_policy(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("sns").set_topic_attributes(TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"])
    return inputs["arn"], {}


def _subscription(aws: Clients, _: str, inputs: Inputs) -> Created:
    answer = aws("sns").subscribe(
        TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"], ReturnSubscriptionArn=True
    )
    return answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]}


def _alarm(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("cloudwatch").put_metric_alarm(
        AlarmName=inputs["name"],
        AlarmDescription=inputs["alarmDescription"],
        Namespace=inputs["namespace"],
        MetricName=inputs["metricName"],
        Dimensions=[{"Name": name, "Value": value} for name, value in inputs["dimensions"].items()],
        Statistic=inputs["statistic"],
        Period=int(inputs["period"]),
        EvaluationPeriods=int(inputs["evaluationPeriods"]),
        ComparisonOperator=inputs["comparisonOperator"],
        Threshold=inputs["threshold"],
        TreatMissingData=inputs["treatMissingData"],
        AlarmActions=inputs["alarmActions"],
        Tags=tags_of(inputs),
    )
    return inputs["name"], {}


def _dashboard(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("cloudwatch").put_dashboard(DashboardName=inputs["dashboardName"], DashboardBody=inputs["dashboardBody"])
    return inputs["dashboardName"], {}


def _key(aws: Clients, _: str, inputs: Inputs) -> Created:
    kms = aws("kms")
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags_of(inputs)]
    key = kms.create_key(Description=inputs["description"], Policy=inputs["policy"], Tags=tags)["KeyMetadata"]  # type: ignore[arg-type]
    if inputs["enableKeyRotation"]:
        kms.enable_key_rotation(KeyId=key["KeyId"])
    return key["KeyId"], {"keyId": key["KeyId"], "arn": key["Arn"]}


def _alias(aws: Clients, _: str, inputs: Inputs) -> Created:
    aws("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return inputs["name"], {}


TYPES: dict[str, Create] = {
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _alias,
}
