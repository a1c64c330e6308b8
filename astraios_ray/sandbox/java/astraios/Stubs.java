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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The source of a class Solution with the same methods, each of which asks the real one across the wall. */
final class Stubs {
    private static Map<TypeVariable<?>, Type> bound = Map.of(); // of the solution in hand

    private Stubs() {}

    static String descriptor(Class<?> result, Class<?>[] parameters) {
        return MethodType.methodType(result, parameters).toMethodDescriptorString();
    }

    /** Methods and constructors that the test may use; those with types of the solution itself cannot cross. */
    static String of(Class<?> solution) {
        bound = bindings(solution, new HashMap<>());
        StringBuilder source = new StringBuilder("@SuppressWarnings(\"unchecked\")\nclass Solution");
        source.append(variables(solution.getTypeParameters())).append(" {\n    private final int handle;\n");
        for (Constructor<?> made : sorted(solution.getDeclaredConstructors())) {
            if (!carried(made, void.class)) continue;
            String descriptor = descriptor(void.class, made.getParameterTypes());
            source.append("    ").append(access(made)).append("Solution(").append(parameters(made)).append(")")
                .append(thrown(made)).append(" { handle = astraios.Wall.make(\"").append(descriptor).append("\", ")
                .append(arguments(made)).append("); }\n");
        }
        for (Method method : sorted(methods(solution).toArray(new Method[0]))) {
            if (!carried(method, method.getReturnType())) continue;
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

    /** Its own methods and those that it inherits from other classes of the source. */
    static Collection<Method> methods(Class<?> solution) {
        Map<String, Method> methods = new LinkedHashMap<>();
        for (Class<?> type = solution; type != null && !ofTheCore(type); type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) add(methods, method);
        }
        for (Class<?> type = solution; type != null; type = type.getSuperclass()) defaults(methods, type);
        return methods.values();
    }

    private static void defaults(Map<String, Method> methods, Class<?> type) {
        for (Class<?> parent : type.getInterfaces()) {
            if (ofTheCore(parent)) continue;
            for (Method method : parent.getDeclaredMethods()) if (method.isDefault()) add(methods, method);
            defaults(methods, parent);
        }
    }

    private static void add(Map<String, Method> methods, Method method) {
        String key = method.getName() + descriptor(void.class, method.getParameterTypes());
        if (!method.isSynthetic()) methods.putIfAbsent(key, method);
    }

    /** What the type variables of the parents stand for. */
    private static Map<TypeVariable<?>, Type> bindings(Class<?> type, Map<TypeVariable<?>, Type> bindings) {
        List<Type> parents = new ArrayList<>(Arrays.asList(type.getGenericInterfaces()));
        if (type.getGenericSuperclass() != null) parents.add(type.getGenericSuperclass());
        for (Type parent : parents) {
            Class<?> raw = (Class<?>) (parent instanceof ParameterizedType p ? p.getRawType() : parent);
            for (int k = 0; k < raw.getTypeParameters().length; k++) {
                bindings.put(raw.getTypeParameters()[k],
                    parent instanceof ParameterizedType p ? p.getActualTypeArguments()[k] : Object.class);
            }
            bindings(raw, bindings);
        }
        return bindings;
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
        return bound.containsKey(type) ? name(bound.get(type)) : type.getTypeName();
    }

    private static String box(Class<?> primitive) {
        return primitive == void.class ? "Void" : MethodType.methodType(primitive).wrap().returnType().getName();
    }
}
