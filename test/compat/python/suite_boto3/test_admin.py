"""Dead letters, tags and permissions."""

import json

import pytest

ROOT = "arn:aws:iam::%s:root"


def arn(queue):
    return "arn:aws:sqs:us-east-1:000000000000:" + queue.name


def redrive(dead, count):
    return json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": count}, separators=(",", ":"))


class TestDeadLetters:
    def test_moved_by_the_receive_that_is_one_too_many(self, make_queue):
        dead = make_queue()
        queue = make_queue(VisibilityTimeout="0", RedrivePolicy=redrive(dead, 2))
        assert queue.attributes("RedrivePolicy") == {"RedrivePolicy": redrive(dead, 2)}
        attributes = {"n": {"DataType": "Number", "StringValue": "1"}}
        sent = queue.send("poison", MessageAttributes=attributes)
        first = queue.receive_one()
        queue.receive_one()
        assert queue.receive() == []
        assert (queue.counts(), dead.counts()) == ((0, 0, 0), (1, 0, 0))
        got = dead.receive_one()
        assert (got["MessageId"], got["Body"], got["MessageAttributes"]) == (sent["MessageId"], "poison", attributes)
        assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
        assert got["Attributes"]["DeadLetterQueueSourceArn"] == arn(queue)
        assert got["Attributes"]["ApproximateReceiveCount"] == "3"
        assert got["Attributes"]["SentTimestamp"] == first["Attributes"]["SentTimestamp"]
        dead.delete_message(ReceiptHandle=got["ReceiptHandle"])
        assert dead.counts() == (0, 0, 0)

    def test_fifo(self, make_queue):
        dead = make_queue(suffix=".fifo", FifoQueue="true")
        queue = make_queue(suffix=".fifo", FifoQueue="true", ContentBasedDeduplication="true", RedrivePolicy=redrive(dead, 1))
        for body in ("poison", "two", "three"):
            queue.send(body, MessageGroupId="g")
        queue.hide(queue.receive_one(MaxNumberOfMessages=1), 0)
        assert [m["Body"] for m in queue.receive()] == ["two", "three"]
        got = dead.receive_one()
        assert (got["Body"], got["Attributes"]["MessageGroupId"]) == ("poison", "g")

    def test_survives_kill_9(self, connect, own_server, make_queue):
        client = connect(own_server)
        dead = make_queue(client)
        queue = make_queue(client, VisibilityTimeout="0", RedrivePolicy=redrive(dead, 1))
        sent = [queue.send(str(n))["MessageId"] for n in range(5)]
        assert len(queue.receive()) == 5 and queue.receive() == []
        own_server.restart()
        assert queue.counts() == (0, 0, 0)
        assert sorted(m["MessageId"] for m in dead.receive()) == sorted(sent)

    def test_sources_in_pages(self, make_queue, no_queue):
        dead = make_queue()
        want = sorted(make_queue(RedrivePolicy=redrive(dead, 9)).url for _ in range(5))
        pages = list(dead.client.get_paginator("list_dead_letter_source_queues").paginate(
            QueueUrl=dead.url, PaginationConfig={"PageSize": 2}))
        assert [len(page["queueUrls"]) for page in pages] == [2, 2, 1]
        assert sorted(url for page in pages for url in page["queueUrls"]) == want
        no_queue(dead.list_dead_letter_source_queues, QueueUrl=dead.url + "-never-made")

    def test_refused(self, make_queue, refused):
        dead, queue = make_queue(), make_queue()
        for policy in ("no json", "{}", redrive(dead, 0), redrive(dead, 1001), redrive(make_queue(suffix=".fifo", FifoQueue="true"), 1)):
            refused("InvalidParameterValue", 400, "", queue.set_queue_attributes, Attributes={"RedrivePolicy": policy})
        allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(dead)]}
        dead.set_queue_attributes(Attributes={"RedriveAllowPolicy": json.dumps(allow)})
        refused("InvalidParameterValue", 400, "", queue.set_queue_attributes, Attributes={"RedrivePolicy": redrive(dead, 1)})
        allow["sourceQueueArns"].append(arn(queue))
        dead.set_queue_attributes(Attributes={"RedriveAllowPolicy": json.dumps(allow)})
        queue.set_queue_attributes(Attributes={"RedrivePolicy": redrive(dead, 1)})
        queue.set_queue_attributes(Attributes={"RedrivePolicy": ""})
        assert queue.attributes("RedrivePolicy") == {}


class TestTags:
    def test_all_three_actions(self, queue, refused, no_queue):
        assert queue.list_queue_tags().get("Tags", {}) == {}
        queue.tag_queue(Tags={"team": "Amazonía & <☃>", "empty": "", "Team": "x"})
        queue.tag_queue(Tags={"team": "changed é"})
        queue.untag_queue(TagKeys=["Team", "never there"])
        assert queue.list_queue_tags()["Tags"] == {"team": "changed é", "empty": ""}
        many = {str(n): "x" for n in range(49)}
        refused("InvalidParameterValue", 400, f"Too many tags added for queue {queue.name}", queue.tag_queue, Tags=many)
        refused("InvalidParameterValue", 400, "Tag keys", queue.tag_queue, Tags={"k" * 129: "x"})
        refused("InvalidParameterValue", 400, "Tag values", queue.tag_queue, Tags={"k": "v" * 257})
        assert queue.list_queue_tags()["Tags"] == {"team": "changed é", "empty": ""}
        no_queue(queue.list_queue_tags, QueueUrl=queue.url + "-never-made")

    def test_of_a_new_queue(self, sqs, queue_name):
        tags = {"team": "Amazonía", "empty": ""}
        url = sqs.create_queue(QueueName=queue_name, tags=tags)["QueueUrl"]
        assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == tags


class TestPermissions:
    def test_edit_the_policy(self, queue, refused):
        queue.add_permission(Label="one", AWSAccountIds=["111111111111"], Actions=["ReceiveMessage"])
        queue.add_permission(Label="two", AWSAccountIds=["111111111111", "222222222222"], Actions=["SendMessage", "*"])
        assert json.loads(queue.attributes("Policy")["Policy"]) == {
            "Version": "2008-10-17", "Id": f"{arn(queue)}/SQSDefaultPolicy",
            "Statement": [
                {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": ROOT % "111111111111"}, "Action": "SQS:ReceiveMessage", "Resource": arn(queue)},
                {
                    "Sid": "two", "Effect": "Allow", "Principal": {"AWS": [ROOT % "111111111111", ROOT % "222222222222"]},
                    "Action": ["SQS:SendMessage", "SQS:*"], "Resource": arn(queue),
                },
            ],
        }
        again = {"Label": "one", "AWSAccountIds": ["111111111111"], "Actions": ["*"]}
        refused("InvalidParameterValue", 400, "one", queue.add_permission, **again)
        queue.remove_permission(Label="one")
        assert [s["Sid"] for s in json.loads(queue.attributes("Policy")["Policy"])["Statement"]] == ["two"]
        refused("InvalidParameterValue", 400, "one", queue.remove_permission, Label="one")
        queue.remove_permission(Label="two")
        assert queue.attributes("Policy") == {}

    @pytest.mark.parametrize("wrong", [{"Actions": ["CreateQueue"]}, {"Actions": ["Nonsense"]}, {"AWSAccountIds": ["abc"]}, {"Label": "a b"}])
    def test_refused(self, queue, refused, wrong):
        good = {"Label": "l", "AWSAccountIds": ["111111111111"], "Actions": ["*"]}
        refused("InvalidParameterValue", 400, "", queue.add_permission, **{**good, **wrong})
        assert queue.attributes("Policy") == {}

    def test_too_many_actions(self, queue, refused):
        actions = [
            "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue",
            "ListDeadLetterSourceQueues",
        ]
        refused("OverLimit", 403, "", queue.add_permission, Label="l", AWSAccountIds=["111111111111"], Actions=actions, exception="OverLimit")
