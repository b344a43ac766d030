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
 * Arguments: those of DynamoDB Local. It listens on every interface, waits for the disk at every write, and answers a
 * transaction before its COMMIT has run. It has no flag for any of these, so they are set by reflection. Prints `ready`.
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
            commitBeforeAnswering(proxy);
        } catch (Throwable failure) {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.out.println("ready");
    }

    /**
     * What is answered outlives this process, even kill -9, though not a power cut of the machine. It is slower, and a
     * transaction that was just answered may be lost with the process, if another version of DynamoDB Local is built
     * differently.
     */
    private static void commitBeforeAnswering(DynamoDBProxyServer proxy) {
        try {
            Object requests = fieldOf(fieldOf(proxy, "serverHandler"), "primaryHandler");
            Object database = call(requests, "getCredentialsString", "local", "local");
            Object access = fieldOf(call(requests, "getHandler", database), "dbAccess");
            Field field = declared(access, "queue");
            SQLiteQueue queue = (SQLiteQueue) field.get(access);
            leaveFlushingToTheSystem(queue);
            field.set(access, new Awaited(queue));
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            System.err.println("DynamoDB Local is as slow, and as forgetful when it is killed, as it was made: " + otherVersion);
        }
    }

    /** Waiting for the disk at each write makes it many times slower, and protects nothing that a developer's machine needs. */
    private static void leaveFlushingToTheSystem(SQLiteQueue queue) {
        queue.execute(new SQLiteJob<Object>() {
            @Override
            protected Object job(SQLiteConnection connection) throws SQLiteException {
                connection.exec("PRAGMA synchronous=OFF");
                return null;
            }
        }).complete();
    }

    /** A queue that gives a job back when it is done. DynamoDB Local waits for every job itself but COMMIT. */
    private static final class Awaited extends SQLiteQueue {
        private final SQLiteQueue queue;

        Awaited(SQLiteQueue queue) {
            this.queue = queue;
        }

        @Override
        public <T, J extends SQLiteJob<T>> J execute(J job) {
            queue.execute(job);
            if (!queue.isDatabaseThread()) {
                job.complete();
            }
            return job;
        }

        @Override
        public SQLiteQueue stop(boolean gracefully) {
            return queue.stop(gracefully);
        }

        @Override
        public SQLiteQueue join() throws InterruptedException {
            return queue.join();
        }

        @Override
        public SQLiteQueue flush() throws InterruptedException {
            return queue.flush();
        }

        @Override
        public boolean isStopped() {
            return queue.isStopped();
        }

        @Override
        public boolean isDatabaseThread() {
            return queue.isDatabaseThread();
        }
    }

    private static Object fieldOf(Object object, String name) throws ReflectiveOperationException {
        return declared(object, name).get(object);
    }

    private static Field declared(Object object, String name) throws ReflectiveOperationException {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field;
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
