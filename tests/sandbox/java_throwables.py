"""The names of the Throwables of java.*, and solutions that throw one of them from every place."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from astraios_ray.sandbox.java_image import find_java

_LIST = """
import java.lang.reflect.Modifier;
import java.nio.file.*;
class List {
    public static void main(String[] arguments) throws Exception {
        Path modules = FileSystems.getFileSystem(java.net.URI.create("jrt:/")).getPath("/modules");
        try (var files = Files.walk(modules)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.getNameCount() < 4 || !file.toString().endsWith(".class")) continue;
                String module = file.getName(1).toString();
                String path = file.subpath(2, file.getNameCount()).toString();
                if (!path.startsWith("java/")) continue;
                Class<?> kind;
                try {
                    kind = Class.forName(path.replace('/', '.').replaceFirst("[.]class$", ""), false, null);
                } catch (ClassNotFoundException | LinkageError none) {
                    continue;
                }
                if (Throwable.class.isAssignableFrom(kind) && !Modifier.isAbstract(kind.getModifiers()))
                    System.out.println(module + " " + kind.getName());
            }
        }
    }
}
"""


@cache
def throwables() -> tuple[tuple[str, str], ...]:
    """Module and name of every class of the JDK that a boot loader finds, sorted."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "List.java"
        source.write_text(_LIST)
        command = [f"{find_java().jdk}/bin/java", "-XX:TieredStopAtLevel=1", str(source)]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(sorted((module, name) for module, name in map(str.split, listed.splitlines())))


MAIN = """
class Main {
    public static void main(String[] arguments) throws Exception {
        if (!new Solution().f(3).equals(9)) throw new AssertionError();
    }
}
"""

THROWER = """
import java.io.*;
import java.lang.reflect.*;
import java.util.*;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

class Thrower {
    /** By a constructor with empty arguments, else as a deserialised object with empty fields. */
    static Throwable made() {
        try {
            Class<?> kind = Class.forName("NAME");
            for (Constructor<?> constructor : kind.getConstructors()) {
                try {
                    Object[] arguments = empty(constructor.getParameterTypes());
                    return (Throwable) constructor.newInstance(arguments);
                } catch (ReflectiveOperationException | RuntimeException refused) {
                    // by another one
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(0xACED0005);
            out.writeShort(0x7372);
            out.writeUTF("NAME");
            out.writeLong(ObjectStreamClass.lookup(kind).getSerialVersionUID());
            out.writeByte(2);
            out.writeInt(0x00007870);
            InputStream in = new ByteArrayInputStream(bytes.toByteArray());
            return (Throwable) new ObjectInputStream(in).readObject();
        } catch (IOException | ReflectiveOperationException error) {
            throw new IllegalStateException("NAME cannot be made", error);
        }
    }

    private static Object[] empty(Class<?>[] kinds) {
        Object[] values = new Object[kinds.length];
        for (int k = 0; k < kinds.length; k++)
            values[k] = kinds[k].isPrimitive() ? Array.get(Array.newInstance(kinds[k], 1), 0)
                : kinds[k] == String.class ? "x" : null;
        return values;
    }

    static int now() {
        Thrower.<Error>raise(made());
        return 0;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
"""
_F = "Object f(int x) {{ {} return x * x; }}"
_THREAD = "int[] y = {{0}}; Thread t = new Thread(() -> y[0] = x * x + Thrower.now());"
PLACES = {  # what is in a solution that throws there, and would answer rightly if it did not
    "a method": _F.format("Thrower.now();"),
    "a constructor": "Solution() { Thrower.now(); } " + _F.format(""),
    "a static initialiser": "static int zero = Thrower.now(); " + _F.format(""),
    "an initialiser": "int zero = Thrower.now(); " + _F.format(""),
    "another class's static initialiser": "static class Other { static int zero = Thrower.now(); } "
    + _F.format("x += Other.zero;"),
    "equals": "record Key(int n) { public boolean equals(Object o) { return Thrower.now() == 0; }"
    " public int hashCode() { return 1; } } "
    + _F.format("Map<Key, Key> m = new HashMap<>(); m.put(new Key(1), null); m.put(new Key(2), null);"),
    "hashCode": "record Key(int n) { public int hashCode() { return Thrower.now(); } } "
    + _F.format("new HashSet<>().add(new Key(1));"),
    "compareTo": "record Key(int n) implements Comparable<Key> {"
    " public int compareTo(Key o) { return Thrower.now(); } } "
    + _F.format("Collections.sort(new ArrayList<>(List.of(new Key(1), new Key(2))));"),
    "toString": 'record Key(int n) { public String toString() { return "" + Thrower.now(); } } '
    + _F.format('String text = "" + new Key(1);'),
    "a lambda": _F.format("Supplier<Integer> zero = () -> Thrower.now(); x += zero.get();"),
    "a stream": _F.format("x += List.of(1).stream().mapToInt(n -> Thrower.now()).sum();"),
    "another thread": f"Object f(int x) throws Exception {{ {_THREAD.replace('{{0}}', '{0}')}"
    " t.start(); t.join(); return y[0]; }",
    "a future": _F.format("x += CompletableFuture.supplyAsync(Thrower::now).join();"),
    "getMessage": "static class Own extends RuntimeException {"
    " public String getMessage() { Thrower.now(); return null; } } "
    + _F.format("if (x > 0) throw new Own();"),
    "what it answers": "Object f(int x) { return new ArrayList<Object>(List.of(9)) {"
    " public Object[] toArray() { Thrower.now(); return null; }"
    " public boolean equals(Object o) { return true; } }; }",
}


def solution(place: str, name: str) -> str:
    """The source of a solution that throws ``name`` at ``place``."""
    return f"{THROWER.replace('NAME', name)}class Solution {{ {PLACES[place]} }}\n"
