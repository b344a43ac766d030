import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** Arguments: server.properties. Formats an empty log directory, starts a broker with its controller, prints `ready`. */
public final class KafkaLauncher {
    public static void main(String[] args) throws Exception {
        ParentWatch.start();
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(args[0])) {
            properties.load(in);
        }
        // The format writes meta.properties last, so an interrupted one is done again.
        if (!Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) {
            String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", args[0]};
            int code = StorageTool.execute(format, System.out);
            if (code != 0) {
                System.err.println("formatting the log directory failed with code " + code);
                System.exit(code);
            }
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        try {
            server.startup();
        } catch (Throwable failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.out.println("ready");
        server.awaitShutdown();
        System.exit(0);
    }
}
