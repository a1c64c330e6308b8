package astraios;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * The trusted JVM, kept warm: compiles solutions and tests, and runs tests against stubs.
 *
 * Requests: 'C' solution, test: compile both, answer 'L' with the solution's classes, and after 'G' run the test: each
 * call is a 'Q' that is answered with 'A' and the solution's own answer, or with 'X' when it is gone; then 'V' with the
 * judgement. 'P' source: compile, answer 'L' with classes that `java -jar` runs;
 * 'K' source: compile. A source that does not compile is answered with 'E' and the reason. Classes come as one archive:
 * the solution chooses their names, which may be too long or too strange for files.
 */
public final class Host {
    private static final int MOST_CACHED = 256;
    private static final int MOST_CLASSES = 3 << 20; // bytes of an archive

    /** Comments and texts. */
    private static final String NO_CODE = "(?s)/\\*.*?\\*/|//[^\\n]*|\"(?:\\\\.|[^\"\\\\\\n])*\"";

    private static final Compiler compiler = new Compiler();
    private static final Map<String, Map<String, byte[]>> tests = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, byte[]>> eldest) {
            return size() > MOST_CACHED;
        }
    };
    private static Frames frames;

    public static void main(String[] arguments) throws Exception {
        frames = new Frames();
        Wall.frames = frames;
        for (byte[] request = frames.receive(); request != null; request = frames.receive()) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(request));
            try {
                switch (in.readByte()) {
                    case 'C' -> check(text(in), text(in));
                    case 'P' -> program(text(in), true);
                    default -> program(text(in), false);
                }
            } catch (Compiler.Refused refused) {
                say('E', refused.getMessage());
            } catch (Error | RuntimeException error) { // over what was compiled; javac's own assertions too
                say('E', "the compiler gave up: " + error.getClass().getSimpleName());
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void program(String source, boolean runs) throws Exception {
        Map<String, byte[]> classes = compiler.compile(Map.of(nameOf(source), source), Map.of());
        send(runs ? runnable(mainOf(classes)) : new Manifest(), classes);
    }

    private static void check(String source, String test) throws Exception {
        Map<String, byte[]> solution = compiler.compile(Map.of("Solution", source), Map.of());
        if (!solution.containsKey("Solution")) {
            say('N', "declares no class Solution");
            return;
        }
        String stub = Stubs.of(Class.forName("Solution", false, new Loader(solution)));
        Map<String, byte[]> tested = tests.get(stub + '\0' + test);
        if (tested == null) {
            tested = compiler.compile(Map.of("Solution", stub, "Main", test), Map.of("astraios.Wall", Compiler.WALL));
            tests.put(stub + '\0' + test, tested);
        }
        send(new Manifest(), solution);
        byte[] go = frames.receive();
        if (go == null || go[0] != 'G') return;
        judge(tested);
    }

    private static void judge(Map<String, byte[]> tested) throws IOException {
        Wall.reset();
        boolean returned = false;
        Throwable error = null;
        try {
            var main = Class.forName("Main", true, new Loader(tested)).getDeclaredMethod("main", String[].class);
            main.setAccessible(true); // the class need not be public
            main.invoke(null, (Object) new String[0]);
            returned = true;
        } catch (InvocationTargetException thrown) {
            error = thrown.getTargetException();
        } catch (Throwable thrown) {
            error = thrown;
        }
        // of Main's own static fields; a solution may throw one too, which has no cause
        if (error instanceof ExceptionInInitializerError wrapper && wrapper.getCause() != null) error = wrapper.getCause();
        if (Wall.broken != null) say('V', "protocol\n" + Wall.broken);
        else if (Wall.gone) say('V', "gone\n");
        else if (returned) say('V', Wall.calls > 0 ? "passed\n" : "vacuous\nthe test never called the solution");
        else say('V', (error == Wall.raised ? "runtime_error\n" : "failed\n") + words(error));
    }

    /** The text of an error, whose own toString may throw. */
    private static String words(Throwable error) {
        try {
            return String.valueOf(error);
        } catch (Throwable worse) {
            return error.getClass().getName();
        }
    }

    /** The public class's name, else the first one's. */
    private static String nameOf(String source) {
        var found = java.util.regex.Pattern.compile(
            "\\bpublic\\s+(?:final\\s+|abstract\\s+)*(?:class|interface|enum|record)\\s+(\\p{javaJavaIdentifierPart}+)"
        ).matcher(source.replaceAll(NO_CODE, " "));
        return found.find() ? found.group(1) : "Main";
    }

    private static String mainOf(Map<String, byte[]> classes) throws Compiler.Refused {
        Loader loader = new Loader(classes);
        for (String name : new java.util.TreeSet<>(classes.keySet())) {
            try {
                var main = Class.forName(name, false, loader).getDeclaredMethod("main", String[].class);
                if (java.lang.reflect.Modifier.isStatic(main.getModifiers())) return name;
            } catch (ReflectiveOperationException | LinkageError none) {
                // another class has it
            }
        }
        throw new Compiler.Refused("declares no class with `public static void main(String[] args)`");
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static void say(char what, String text) throws IOException {
        byte[] words = text.substring(0, Math.min(4000, text.length())).getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[words.length + 1];
        frame[0] = (byte) what;
        System.arraycopy(words, 0, frame, 1, words.length);
        frames.send(frame);
    }

    private static Manifest runnable(String main) {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Name.MAIN_CLASS, main);
        return manifest;
    }

    private static void send(Manifest manifest, Map<String, byte[]> classes) throws IOException, Compiler.Refused {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write('L');
        try (JarOutputStream archive = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, byte[]> entry : classes.entrySet()) {
                archive.putNextEntry(new JarEntry(entry.getKey().replace('.', '/') + ".class"));
                archive.write(entry.getValue());
            }
        }
        if (bytes.size() > MOST_CLASSES)
            throw new Compiler.Refused("error: classes of " + bytes.size() + " bytes, at most " + MOST_CLASSES + " are run");
        frames.send(bytes.toByteArray());
    }

    /** Classes from memory, whose code runs only when it is trusted. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes;

        Loader(Map<String, byte[]> classes) {
            super(Host.class.getClassLoader());
            this.classes = classes;
            setDefaultAssertionStatus(true);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                byte[] code = classes.get(name);
                if (code == null) return super.loadClass(name, resolve);
                Class<?> found = findLoadedClass(name);
                return found != null ? found : defineClass(name, code, 0, code.length);
            }
        }
    }
}
