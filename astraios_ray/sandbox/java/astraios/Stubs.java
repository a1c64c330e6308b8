package astraios;

import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The source of a class Solution with the same methods, each of which asks the real one across the wall. */
final class Stubs {
    private Stubs() {}

    static String descriptor(Class<?> result, Class<?>[] parameters) {
        return MethodType.methodType(result, parameters).toMethodDescriptorString();
    }

    /** Methods and constructors that the test may use; those with types of the solution itself cannot cross. */
    static String of(Class<?> solution) {
        StringBuilder source = new StringBuilder("@SuppressWarnings(\"unchecked\")\nclass Solution");
        source.append(variables(solution.getTypeParameters())).append(" {\n    private final int handle;\n");
        for (Constructor<?> made : sorted(solution.getDeclaredConstructors())) {
            if (!carried(made, void.class)) continue;
            String descriptor = descriptor(void.class, made.getParameterTypes());
            source.append("    ").append(access(made)).append("Solution(").append(parameters(made)).append(")")
                .append(thrown(made)).append(" { handle = astraios.Wall.make(\"").append(descriptor).append("\", ")
                .append(arguments(made)).append("); }\n");
        }
        for (Method method : sorted(solution.getDeclaredMethods())) {
            if (method.isSynthetic() || !carried(method, method.getReturnType())) continue;
            boolean fixed = Modifier.isStatic(method.getModifiers());
            String descriptor = descriptor(method.getReturnType(), method.getParameterTypes());
            String asked = "astraios.Wall.call(" + (fixed ? "-1" : "handle") + ", \"" + method.getName() + "\", \""
                + descriptor + "\", " + arguments(method) + ")";
            String result = name(method.getGenericReturnType());
            String boxed = method.getReturnType().isPrimitive() ? box(method.getReturnType()) : result;
            source.append("    ").append(access(method)).append(fixed ? "static " : "")
                .append(variables(method.getTypeParameters())).append(" ").append(result).append(" ")
                .append(method.getName()).append("(").append(parameters(method)).append(")").append(thrown(method))
                .append(method.getReturnType() == void.class ? " { " + asked + "; }\n"
                    : " { return (" + boxed + ") " + asked + "; }\n");
        }
        return source.append("}\n").toString();
    }

    /** In one order always: the same solution's stub is compiled once. */
    private static <T extends Executable> T[] sorted(T[] members) {
        Arrays.sort(members, Comparator.comparing(Executable::toGenericString));
        return members;
    }

    private static boolean carried(Executable member, Class<?> result) {
        if (Modifier.isPrivate(member.getModifiers()) || !ofTheCore(result)) return false;
        return Arrays.stream(member.getParameterTypes()).allMatch(Stubs::ofTheCore)
            && Arrays.stream(member.getExceptionTypes()).allMatch(Stubs::ofTheCore);
    }

    private static boolean ofTheCore(Class<?> type) {
        while (type.isArray()) type = type.getComponentType();
        return type.isPrimitive() || type.getClassLoader() == null;
    }

    private static String access(Executable member) {
        return Modifier.isPublic(member.getModifiers()) ? "public " : "";
    }

    private static String parameters(Executable member) {
        Type[] types = member.getGenericParameterTypes();
        StringJoiner joined = new StringJoiner(", ");
        for (int k = 0; k < types.length; k++) {
            String name = name(types[k]);
            boolean last = member.isVarArgs() && k == types.length - 1;
            joined.add((last ? name.replaceFirst("\\[\\]$", "...") : name) + " a" + k);
        }
        return joined.toString();
    }

    private static String arguments(Executable member) {
        StringJoiner joined = new StringJoiner(", ", "new Object[] {", "}");
        for (int k = 0; k < member.getParameterCount(); k++) joined.add("a" + k);
        return joined.toString();
    }

    private static String thrown(Executable member) {
        Class<?>[] types = member.getExceptionTypes();
        return types.length == 0 ? "" : Arrays.stream(types).map(Stubs::name).collect(Collectors.joining(", ", " throws ", ""));
    }

    private static String variables(TypeVariable<?>[] variables) {
        if (variables.length == 0) return "";
        return Arrays.stream(variables)
            .map(v -> v.getName() + " extends "
                + Arrays.stream(v.getBounds()).map(Stubs::name).collect(Collectors.joining(" & ")))
            .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String name(Type type) {
        if (type instanceof Class<?> plain) return plain.getCanonicalName();
        if (type instanceof GenericArrayType array) return name(array.getGenericComponentType()) + "[]";
        if (type instanceof ParameterizedType p) {
            return name(p.getRawType())
                + Arrays.stream(p.getActualTypeArguments()).map(Stubs::name).collect(Collectors.joining(", ", "<", ">"));
        }
        if (type instanceof WildcardType w) {
            if (w.getLowerBounds().length > 0) return "? super " + name(w.getLowerBounds()[0]);
            return "? extends " + name(w.getUpperBounds()[0]);
        }
        return type.getTypeName();
    }

    private static String box(Class<?> primitive) {
        return primitive == void.class ? "Void" : MethodType.methodType(primitive).wrap().returnType().getName();
    }
}
