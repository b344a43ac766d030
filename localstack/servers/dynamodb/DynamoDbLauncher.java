import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/** Arguments: those of DynamoDB Local. It listens on every interface and has no flag for that, so the host is set by reflection. Prints `ready`. */
public final class DynamoDbLauncher {
    public static void main(String[] args) throws Exception {
        ParentWatch.start();
        try {
            DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
            Field field = DynamoDBProxyServer.class.getDeclaredField("server");
            field.setAccessible(true);
            Server server = (Server) field.get(proxy);
            for (Connector connector : server.getConnectors()) {
                ((ServerConnector) connector).setHost("127.0.0.1");
            }
            proxy.start();
        } catch (Throwable failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.out.println("ready");
    }
}
