import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What Java's own client writes: batches of each compression, headers without a value, transactions that end both ways. */
public class Produce {
    public static void main(String[] arguments) throws Exception {
        String brokers = arguments[0];
        String topic = arguments[1];
        for (String compression : new String[] {"none", "gzip", "snappy", "lz4", "zstd"})
            try (var producer = producer(brokers, Map.of("compression.type", compression, "linger.ms", 50))) {
                for (int n = 0; n < 20; n++) producer.send(record(topic, compression + " " + n + " " + "x".repeat(20_000)));
            }
        try (var producer = producer(brokers, Map.of("transactional.id", topic))) {
            producer.initTransactions();
            for (String end : new String[] {"committed", "aborted", "committed again"}) {
                producer.beginTransaction();
                producer.send(record(topic, end));
                producer.flush();
                if (end.equals("aborted")) producer.abortTransaction();
                else producer.commitTransaction();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String brokers, Map<String, Object> more) {
        var settings = new java.util.HashMap<String, Object>(more);
        settings.put("bootstrap.servers", brokers);
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        return new KafkaProducer<>(settings);
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String value) {
        var record = new ProducerRecord<byte[], byte[]>(topic, 0, null, value.getBytes(StandardCharsets.UTF_8));
        record.headers().add("a", null).add("b", new byte[0]).add("a", new byte[] {-1}).add("constructor", null);
        return record;
    }
}
