package astraios;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

/**
 * The untrusted JVM: makes Solutions and calls their methods as asked.
 *
 * All that happens here is under the control of the solution. It knows neither the test nor what decides, so the
 * worst it can do is to answer wrongly.
 */
public final class Candidate {
    private static final List<Object> made = new ArrayList<>();

    public static void main(String[] arguments) throws Throwable {
        Frames frames = new Frames();
        for (byte[] request = frames.receive(); request != null; request = frames.receive()) {
            frames.send(answer(new DataInputStream(new ByteArrayInputStream(request))));
        }
        Runtime.getRuntime().halt(0);
    }

    private static byte[] answer(DataInputStream request) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            byte[] value = Wire.dumps(call(request));
            out.writeByte('v');
            out.write(value);
        } catch (Throwable error) { // the solution's own, or a value that is not carried
            Throwable cause = error instanceof InvocationTargetException thrown ? thrown.getTargetException() : error;
            bytes.reset();
            out.writeByte('x');
            out.write(Wire.dumps(new String[] {cause.getClass().getName(), message(cause)}));
        }
        return bytes.toByteArray();
    }

    private static String message(Throwable error) {
        try {
            String said = String.valueOf(error.getMessage());
            return said.substring(0, Math.min(200, said.length()));
        } catch (Throwable worse) { // an exception of the solution may throw in getMessage
            return "";
        }
    }

    /** A request: handle (-1: none, make one), name, descriptor, arguments. */
    private static Object call(DataInputStream request) throws Throwable {
        int handle = request.readInt();
        String name = request.readUTF(), descriptor = request.readUTF();
        Object[] arguments = (Object[]) Wire.loads(request.readAllBytes());
        Class<?> solution = Class.forName("Solution");
        if (name.isEmpty()) {
            made.add(constructor(solution, descriptor).newInstance(arguments));
            return made.size() - 1;
        }
        Method method = method(solution, name, descriptor);
        return method.invoke(Modifier.isStatic(method.getModifiers()) ? null : made.get(handle), arguments);
    }

    private static Constructor<?> constructor(Class<?> owner, String descriptor) throws NoSuchMethodException {
        for (Constructor<?> found : owner.getDeclaredConstructors()) {
            if (Stubs.descriptor(void.class, found.getParameterTypes()).equals(descriptor)) {
                found.setAccessible(true);
                return found;
            }
        }
        throw new NoSuchMethodException(owner.getName() + descriptor);
    }

    private static Method method(Class<?> owner, String name, String descriptor) throws NoSuchMethodException {
        for (Method found : Stubs.methods(owner)) {
            if (found.getName().equals(name)
                    && Stubs.descriptor(found.getReturnType(), found.getParameterTypes()).equals(descriptor)) {
                found.setAccessible(true);
                return found;
            }
        }
        throw new NoSuchMethodException(owner.getName() + "." + name + descriptor);
    }
}
