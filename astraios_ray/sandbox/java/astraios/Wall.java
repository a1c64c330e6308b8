package astraios;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** The trusted side's end of the wall: what a stub calls. One test at a time, on one thread. */
public final class Wall {
    static Frames frames;
    static int calls;
    static Throwable raised; // by the last call
    static boolean gone;
    static String broken;

    private Wall() {}

    /** The other side ended or broke the protocol. */
    static final class Gone extends Error {
        Gone() {
            super("the solution's process is gone", null, false, false);
        }
    }

    static void reset() {
        calls = 0;
        raised = null;
        gone = false;
        broken = null;
    }

    public static int make(String descriptor, Object[] arguments) {
        Object handle = ask(-1, "", descriptor, arguments);
        if (handle instanceof Integer number) return number;
        broken = "answered no handle";
        gone = true;
        throw new Gone();
    }

    public static Object call(int handle, String name, String descriptor, Object[] arguments) {
        calls++;
        return ask(handle, name, descriptor, arguments);
    }

    private static Object ask(int handle, String name, String descriptor, Object[] arguments) {
        if (gone) throw new Gone();
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeByte('Q');
            out.writeInt(handle);
            out.writeUTF(name);
            out.writeUTF(descriptor);
            out.write(Wire.dumps(arguments));
            frames.send(bytes.toByteArray());
            byte[] answer = frames.receive();
            if (answer == null || answer[0] != 'A') {
                gone = true;
                throw new Gone();
            }
            if (answer.length < 2) throw new IOException("an empty answer");
            Object value = Wire.loads(Arrays.copyOfRange(answer, 2, answer.length));
            if (answer[1] == 'v') return value;
            String[] told = (String[]) value;
            raised = exception(told[0], told[1]);
        } catch (IOException | RuntimeException error) {
            broken = String.valueOf(error.getMessage());
            gone = true;
            throw new Gone();
        }
        throw Wall.<RuntimeException>unchecked(raised);
    }

    /** The solution's exception for a test that expects one: of the core library, else a RuntimeException. */
    private static Throwable exception(String name, String message) {
        try {
            Class<?> kind = Class.forName(name, false, null);
            if (Throwable.class.isAssignableFrom(kind))
                return (Throwable) kind.getConstructor(String.class).newInstance(message);
        } catch (ReflectiveOperationException | LinkageError unknown) {
            // of the solution itself, or made otherwise
        }
        return new RuntimeException(name + ": " + message);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException unchecked(Throwable error) throws T {
        throw (T) error;
    }
}
