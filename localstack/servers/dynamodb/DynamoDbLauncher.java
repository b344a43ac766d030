import com.almworks.sqlite4java.SQLiteConnection;
import com.almworks.sqlite4java.SQLiteException;
import com.almworks.sqlite4java.SQLiteJob;
import com.almworks.sqlite4java.SQLiteQueue;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * Arguments: those of DynamoDB Local. It listens on every interface, and waits for the disk at every write, and has no
 * flag for either, so both are set by reflection. Prints `ready`.
 */
public final class DynamoDbLauncher {
    public static void main(String[] args) throws Exception {
        ParentWatch.start();
        try {
            DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
            Server server = (Server) fieldOf(proxy, "server");
            for (Connector connector : server.getConnectors()) {
                ((ServerConnector) connector).setHost("127.0.0.1");
            }
            proxy.start();
            leaveFlushingToTheSystem(proxy);
        } catch (Throwable failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.out.println("ready");
    }

    /**
     * What is written outlives this process, even kill -9, though not a power cut of the machine. Waiting for the disk
     * at each write makes it many times slower, and protects nothing that a developer's machine needs. It stays slow,
     * and right, if another version of DynamoDB Local is built differently.
     */
    private static void leaveFlushingToTheSystem(DynamoDBProxyServer proxy) {
        try {
            Object requests = fieldOf(fieldOf(proxy, "serverHandler"), "primaryHandler");
            Object database = call(requests, "getCredentialsString", "local", "local");
            Object access = fieldOf(call(requests, "getHandler", database), "dbAccess");
            ((SQLiteQueue) fieldOf(access, "queue")).execute(new SQLiteJob<Object>() {
                @Override
                protected Object job(SQLiteConnection connection) throws SQLiteException {
                    connection.exec("PRAGMA synchronous=OFF");
                    return null;
                }
            }).complete();
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            System.err.println("DynamoDB Local waits for the disk at each write: " + otherVersion);
        }
    }

    private static Object fieldOf(Object object, String name) throws ReflectiveOperationException {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field.get(object);
                }
            }
        }
        throw new NoSuchFieldException(object.getClass().getName() + "." + name);
    }

    private static Object call(Object object, String name, Object... arguments) throws ReflectiveOperationException {
        for (Method method : object.getClass().getDeclaredMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
                method.setAccessible(true);
                return method.invoke(object, arguments);
            }
        }
        throw new NoSuchMethodException(object.getClass().getName() + "." + name);
    }
}
