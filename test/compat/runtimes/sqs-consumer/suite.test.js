// sqs-consumer against bufeo: what its users have it do, with counts and contents.
import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { after, describe, test } from "node:test";

import * as aws from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";

const sqs = new aws.SQSClient({
  endpoint: process.env.BUFEO_URL,
  region: "us-east-1",
  credentials: { accessKeyId: "any", secretAccessKey: "any" },
});
after(() => sqs.destroy());

// A failing wait ends here instead of hanging the run.
const options = { timeout: 90_000 };

const bodies = [
  "hello", "  lead and trail  ", "a\r\nb\r", '<a b="c">d</a> & &amp; ]]>', '{"a": "\\u0000 \\n"}', "a=b&c=d%20e+f;g?#", "café ☃ 😀 👩‍👩‍👧", "a\u2028b\u0085c",
  "\ufeffabc", "\ud7ff\ue000\ufffd\u{10ffff}", "",
].map((body, n) => `${n}: ${body}`);

let serial = 0;
async function newQueue(attributes = {}, suffix = "") {
  const name = `sqs-consumer-${process.pid}-${++serial}${suffix}`;
  return (await sqs.send(new aws.CreateQueueCommand({ QueueName: name, Attributes: attributes }))).QueueUrl;
}

async function send(queue, texts, more = () => ({})) {
  for (let from = 0; from < texts.length; from += 10) {
    const Entries = texts.slice(from, from + 10).map((MessageBody, n) => ({ Id: `${n}`, MessageBody, ...more(from + n) }));
    const sent = await sqs.send(new aws.SendMessageBatchCommand({ QueueUrl: queue, Entries }));
    assert.equal(sent.Successful.length, Entries.length);
    assert.equal(sent.Failed, undefined);
  }
}

// counts: visible, in flight, delayed.
async function counts(queue) {
  const names = ["", "NotVisible", "Delayed"].map((suffix) => "ApproximateNumberOfMessages" + suffix);
  const { Attributes } = await sqs.send(new aws.GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: names }));
  return names.map((name) => Number(Attributes[name]));
}

// consume runs a consumer until done() says so after an event of that name, then stops it and waits for its last poll.
async function consume(queue, event, done, settings) {
  const consumer = Consumer.create({
    queueUrl: queue, sqs, batchSize: 10, waitTimeSeconds: 2, attributeNames: ["All"], messageAttributeNames: ["All"],
    messageSystemAttributeNames: ["All"], pollingCompleteWaitTimeMs: 30_000, suppressFifoWarning: true, ...settings,
  });
  const errors = [];
  const ended = new Promise((resolve) => {
    consumer.on("error", (error) => errors.push(error));
    consumer.on("processing_error", (error) => errors.push(error));
    consumer.on(event, (...about) => {
      if (done(...about)) consumer.stop();
    });
    consumer.on("stopped", resolve);
  });
  consumer.start();
  await ended;
  return errors;
}

test("200 messages one by one", options, async () => {
  const queue = await newQueue();
  const texts = Array.from({ length: 200 }, (_, n) => `${n} of ${bodies[n % bodies.length]}`);
  await send(queue, texts, (n) => ({
    MessageAttributes: {
      n: { DataType: "Number", StringValue: `${n}` }, blob: { DataType: "Binary", BinaryValue: new Uint8Array([n, 0, 255]) },
    },
  }));
  assert.deepEqual(await counts(queue), [200, 0, 0]);
  const got = [];
  const errors = await consume(queue, "message_processed", () => got.length === texts.length, {
    handleMessage: async (message) => {
      got.push(message);
      return message;
    },
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(got.map((m) => m.Body).sort(), [...texts].sort());
  for (const message of got) {
    const n = Number(message.MessageAttributes.n.StringValue);
    assert.equal(message.Body, texts[n]);
    assert.deepEqual([...message.MessageAttributes.blob.BinaryValue], [n, 0, 255]);
    assert.equal(message.Attributes.ApproximateReceiveCount, "1");
    assert.equal(message.Attributes.SenderId, "any");
  }
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

test("batches", options, async () => {
  const queue = await newQueue();
  const texts = Array.from({ length: 55 }, (_, n) => `${n}`);
  await send(queue, texts);
  const got = [];
  const errors = await consume(queue, "response_processed", () => got.length === texts.length, {
    handleMessageBatch: async (messages) => {
      got.push(...messages.map((m) => m.Body));
      return messages;
    },
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(got.sort(), texts.sort());
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

test("a FIFO queue: each group in its order, duplicates left out", options, async () => {
  const queue = await newQueue({ FifoQueue: "true", VisibilityTimeout: "300" }, ".fifo");
  const groups = ["a", "b", "c"];
  const texts = Array.from({ length: 36 }, (_, n) => `${groups[n % 3]}${Math.floor(n / 3)}`);
  const ids = (n) => ({ MessageGroupId: texts[n][0], MessageDeduplicationId: texts[n] });
  await send(queue, texts, ids);
  await send(queue, texts.slice(0, 10), ids);
  assert.deepEqual(await counts(queue), [36, 0, 0]);
  const got = [];
  const errors = await consume(queue, "response_processed", () => got.length === texts.length, {
    handleMessageBatch: async (messages) => {
      got.push(...messages);
      return messages;
    },
  });
  assert.deepEqual(errors, []);
  for (const group of groups) {
    const ofGroup = got.filter((m) => m.Attributes.MessageGroupId === group);
    assert.deepEqual(ofGroup.map((m) => m.Body), texts.filter((text) => text[0] === group));
    const numbers = ofGroup.map((m) => m.Attributes.SequenceNumber);
    assert.deepEqual(numbers, [...new Set(numbers)].sort());
  }
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

test("what fails too often goes to the dead-letter queue", options, async () => {
  const dead = await newQueue();
  const { Attributes } = await sqs.send(new aws.GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["QueueArn"] }));
  const queue = await newQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 2 }) });
  await send(queue, ["poison", "good"]);
  const tried = [];
  const errors = await consume(queue, "empty", () => true, {
    terminateVisibilityTimeout: true,
    waitTimeSeconds: 0,
    handleMessage: async (message) => {
      tried.push(message.Body);
      if (message.Body === "poison") throw new Error("never");
      return message;
    },
  });
  assert.deepEqual(tried.sort(), ["good", "poison", "poison"]);
  assert.equal(errors.length, 2);
  assert.deepEqual(await counts(queue), [0, 0, 0]);
  const { Messages } = await sqs.send(new aws.ReceiveMessageCommand({ QueueUrl: dead, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] }));
  assert.deepEqual(Messages.map((m) => [m.Body, m.Attributes.ApproximateReceiveCount]), [["poison", "3"]]);
});

test("half of a batch acknowledged, the rest comes again", options, async () => {
  const queue = await newQueue({ VisibilityTimeout: "1" });
  await send(queue, ["keep", "take"]);
  const got = [];
  await consume(queue, "response_processed", () => got.includes("keep 2"), {
    handleMessageBatch: async (messages) => {
      got.push(...messages.map((m) => `${m.Body} ${m.Attributes.ApproximateReceiveCount}`));
      return messages.filter((m) => m.Body === "take" || m.Attributes.ApproximateReceiveCount === "2");
    },
  });
  assert.deepEqual(got.sort(), ["keep 1", "keep 2", "take 1"]);
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

test("a failed message is made visible at once", options, async () => {
  const queue = await newQueue({ VisibilityTimeout: "43200" });
  await send(queue, ["fails twice"]);
  const received = [];
  const errors = await consume(queue, "message_processed", () => true, {
    terminateVisibilityTimeout: true,
    handleMessage: async (message) => {
      received.push(message.Attributes.ApproximateReceiveCount);
      if (received.length < 3) throw new Error("not yet");
      return message;
    },
  });
  assert.deepEqual(received, ["1", "2", "3"]);
  assert.equal(errors.length, 2);
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

test("a failed batch is made visible at once", options, async () => {
  const queue = await newQueue({ VisibilityTimeout: "43200" });
  await send(queue, ["a", "b", "c"]);
  const received = [];
  const errors = await consume(queue, "response_processed", () => received.length === 6, {
    terminateVisibilityTimeout: true,
    handleMessageBatch: async (messages) => {
      received.push(...messages.map((m) => m.Body + m.Attributes.ApproximateReceiveCount));
      if (messages.some((m) => m.Attributes.ApproximateReceiveCount === "1")) throw new Error("not yet");
      return messages;
    },
  });
  assert.deepEqual(received.sort(), ["a1", "a2", "b1", "b2", "c1", "c2"]);
  assert.equal(errors.length, 1);
  assert.deepEqual(await counts(queue), [0, 0, 0]);
});

// Both at once: they wait.
describe("heartbeats keep what is worked on", { concurrency: true }, () => {
  for (const kind of ["handleMessage", "handleMessageBatch"]) {
    test(kind, options, async () => {
      const queue = await newQueue();
      await send(queue, ["slow"]);
      let beats = 0;
      const beating = new Promise((resolve) => {
        const beat = (next) => async (input) => {
          const output = await next(input);
          // Six beats, a second apart, are longer than the visibility timeout of five.
          if (input.input?.QueueUrl === queue && ++beats === 6) resolve();
          return output;
        };
        sqs.middlewareStack.add((next, context) => (context.commandName.startsWith("ChangeMessageVisibility") ? beat(next) : next), { name: `beats-${kind}` });
      });
      let times = 0;
      const errors = await consume(queue, "response_processed", () => true, {
        visibilityTimeout: 5,
        heartbeatInterval: 1,
        [kind]: async (got) => {
          times++;
          await beating;
          assert.deepEqual(await counts(queue), [0, 1, 0]);
          return got;
        },
      });
      sqs.middlewareStack.remove(`beats-${kind}`);
      assert.deepEqual(errors, []);
      assert.equal(times, 1);
      assert.deepEqual(await counts(queue), [0, 0, 0]);
    });
  }
});

test("an aborted long poll takes no message with it", options, async () => {
  const queue = await newQueue();
  const consumer = Consumer.create({ queueUrl: queue, sqs, waitTimeSeconds: 20, handleMessage: async (message) => message });
  const polled = new Promise((resolve) => consumer.once("error", resolve));
  const written = new Promise((resolve) => {
    subscribe("http.client.request.start", ({ request }) => request.once("finish", resolve));
  });
  consumer.start();
  await written;
  consumer.stop({ abort: true });
  assert.match((await polled).message, /abort/i);
  await send(queue, ["still there"]);
  const { Messages } = await sqs.send(new aws.ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 20 }));
  assert.deepEqual(Messages.map((m) => m.Body), ["still there"]);
});

test("a queue that is not there is an error, and the consumer goes on", options, async () => {
  const queue = await newQueue();
  await sqs.send(new aws.DeleteQueueCommand({ QueueUrl: queue }));
  const seen = [];
  await consume(queue, "error", (error) => seen.push(error) === 2, { authenticationErrorTimeout: 10, handleMessage: async () => {} });
  for (const error of seen) {
    assert.equal(error.name, "SQSError");
    assert.match(error.message, /The specified queue does not exist/);
    assert.equal(error.statusCode, 400);
  }
});
