/**
 * Ends this process when its parent does, even by kill -9: the parent holds the other end of standard input and
 * never writes to it. `halt`, not `exit`: ports and locks must be free at once for whoever starts next; both
 * servers recover their data from a sudden end.
 */
final class ParentWatch {
    private ParentWatch() {}

    static void start() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // What is written means nothing; only the end does.
                }
            } catch (java.io.IOException closed) {
                // The same as the end of the stream.
            }
            Runtime.getRuntime().halt(1);
        }, "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
