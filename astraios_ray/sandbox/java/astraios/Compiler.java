package astraios;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** javac kept warm: sources and classes in memory, no annotation processor, no class path. */
final class Compiler {
    /** The only class of ours that a stub may see. */
    static final byte[] WALL = wall();

    private final JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    private final JavaFileManager platform = javac.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);

    /** A source that does not compile; the message says why. */
    static final class Refused extends Exception {
        Refused(String message) {
            super(message, null, false, false);
        }
    }

    /** Classes by name. {@code visible} are compiled classes that the sources may use. */
    Map<String, byte[]> compile(Map<String, String> sources, Map<String, byte[]> visible) throws Refused {
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        Memory memory = new Memory(platform, visible);
        List<JavaFileObject> files = new ArrayList<>();
        sources.forEach((name, text) -> files.add(new Source(name, text)));
        List<String> options = List.of("-proc:none", "-nowarn", "-Xlint:none", "-implicit:none", "-Xmaxerrs", "5");
        boolean compiled;
        try {
            compiled = javac.getTask(null, memory, said, options, null, files).call();
        } catch (IllegalStateException | IllegalArgumentException crash) { // javac's own, over hostile sources
            throw new Refused("the compiler crashed: " + crash.getMessage());
        }
        if (!compiled) throw new Refused(reason(said.getDiagnostics()));
        Map<String, byte[]> classes = new TreeMap<>();
        memory.made.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        return classes;
    }

    private static String reason(List<Diagnostic<? extends JavaFileObject>> said) {
        StringBuilder text = new StringBuilder();
        for (Diagnostic<? extends JavaFileObject> one : said) {
            if (one.getKind() != Diagnostic.Kind.ERROR) continue;
            String file = one.getSource() == null ? "" : one.getSource().getName().replaceFirst("^/", "");
            text.append(file).append(':').append(one.getLineNumber()).append(": error: ")
                .append(one.getMessage(Locale.ROOT)).append('\n');
        }
        return text.isEmpty() ? "error: the compiler said no and not why" : text.toString();
    }

    private static byte[] wall() {
        try (InputStream in = Compiler.class.getResourceAsStream("Wall.class")) {
            return in.readAllBytes();
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreErrors) {
            return text;
        }
    }

    private static final class Compiled extends SimpleJavaFileObject {
        private final byte[] code;
        private final String name;

        Compiled(String name, byte[] code) {
            super(URI.create("memory:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
            this.name = name;
            this.code = code;
        }

        @Override
        public InputStream openInputStream() {
            return new java.io.ByteArrayInputStream(code);
        }
    }

    /** What is made stays in memory; beside the platform only {@code visible} is seen. */
    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, byte[]> visible;
        final Map<String, ByteArrayOutputStream> made = new LinkedHashMap<>();

        Memory(JavaFileManager platform, Map<String, byte[]> visible) {
            super(platform);
            this.visible = visible;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location place, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/') + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    made.put(name, bytes);
                    return bytes;
                }
            };
        }

        @Override
        public Iterable<JavaFileObject> list(Location place, String packages, Set<JavaFileObject.Kind> kinds, boolean recurse)
                throws IOException {
            if (place == StandardLocation.CLASS_PATH) {
                List<JavaFileObject> seen = new ArrayList<>();
                visible.forEach((name, code) -> {
                    int dot = name.lastIndexOf('.');
                    if (kinds.contains(JavaFileObject.Kind.CLASS) && packages.equals(dot < 0 ? "" : name.substring(0, dot)))
                        seen.add(new Compiled(name, code));
                });
                return seen;
            }
            return super.list(place, packages, kinds, recurse);
        }

        @Override
        public String inferBinaryName(Location place, JavaFileObject file) {
            return file instanceof Compiled compiled ? compiled.name : super.inferBinaryName(place, file);
        }
    }
}
