import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazon.sqs.javamessaging.AmazonSQSMessagingClientWrapper;
import com.amazon.sqs.javamessaging.ProviderConfiguration;
import com.amazon.sqs.javamessaging.SQSConnection;
import com.amazon.sqs.javamessaging.SQSConnectionFactory;
import com.amazon.sqs.javamessaging.SQSSession;
import jakarta.jms.BytesMessage;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.CreateQueueRequest;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** Amazon's JMS library: queues as a Java EE application uses them. */
@Timeout(120)
class JmsTest {
    private static final long WAIT = 20_000; // milliseconds; passes only on failure
    private static final SqsClient SQS = client(new ExecutionInterceptor() {});
    private static final AtomicInteger SERIAL = new AtomicInteger();

    private SQSConnection connection;
    private String name;

    private static SqsClient client(ExecutionInterceptor interceptor) {
        return SqsClient.builder()
                .endpointOverride(URI.create(System.getenv("BUFEO_URL")))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .overrideConfiguration(c -> c.addExecutionInterceptor(interceptor))
                .build();
    }

    @BeforeEach
    void connect() throws JMSException {
        connection = new SQSConnectionFactory(new ProviderConfiguration(), SQS).createConnection();
        name = "jms-" + ProcessHandle.current().pid() + "-" + SERIAL.incrementAndGet();
        AmazonSQSMessagingClientWrapper client = connection.getWrappedAmazonSQSClient();
        assertFalse(client.queueExists(name));
        client.createQueue(name);
        assertTrue(client.queueExists(name));
        connection.start();
    }

    @AfterEach
    void disconnect() throws JMSException {
        connection.close();
    }

    @AfterAll
    static void close() {
        SQS.close();
    }

    /** Visible, in flight, delayed. */
    private List<Integer> counts() {
        return counts(name);
    }

    private static List<Integer> counts(String name) {
        String url = SQS.getQueueUrl(r -> r.queueName(name)).queueUrl();
        Map<QueueAttributeName, String> got = SQS.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL)).attributes();
        return List.of(
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)),
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)),
                Integer.valueOf(got.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)));
    }

    private Map<String, Integer> send(Session session, int n) throws JMSException {
        Map<String, Integer> sent = new HashMap<>();
        MessageProducer producer = session.createProducer(session.createQueue(name));
        for (int i = 0; i < n; i++) {
            TextMessage message = session.createTextMessage(text(i));
            message.setIntProperty("n", i);
            message.setStringProperty("text", "<&>\u2603 " + i);
            message.setBooleanProperty("even", i % 2 == 0);
            message.setJMSCorrelationID("correlation " + i);
            producer.send(message);
            sent.put(message.getJMSMessageID(), i);
        }
        assertEquals(n, sent.size(), "distinct message ids");
        return sent;
    }

    private static String text(int n) {
        String[] odd = {"hello", "  around  ", "a\r\nb\r", "<a b=\"c\">&amp; ]]>", "{\"a\": \"\\u0000\"}", "café ☃ 😀", "\u2028\u0085", "\ufeff"};
        return n + ": " + odd[n % odd.length];
    }

    private static void check(Map<String, Integer> sent, Message got) throws JMSException {
        int n = sent.get(got.getJMSMessageID());
        assertEquals(text(n), ((TextMessage) got).getText());
        assertEquals(n, got.getIntProperty("n"));
        assertEquals("<&>\u2603 " + n, got.getStringProperty("text"));
        assertEquals(n % 2 == 0, got.getBooleanProperty("even"));
        assertEquals("correlation " + n, got.getJMSCorrelationID());
    }

    @Test
    void textMessages() throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Map<String, Integer> sent = send(session, 120);
        Set<String> seen = new HashSet<>();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        while (seen.size() < sent.size()) {
            Message got = consumer.receive(WAIT);
            assertNotNull(got, "only " + seen.size() + " arrived");
            check(sent, got);
            assertFalse(got.getJMSRedelivered());
            assertEquals(1, got.getIntProperty("JMSXDeliveryCount"));
            assertTrue(seen.add(got.getJMSMessageID()), "received twice");
        }
        assertNull(consumer.receiveNoWait());
        assertEquals(List.of(0, 0, 0), counts());
    }

    @Test
    void bytesAndObjects() throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(name));
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(all);
        producer.send(bytes);
        BytesMessage back = (BytesMessage) consumer.receive(WAIT);
        byte[] read = new byte[(int) back.getBodyLength()];
        back.readBytes(read);
        assertArrayEquals(all, read);

        producer.send(session.createObjectMessage(new ArrayList<>(List.of("a", 1, 2.5))));
        assertEquals(List.of("a", 1, 2.5), ((ObjectMessage) consumer.receive(WAIT)).getObject());
        assertEquals(List.of(0, 0, 0), counts());
    }

    @Test
    void listener() throws Exception {
        Session sender = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        LinkedBlockingQueue<Message> got = new LinkedBlockingQueue<>();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        consumer.setMessageListener(got::add);
        Map<String, Integer> sent = send(sender, 40);
        Set<String> seen = new HashSet<>();
        while (seen.size() < sent.size()) {
            Message message = got.poll(WAIT, TimeUnit.MILLISECONDS);
            assertNotNull(message, "only " + seen.size() + " arrived");
            check(sent, message);
            assertTrue(seen.add(message.getJMSMessageID()), "received twice");
        }
        session.close(); // waits for the acknowledgement of the last one
        assertEquals(List.of(0, 0, 0), counts());
    }

    @Test
    void aListenerThatThrowsGetsTheMessageAgain() throws Exception {
        Session sender = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        LinkedBlockingQueue<Integer> deliveries = new LinkedBlockingQueue<>();
        session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
            try {
                int delivery = message.getIntProperty("JMSXDeliveryCount");
                deliveries.add(delivery);
                if (delivery < 3) {
                    throw new IllegalStateException("not yet");
                }
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        send(sender, 1);
        for (int want = 1; want <= 3; want++) {
            assertEquals(want, deliveries.poll(WAIT, TimeUnit.MILLISECONDS));
        }
        session.close();
        assertEquals(List.of(0, 0, 0), counts());
    }

    @Test
    void clientAcknowledge() throws JMSException {
        Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
        Map<String, Integer> sent = send(session, 10);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        Message last = null;
        for (int i = 0; i < 6; i++) {
            last = consumer.receive(WAIT);
            check(sent, last);
        }
        last.acknowledge(); // of all six
        for (int i = 0; i < 4; i++) {
            check(sent, consumer.receive(WAIT));
        }
        session.recover(); // the four are made visible again
        Set<String> seen = new HashSet<>();
        while (seen.size() < 4) {
            last = consumer.receive(WAIT);
            check(sent, last);
            assertTrue(last.getJMSRedelivered());
            assertTrue(seen.add(last.getJMSMessageID()), "received twice");
        }
        last.acknowledge();
        assertEquals(List.of(0, 0, 0), counts());
    }

    @Test
    void unorderedAcknowledge() throws JMSException {
        Session session = connection.createSession(false, SQSSession.UNORDERED_ACKNOWLEDGE);
        Map<String, Integer> sent = send(session, 3);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        List<Message> got = List.of(consumer.receive(WAIT), consumer.receive(WAIT), consumer.receive(WAIT));
        got.get(1).acknowledge();
        assertEquals(List.of(0, 2, 0), counts());
        session.close(); // makes the two visible again
        assertEquals(List.of(2, 0, 0), counts());
        Session next = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer rest = next.createConsumer(next.createQueue(name));
        Set<String> want = new HashSet<>(sent.keySet());
        want.remove(got.get(1).getJMSMessageID());
        Set<String> seen = new HashSet<>();
        seen.add(rest.receive(WAIT).getJMSMessageID());
        seen.add(rest.receive(WAIT).getJMSMessageID());
        assertEquals(want, seen);
        assertEquals(List.of(0, 0, 0), counts());
    }

    /** Turns every third answer to a receive into a failure, until told to stop: the SDK asks again under the same attempt id. */
    private static final class LosesAnswers implements ExecutionInterceptor {
        private final Set<String> lost = new HashSet<>();
        private int answers;
        private int again;
        private boolean stopped;

        @Override
        public synchronized SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
            if (stopped || !(context.request() instanceof ReceiveMessageRequest)) {
                return context.httpResponse();
            }
            String attempt = ((ReceiveMessageRequest) context.request()).receiveRequestAttemptId();
            assertNotNull(attempt, "a receive without an attempt id");
            again += lost.contains(attempt) ? 1 : 0;
            if (++answers % 3 != 1) {
                return context.httpResponse();
            }
            lost.add(attempt);
            return context.httpResponse().toBuilder().statusCode(500).build();
        }

        /** Stops, and returns how many answers came to attempts that had lost one. */
        synchronized int stop() {
            stopped = true;
            return again;
        }
    }

    /** Groups, duplicates, sequence numbers; and receives whose answers are lost hold up nothing, by ReceiveRequestAttemptId. */
    @Test
    void fifo() throws JMSException {
        LosesAnswers losing = new LosesAnswers();
        String fifo = name + ".fifo";
        try (SqsClient client = client(losing)) {
            SQSConnection connection = new SQSConnectionFactory(new ProviderConfiguration().withNumberOfMessagesToPrefetch(10), client).createConnection();
            connection.getWrappedAmazonSQSClient().createQueue(CreateQueueRequest.builder()
                    .queueName(fifo)
                    .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.VISIBILITY_TIMEOUT, "300"))
                    .build());
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue(fifo));
            Map<String, List<String>> sent = new HashMap<>();
            for (int i = 0; i < 45; i++) {
                String group = "g" + i % 3;
                TextMessage message = session.createTextMessage(text(i));
                message.setStringProperty("JMSXGroupID", group);
                message.setStringProperty("JMS_SQS_DeduplicationId", "id-" + i);
                producer.send(message);
                String number = message.getStringProperty("JMS_SQS_SequenceNumber");
                assertEquals(20, number.length());
                sent.computeIfAbsent(group, g -> new ArrayList<>()).add("id-" + i + " " + number + " " + text(i));
                String id = message.getJMSMessageID();
                producer.send(message);
                assertEquals(id, message.getJMSMessageID(), "the duplicate has the id of the original");
                assertEquals(number, message.getStringProperty("JMS_SQS_SequenceNumber"));
            }
            assertEquals(List.of(45, 0, 0), counts(fifo));
            connection.start();
            MessageConsumer consumer = session.createConsumer(session.createQueue(fifo));
            Map<String, List<String>> got = new HashMap<>();
            for (int i = 0; i < 45; i++) {
                TextMessage message = (TextMessage) consumer.receive(WAIT);
                assertNotNull(message, "only " + i + " arrived: " + got);
                assertEquals(1, message.getIntProperty("JMSXDeliveryCount"));
                got.computeIfAbsent(message.getStringProperty("JMSXGroupID"), g -> new ArrayList<>())
                        .add(message.getStringProperty("JMS_SQS_DeduplicationId") + " " + message.getStringProperty("JMS_SQS_SequenceNumber") + " " + message.getText());
            }
            assertEquals(sent, got);
            assertTrue(losing.stop() > 1, "no answer was lost");
            connection.close();
        }
        assertEquals(List.of(0, 0, 0), counts(fifo));
    }

    @Test
    void aQueueThatIsNotThere() throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThrows(InvalidDestinationException.class, () -> session.createQueue(name + "-never-made"));
    }
}
