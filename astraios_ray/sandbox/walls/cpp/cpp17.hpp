// What crosses the wall in C++17 beside the values of C++11; wall.hpp includes it in its namespace.
template <class... E> struct Wire<std::tuple<E...>> {
    static void put(Writer &out, const std::tuple<E...> &values) {
        std::apply([&](const E &...value) { (Wire<E>::put(out, value), ...); }, values);
    }
    static std::tuple<E...> take(Reader &in) { return std::tuple<E...>{Wire<E>::take(in)...}; }
};

template <class E> struct Wire<std::optional<E>> {
    static void put(Writer &out, const std::optional<E> &value) {
        out.byte(value.has_value());
        if (value) Wire<E>::put(out, *value);
    }
    static std::optional<E> take(Reader &in) {
        if (in.byte() == 0) return std::nullopt;
        return Wire<E>::take(in);
    }
};
