import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.batchmanager.SqsAsyncBatchManager;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** SqsAsyncBatchManager: calls for one message each that it gathers into batches, and receives ahead of time. */
@Timeout(120)
class BatchManagerTest {
    private static final SqsAsyncClient SQS = SqsAsyncClient.builder()
            .endpointOverride(URI.create(System.getenv("BUFEO_URL")))
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
            .build();
    private static final ScheduledExecutorService SCHEDULER = Executors.newScheduledThreadPool(4);
    private static final AtomicInteger SERIAL = new AtomicInteger();

    @AfterAll
    static void close() {
        SCHEDULER.shutdownNow();
        SQS.close();
    }

    private static String newQueue() {
        String name = "java-batch-" + ProcessHandle.current().pid() + "-" + SERIAL.incrementAndGet();
        return SQS.createQueue(r -> r.queueName(name)).join().queueUrl();
    }

    private static SqsAsyncBatchManager manager() {
        return SqsAsyncBatchManager.builder()
                .client(SQS)
                .scheduledExecutor(SCHEDULER)
                .overrideConfiguration(c -> c
                        .receiveMessageVisibilityTimeout(Duration.ofMinutes(5))
                        .receiveMessageMinWaitDuration(Duration.ofSeconds(1))
                        .receiveMessageSystemAttributeNames(List.of(MessageSystemAttributeName.ALL))
                        .receiveMessageAttributeNames(List.of("All")))
                .build();
    }

    /** Visible, in flight, delayed. */
    private static List<Integer> counts(String queue) {
        Map<QueueAttributeName, String> got = SQS.getQueueAttributes(r -> r.queueUrl(queue).attributeNames(QueueAttributeName.ALL)).join().attributes();
        return List.of(
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)),
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)),
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)));
    }

    private static String body(int n) {
        String[] odd = {"hello", "  around  ", "a\r\nb\r", "<a b=\"c\">&amp; ]]>", "{\"a\": \"\\u0000\"}", "café ☃ 😀", "\u2028\u0085", "\ufeff"};
        return n + ": " + odd[n % odd.length];
    }

    private static Map<String, MessageAttributeValue> attributes(int n) {
        return Map.of(
                "n", MessageAttributeValue.builder().dataType("Number").stringValue("" + n).build(),
                "blob", MessageAttributeValue.builder().dataType("Binary").binaryValue(SdkBytes.fromByteArray(new byte[] {(byte) n, 0, -1})).build());
    }

    private static Map<String, Integer> send(SqsAsyncBatchManager manager, String queue, int n) {
        List<CompletableFuture<SendMessageResponse>> sends = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int at = i;
            sends.add(manager.sendMessage(r -> r.queueUrl(queue).messageBody(body(at)).messageAttributes(attributes(at))));
        }
        Map<String, Integer> sent = new HashMap<>();
        for (int i = 0; i < n; i++) {
            sent.put(sends.get(i).join().messageId(), i);
        }
        assertEquals(n, sent.size(), "distinct message ids");
        return sent;
    }

    private static List<Message> receive(SqsAsyncBatchManager manager, String queue, int n) {
        List<Message> got = new ArrayList<>();
        while (got.size() < n) {
            got.addAll(manager.receiveMessage(r -> r.queueUrl(queue).maxNumberOfMessages(10)).join().messages());
        }
        return got;
    }

    @Test
    void sendsReceivesAndDeletes() {
        String queue = newQueue();
        try (SqsAsyncBatchManager manager = manager()) {
            Map<String, Integer> sent = send(manager, queue, 250);
            assertEquals(List.of(250, 0, 0), counts(queue));
            Set<String> seen = new HashSet<>();
            List<CompletableFuture<?>> deletes = new ArrayList<>();
            for (Message m : receive(manager, queue, 250)) {
                int n = sent.get(m.messageId());
                assertEquals(body(n), m.body());
                assertEquals(attributes(n), m.messageAttributes());
                assertEquals("1", m.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT));
                assertTrue(seen.add(m.messageId()), "received twice");
                deletes.add(manager.deleteMessage(r -> r.queueUrl(queue).receiptHandle(m.receiptHandle())));
            }
            assertEquals(sent.keySet(), seen);
            deletes.forEach(CompletableFuture::join);
            assertEquals(List.of(0, 0, 0), counts(queue));
        }
    }

    @Test
    void changesVisibility() {
        String queue = newQueue();
        try (SqsAsyncBatchManager manager = manager()) {
            send(manager, queue, 7);
            List<Message> got = new ArrayList<>();
            while (got.size() < 7) {
                got.addAll(SQS.receiveMessage(r -> r.queueUrl(queue).maxNumberOfMessages(10).visibilityTimeout(300)).join().messages());
            }
            assertEquals(List.of(0, 7, 0), counts(queue));
            List<CompletableFuture<?>> changes = new ArrayList<>();
            for (Message m : got) {
                changes.add(manager.changeMessageVisibility(r -> r.queueUrl(queue).receiptHandle(m.receiptHandle()).visibilityTimeout(0)));
            }
            changes.forEach(CompletableFuture::join);
            assertEquals(List.of(7, 0, 0), counts(queue));
            for (Message m : receive(manager, queue, 7)) {
                assertEquals("2", m.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT));
            }
        }
    }

    @Test
    void oneBadEntryFailsAlone() {
        String queue = newQueue();
        try (SqsAsyncBatchManager manager = manager()) {
            List<CompletableFuture<SendMessageResponse>> sends = new ArrayList<>();
            for (String body : List.of("one", "two \u0000", "three")) {
                sends.add(manager.sendMessage(r -> r.queueUrl(queue).messageBody(body)));
            }
            sends.get(0).join();
            CompletionException failed = assertThrows(CompletionException.class, () -> sends.get(1).join());
            SqsException cause = (SqsException) failed.getCause();
            assertEquals("InvalidMessageContents", cause.awsErrorDetails().errorCode());
            sends.get(2).join();
            assertEquals(List.of(2, 0, 0), counts(queue));
        }
    }

    @Test
    void aQueueThatIsNotThere() {
        String queue = newQueue();
        SQS.deleteQueue(r -> r.queueUrl(queue)).join();
        try (SqsAsyncBatchManager manager = manager()) {
            CompletionException failed = assertThrows(CompletionException.class, () -> manager.sendMessage(r -> r.queueUrl(queue).messageBody("x")).join());
            assertTrue(failed.getCause().getMessage().contains("The specified queue does not exist"), failed.getCause().getMessage());
        }
    }
}
