"""Queues and their attributes."""

import json

import pytest

from support.values import unique_name

POLICY = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": {"x": {"é": "<&\""}}}],
})


def test_the_protocol_is_the_one_this_suite_is_for(sqs, protocol):
    spoken = sqs.meta.service_model.metadata["protocol"]
    assert spoken == protocol


class TestCreateQueue:
    def test_url_and_attributes(self, server, make_queue):
        queue = make_queue(VisibilityTimeout="45", DelaySeconds="3")
        assert queue.url == f"{server.url}/000000000000/{queue.name}"
        assert queue.attributes("VisibilityTimeout", "DelaySeconds") == {"VisibilityTimeout": "45", "DelaySeconds": "3"}

    def test_again(self, sqs, make_queue, refused):
        queue = make_queue(VisibilityTimeout="45")
        assert sqs.create_queue(QueueName=queue.name)["QueueUrl"] == queue.url
        assert sqs.create_queue(QueueName=queue.name, Attributes={"VisibilityTimeout": "45"})["QueueUrl"] == queue.url
        refused(
            "QueueAlreadyExists", 400, "A queue already exists with the same name and a different value for attribute VisibilityTimeout",
            sqs.create_queue, QueueName=queue.name, Attributes={"VisibilityTimeout": "46"}, exception="QueueNameExists",
        )

    @pytest.mark.parametrize("name", ["bad*name", "a/b", "a b", "x" * 81, "café", "x.fifo", ""])
    def test_bad_names(self, sqs, refused, name):
        refused("InvalidParameterValue", 400, "", sqs.create_queue, QueueName=name)

    @pytest.mark.parametrize("name", ["Foobar", "QueueArn", "All"])
    def test_bad_attribute_names(self, sqs, refused, queue_name, name):
        refused(
            "InvalidAttributeName", 400, f"Unknown Attribute {name}.",
            sqs.create_queue, QueueName=queue_name, Attributes={name: "1"}, exception="InvalidAttributeName",
        )


class TestFindQueues:
    def test_get_queue_url(self, sqs, queue, no_queue):
        assert sqs.get_queue_url(QueueName=queue.name)["QueueUrl"] == queue.url
        assert sqs.get_queue_url(QueueName=queue.name, QueueOwnerAWSAccountId="000000000000")["QueueUrl"] == queue.url
        no_queue(sqs.get_queue_url, QueueName="never-made")

    def test_list_queues_in_pages(self, sqs, refused):
        prefix = unique_name("list")
        urls = [sqs.create_queue(QueueName=f"{prefix}-{i}")["QueueUrl"] for i in range(7)]
        everything = sqs.list_queues(QueueNamePrefix=prefix)
        assert everything["QueueUrls"] == urls and "NextToken" not in everything
        pages = list(sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 3}))
        assert [len(page["QueueUrls"]) for page in pages] == [3, 3, 1]
        assert [url for page in pages for url in page["QueueUrls"]] == urls
        assert not sqs.list_queues(QueueNamePrefix=prefix + "x").get("QueueUrls")
        for bad in ({"MaxResults": 0}, {"MaxResults": 1001}, {"MaxResults": 2, "NextToken": "garbage"}):
            refused("InvalidParameterValue", 400, "", sqs.list_queues, **bad)

    def test_the_resource_interface(self, server, queue):
        import boto3

        resource = boto3.resource(
            "sqs", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any",
        )
        same = resource.get_queue_by_name(QueueName=queue.name)
        assert same.url == queue.url
        same.send_message(MessageBody="x")
        (message,) = same.receive_messages(WaitTimeSeconds=1)
        assert message.body == "x"
        message.delete()
        assert same.attributes["ApproximateNumberOfMessages"] == "0"
        assert [q.url for q in resource.queues.filter(QueueNamePrefix=queue.name)] == [queue.url]


class TestDeleteQueue:
    def test_it_is_gone(self, sqs, queue, no_queue):
        queue.send()
        queue.delete_queue()
        no_queue(sqs.get_queue_url, QueueName=queue.name)
        no_queue(queue.delete_queue)
        no_queue(queue.receive)
        sqs.create_queue(QueueName=queue.name)
        assert queue.counts() == (0, 0, 0)

    def test_name_and_purge_wait_60_seconds(self, connect, strict_server, make_queue, refused):
        client = connect(strict_server)
        queue = make_queue(client)
        queue.purge_queue()
        refused(
            "AWS.SimpleQueueService.PurgeQueueInProgress", 403, f"Only one PurgeQueue operation on {queue.name} is allowed every 60 seconds.",
            queue.purge_queue, exception="PurgeQueueInProgress",
        )
        queue.delete_queue()
        refused(
            "AWS.SimpleQueueService.QueueDeletedRecently", 400, "You must wait 60 seconds",
            client.create_queue, QueueName=queue.name, exception="QueueDeletedRecently",
        )


class TestAttributes:
    def test_all_of_a_fresh_queue(self, queue):
        got = queue.attributes("All")
        assert set(got) == {
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
            "CreatedTimestamp", "DelaySeconds", "LastModifiedTimestamp", "MaximumMessageSize", "MessageRetentionPeriod",
            "QueueArn", "ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled", "VisibilityTimeout",
        }
        assert got["QueueArn"] == f"arn:aws:sqs:us-east-1:000000000000:{queue.name}"

    def test_none_and_some(self, queue):
        assert queue.attributes() == {}
        assert queue.attributes("DelaySeconds", "Policy") == {"DelaySeconds": "0"}

    def test_set(self, queue):
        wanted = {
            "DelaySeconds": "900", "MaximumMessageSize": "1024", "MessageRetentionPeriod": "60", "ReceiveMessageWaitTimeSeconds": "20",
            "VisibilityTimeout": "0", "Policy": POLICY,
        }
        queue.set_queue_attributes(Attributes=wanted)
        assert queue.attributes(*wanted) == wanted
        queue.set_queue_attributes(Attributes={"Policy": ""})
        assert queue.attributes("Policy") == {}

    @pytest.mark.parametrize("name, value", [
        ("DelaySeconds", "901"), ("DelaySeconds", "-1"), ("DelaySeconds", "abc"), ("MaximumMessageSize", "1048577"),
        ("MessageRetentionPeriod", "59"), ("VisibilityTimeout", "99999999999999999999"), ("Policy", "not json"),
    ])
    def test_bad_values(self, queue, refused, name, value):
        before = queue.attributes("All")
        refused(
            "InvalidAttributeValue", 400, f"Invalid value for the parameter {name}.",
            queue.set_queue_attributes, Attributes={name: value},
            exception="InvalidAttributeValue" if hasattr(queue.client.exceptions, "InvalidAttributeValue") else "ClientError",
        )
        assert queue.attributes("All") == before

    def test_bad_names(self, queue, refused):
        refused(
            "InvalidAttributeName", 400, "Unknown Attribute QueueArn.",
            queue.set_queue_attributes, Attributes={"QueueArn": "x"}, exception="InvalidAttributeName",
        )
        refused(
            "InvalidAttributeName", 400, "Unknown Attribute Foobar.",
            queue.get_queue_attributes, AttributeNames=["Foobar"], exception="InvalidAttributeName",
        )


def test_purge(queue):
    queue.send("visible")
    queue.receive()
    queue.send("also")
    queue.send("delayed", DelaySeconds=900)
    assert queue.counts() == (1, 1, 1)
    queue.purge_queue()
    assert queue.counts() == (0, 0, 0)
