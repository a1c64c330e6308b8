package astraios;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.*;

/**
 * What crosses between the JVM of a test and the JVM of a solution: plain values, rebuilt on the other side.
 *
 * Null, boxed primitives, strings, big numbers, lists, sets, maps, entries, optionals and arrays. Anything else
 * arrives as Opaque, which equals nothing. No serialization: no class of the other side is ever loaded here.
 */
final class Wire {
    static final int MOST_BYTES = 4 << 20;
    private static final int MOST_DEPTH = 64;
    private static final int MOST_VALUES = 400_000;

    /** Collections that keep their own class; others of their kind become the first of each row. */
    private static final List<Class<?>> LISTS = List.of(ArrayList.class, LinkedList.class, Vector.class, Stack.class);
    private static final List<Class<?>> SETS = List.of(LinkedHashSet.class, HashSet.class, TreeSet.class);
    private static final List<Class<?>> MAPS = List.of(LinkedHashMap.class, HashMap.class, TreeMap.class);

    private int values;

    /** Stands for a value of another class. */
    static final class Opaque {
        private final String kind;

        Opaque(String kind) {
            this.kind = kind;
        }

        @Override
        public boolean equals(Object other) {
            return false;
        }

        @Override
        public int hashCode() {
            return 0;
        }

        @Override
        public String toString() {
            return "a value of " + kind + ", which is not carried";
        }
    }

    static byte[] dumps(Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Wire().write(new DataOutputStream(bytes), value, 0);
        if (bytes.size() > MOST_BYTES) throw new IOException("a value of more than " + MOST_BYTES + " bytes");
        return bytes.toByteArray();
    }

    static Object loads(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        Object value;
        try {
            value = new Wire().read(in, 0);
        } catch (IOException error) {
            throw error;
        } catch (RuntimeException error) { // a tree set of what cannot be compared, a number that is none
            throw new IOException("a value that cannot be rebuilt: " + error.getClass().getName());
        }
        if (in.available() > 0) throw new IOException("more than one value");
        return value;
    }

    private void count(int depth) throws IOException {
        if (depth > MOST_DEPTH) throw new IOException("values nested more than " + MOST_DEPTH + " deep");
        if (++values > MOST_VALUES) throw new IOException("more than " + MOST_VALUES + " values");
    }

    private void write(DataOutputStream out, Object value, int depth) throws IOException {
        count(depth);
        if (out.size() > MOST_BYTES) throw new IOException("a value of more than " + MOST_BYTES + " bytes");
        if (value == null) out.writeByte('N');
        else if (value instanceof Boolean b) { out.writeByte('Z'); out.writeBoolean(b); }
        else if (value instanceof Byte b) { out.writeByte('B'); out.writeByte(b); }
        else if (value instanceof Short s) { out.writeByte('S'); out.writeShort(s); }
        else if (value instanceof Integer i) { out.writeByte('I'); out.writeInt(i); }
        else if (value instanceof Long l) { out.writeByte('J'); out.writeLong(l); }
        else if (value instanceof Float f) { out.writeByte('F'); out.writeFloat(f); }
        else if (value instanceof Double d) { out.writeByte('D'); out.writeDouble(d); }
        else if (value instanceof Character c) { out.writeByte('C'); out.writeChar(c); }
        else if (value instanceof String s) { out.writeByte(isInterned(s) ? 's' : 't'); text(out, s); }
        else if (value.getClass() == BigInteger.class) { out.writeByte('i'); text(out, value.toString()); }
        else if (value.getClass() == BigDecimal.class) { out.writeByte('d'); text(out, value.toString()); }
        else if (value instanceof Optional<?> o) { out.writeByte('O'); write(out, o.orElse(null), depth + 1); }
        else if (value instanceof Map.Entry<?, ?> e) {
            out.writeByte('e');
            write(out, e.getKey(), depth + 1);
            write(out, e.getValue(), depth + 1);
        }
        else if (value instanceof List<?> l) many(out, 'L', LISTS, value, l, depth);
        else if (value instanceof Set<?> s) many(out, 'E', SETS, value, s, depth);
        else if (value instanceof Map<?, ?> m) {
            out.writeByte('M');
            out.writeByte(Math.max(0, MAPS.indexOf(value.getClass())));
            Object[] entries = m.entrySet().toArray();
            out.writeInt(entries.length);
            for (Object entry : entries) {
                write(out, ((Map.Entry<?, ?>) entry).getKey(), depth + 1);
                write(out, ((Map.Entry<?, ?>) entry).getValue(), depth + 1);
            }
        }
        else if (value.getClass().isArray()) {
            out.writeByte('A');
            text(out, value.getClass().getComponentType().getName());
            out.writeInt(Array.getLength(value));
            for (int k = 0; k < Array.getLength(value); k++) write(out, Array.get(value, k), depth + 1);
        }
        else { out.writeByte('?'); text(out, value.getClass().getName()); }
    }

    /** Whether the text is a literal, or equal to one and interned: intern() would add any other text itself. */
    private static boolean isInterned(String text) {
        return new String(text.toCharArray()).intern() == text;
    }

    private void many(DataOutputStream out, char tag, List<Class<?>> kinds, Object value, Collection<?> items, int depth)
            throws IOException {
        out.writeByte(tag);
        out.writeByte(Math.max(0, kinds.indexOf(value.getClass())));
        Object[] all = items.toArray();
        out.writeInt(all.length);
        for (Object item : all) write(out, item, depth + 1);
    }

    private Object read(DataInputStream in, int depth) throws IOException {
        count(depth);
        char tag = (char) in.readByte();
        switch (tag) {
            case 'N': return null;
            case 'Z': return in.readBoolean();
            case 'B': return in.readByte();
            case 'S': return in.readShort();
            case 'I': return in.readInt();
            case 'J': return in.readLong();
            case 'F': return in.readFloat();
            case 'D': return in.readDouble();
            case 'C': return in.readChar();
            case 's': return text(in).intern(); // a literal is == to an equal literal, as in one JVM
            case 't': return text(in);
            case 'i': return new BigInteger(text(in));
            case 'd': return new BigDecimal(text(in));
            case 'O': return Optional.ofNullable(read(in, depth + 1));
            case 'e': return new AbstractMap.SimpleEntry<>(read(in, depth + 1), read(in, depth + 1));
            case 'L': return fill(in, switch (in.readByte()) {
                case 1 -> new LinkedList<>();
                case 2 -> new Vector<>();
                case 3 -> new Stack<>();
                default -> new ArrayList<>();
            }, depth);
            case 'E': return fill(in, switch (in.readByte()) {
                case 1 -> new HashSet<>();
                case 2 -> new TreeSet<>();
                default -> new LinkedHashSet<>();
            }, depth);
            case 'M': {
                Map<Object, Object> map = switch (in.readByte()) {
                    case 1 -> new HashMap<>();
                    case 2 -> new TreeMap<>();
                    default -> new LinkedHashMap<>();
                };
                for (int k = size(in); k > 0; k--) map.put(read(in, depth + 1), read(in, depth + 1));
                return map;
            }
            case 'A': {
                Class<?> component = component(text(in));
                Object array = Array.newInstance(component, size(in));
                for (int k = 0; k < Array.getLength(array); k++) Array.set(array, k, read(in, depth + 1));
                return array;
            }
            case '?': return new Opaque(text(in));
            default: throw new IOException("an unknown kind of value: " + (int) tag);
        }
    }

    private Object fill(DataInputStream in, Collection<Object> items, int depth) throws IOException {
        for (int k = size(in); k > 0; k--) items.add(read(in, depth + 1));
        return items;
    }

    private static int size(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > MOST_VALUES) throw new IOException("more than " + MOST_VALUES + " values");
        return size;
    }

    /** The class of an array's components: primitive, of the core library, or an array of these. */
    private static Class<?> component(String name) throws IOException {
        switch (name) {
            case "boolean": return boolean.class;
            case "byte": return byte.class;
            case "short": return short.class;
            case "int": return int.class;
            case "long": return long.class;
            case "float": return float.class;
            case "double": return double.class;
            case "char": return char.class;
            default:
        }
        String inner = name.replaceFirst("^\\[+L?", "");
        if (name.startsWith("[") ? name.length() > 80 : !name.startsWith("java.lang.") && !name.startsWith("java.util."))
            return Object.class;
        try {
            Class<?> found = Class.forName(name, false, null);
            return inner.isEmpty() ? Object.class : found;
        } catch (ClassNotFoundException error) {
            return Object.class;
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MOST_BYTES / 2) throw new IOException("a text of " + length + " letters");
        if (in.available() < 2 * length) throw new IOException("half a text");
        char[] letters = new char[length]; // a decoder would replace half a surrogate pair
        for (int k = 0; k < length; k++) letters[k] = in.readChar();
        return new String(letters);
    }
}
