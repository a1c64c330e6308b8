// The wall between a unit test and the C++ function that it tests: values cross as bytes on descriptor 3.
//
// Both halves include this file, and with it all headers that the evaluation harness puts in front of a program.
// A frame is four bytes of length and its content. A request holds the arguments; an answer is 'v' with the value,
// or 'x' with the text of an exception. The half of the test trusts no byte of an answer.
#pragma once
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <numeric>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>
#include <boost/any.hpp>
#if __cplusplus >= 201703L
#include <bits/stdc++.h>  // MultiPL-E puts all headers in front of a program
#endif

namespace astraios {

const int WALL = 3;
const size_t MOST_BYTES = 8 << 20;  // of a frame
enum Status { RAISED = 11, VACUOUS = 12, GONE = 13, PROTOCOL = 14 };  // of the half of the test

struct Malformed {  // an answer that is not of the type that the test expects
    const char *reason;
};
struct NotCarried {  // a value of a type that does not cross
    const char *type;
};
struct Opaque {};  // stands in a boost::any for a value of a type that does not cross

class Writer {
public:
    std::string bytes;
    void raw(const void *at, size_t size) {
        if (bytes.size() + size > MOST_BYTES) throw NotCarried{"a value of more than 8 MiB"};
        bytes.append(static_cast<const char *>(at), size);
    }
    void size(size_t count) { uint32_t number = static_cast<uint32_t>(count); raw(&number, 4); }
    void byte(char letter) { raw(&letter, 1); }
};

class Reader {
    const char *at, *end;

public:
    explicit Reader(const std::string &frame) : at(frame.data()), end(at + frame.size()) {}
    void raw(void *to, size_t size) {
        if (size > static_cast<size_t>(end - at)) throw Malformed{"it ends too early"};
        memcpy(to, at, size);
        at += size;
    }
    size_t size() {
        uint32_t number;
        raw(&number, 4);
        if (number > static_cast<size_t>(end - at)) throw Malformed{"it announces more than it holds"};
        return number;
    }
    char byte() { char letter; raw(&letter, 1); return letter; }
    void finish() const { if (at != end) throw Malformed{"bytes follow the value"}; }
};

// Wire<T> puts a T into a frame and takes it out again.
template <class T, class = void> struct Wire {
    static void put(Writer &, const T &) { throw NotCarried{typeid(T).name()}; }
    static T take(Reader &) { throw NotCarried{typeid(T).name()}; }
};

template <class T> struct Wire<T, typename std::enable_if<std::is_arithmetic<T>::value || std::is_enum<T>::value>::type> {
    static void put(Writer &out, const T &value) { out.raw(&value, sizeof value); }
    static T take(Reader &in) { T value; in.raw(&value, sizeof value); return value; }
};

template <> struct Wire<bool> {
    static void put(Writer &out, bool value) { out.byte(value); }
    static bool take(Reader &in) { return in.byte() != 0; }
};

template <> struct Wire<std::string> {
    static void put(Writer &out, const std::string &text) { out.size(text.size()); out.raw(text.data(), text.size()); }
    static std::string take(Reader &in) {
        std::string text(in.size(), '\0');
        if (!text.empty()) in.raw(&text[0], text.size());
        return text;
    }
};

template <class A, class B> struct Wire<std::pair<A, B>> {
    static void put(Writer &out, const std::pair<A, B> &both) { Wire<A>::put(out, both.first); Wire<B>::put(out, both.second); }
    static std::pair<A, B> take(Reader &in) {
        A first = Wire<A>::take(in);
        return {std::move(first), Wire<B>::take(in)};
    }
};

template <class C, class E> struct Sequence {  // E: the element, with no const in it
    static void put(Writer &out, const C &values) {
        out.size(values.size());
        for (const auto &value : values) Wire<E>::put(out, value);
    }
    static C take(Reader &in) {
        C values;
        for (size_t count = in.size(); count > 0; count--) values.insert(values.end(), Wire<E>::take(in));
        return values;
    }
};

template <class E> struct Wire<std::vector<E>> : Sequence<std::vector<E>, E> {};
template <class E> struct Wire<std::list<E>> : Sequence<std::list<E>, E> {};
template <class E> struct Wire<std::deque<E>> : Sequence<std::deque<E>, E> {};
template <class E> struct Wire<std::set<E>> : Sequence<std::set<E>, E> {};
template <class E> struct Wire<std::multiset<E>> : Sequence<std::multiset<E>, E> {};
template <class E> struct Wire<std::unordered_set<E>> : Sequence<std::unordered_set<E>, E> {};
template <class K, class V> struct Wire<std::map<K, V>> : Sequence<std::map<K, V>, std::pair<K, V>> {};
template <class K, class V> struct Wire<std::unordered_map<K, V>> : Sequence<std::unordered_map<K, V>, std::pair<K, V>> {};

#if __cplusplus >= 201703L
#include "cpp17.hpp"
#endif

template <class T> bool put_if(Writer &out, const boost::any &value, char tag) {
    if (value.type() != typeid(T)) return false;
    out.byte(tag);
    Wire<T>::put(out, *boost::unsafe_any_cast<T>(&value));
    return true;
}

template <> struct Wire<boost::any> {
    static void put(Writer &out, const boost::any &value) {
        if (value.empty()) out.byte('0');
        else if (value.type() == typeid(const char *)) {
            out.byte('p');
            Wire<std::string>::put(out, *boost::unsafe_any_cast<const char *>(&value));
        } else if (!(put_if<int>(out, value, 'i') || put_if<double>(out, value, 'd') || put_if<std::string>(out, value, 's')
                     || put_if<char>(out, value, 'c') || put_if<bool>(out, value, 'b') || put_if<float>(out, value, 'f')
                     || put_if<long>(out, value, 'l') || put_if<long long>(out, value, 'L')
                     || put_if<std::vector<int>>(out, value, 'v') || put_if<std::vector<std::string>>(out, value, 'V')))
            out.byte('?');
    }
    static boost::any take(Reader &in) {
        switch (in.byte()) {
        case '0': return boost::any();
        case 'p': return static_cast<const char *>(strdup(Wire<std::string>::take(in).c_str()));
        case 'i': return Wire<int>::take(in);
        case 'd': return Wire<double>::take(in);
        case 's': return Wire<std::string>::take(in);
        case 'c': return Wire<char>::take(in);
        case 'b': return Wire<bool>::take(in);
        case 'f': return Wire<float>::take(in);
        case 'l': return Wire<long>::take(in);
        case 'L': return Wire<long long>::take(in);
        case 'v': return Wire<std::vector<int>>::take(in);
        case 'V': return Wire<std::vector<std::string>>::take(in);
        case '?': return Opaque();
        }
        throw Malformed{"a value of no kind"};
    }
};

inline bool write_all(const char *at, size_t size) {
    while (size > 0) {
        ssize_t count = ::write(WALL, at, size);
        if (count <= 0) return false;
        at += count;
        size -= count;
    }
    return true;
}

inline bool read_all(char *at, size_t size) {
    while (size > 0) {
        ssize_t count = ::read(WALL, at, size);
        if (count <= 0) return false;
        at += count;
        size -= count;
    }
    return true;
}

inline bool send(const std::string &content) {
    uint32_t size = static_cast<uint32_t>(content.size());
    return write_all(reinterpret_cast<const char *>(&size), 4) && write_all(content.data(), content.size());
}

inline bool receive(std::string &content) {
    uint32_t size;
    if (!read_all(reinterpret_cast<char *>(&size), 4)) return false;
    if (size > MOST_BYTES) throw Malformed{"a frame of more than 8 MiB"};
    content.resize(size);
    return size == 0 || read_all(&content[0], size);
}

// The half of the test.

static int calls = 0;

[[noreturn]] inline void leave(Status status, const std::string &detail) {
    std::cerr << detail << std::endl;
    _exit(status);
}

struct Watch {  // runs when main has returned, so a test that called nothing does not pass
    Watch() { std::atexit([] { std::cout.flush(); if (calls == 0) leave(VACUOUS, "the test never called the function"); }); }
};

template <class R> R answer(Reader &in) {
    R value = Wire<R>::take(in);
    in.finish();
    return value;
}
template <> inline void answer<void>(Reader &in) { in.finish(); }

template <class T> using Plain = typename std::decay<T>::type;

template <class R, class... A> R call(const A &...arguments) {
    calls++;
    Writer out;
    int in_order[] = {0, (Wire<Plain<A>>::put(out, arguments), 0)...};
    (void)in_order;
    try {
        std::string frame;
        if (!send(out.bytes) || !receive(frame)) leave(GONE, "");
        Reader in(frame);
        char kind = in.byte();
        if (kind == 'x') leave(RAISED, Wire<std::string>::take(in));
        if (kind != 'v') throw Malformed{"no kind of answer"};
        return answer<R>(in);
    } catch (const Malformed &malformed) {
        leave(PROTOCOL, malformed.reason);
    } catch (const NotCarried &value) {
        leave(RAISED, std::string("a value of type ") + value.type + " does not cross the wall");
    }
}

// The half of the function.

template <size_t...> struct Places {};
template <size_t N, size_t... Rest> struct Count : Count<N - 1, N - 1, Rest...> {};
template <size_t... All> struct Count<0, All...> { using Type = Places<All...>; };

template <class R, class... A, class Values, size_t... P>
void answer_to(Writer &out, R (*function)(A...), Values &values, Places<P...>) {
    Plain<R> value = function(std::get<P>(values)...);
    Wire<Plain<R>>::put(out, value);
}

template <class... A, class Values, size_t... P>
void answer_to(Writer &, void (*function)(A...), Values &values, Places<P...>) {
    function(std::get<P>(values)...);
}

inline std::string raised(const std::string &text) {
    Writer out;
    out.byte('x');
    Wire<std::string>::put(out, text.substr(0, 200));
    return out.bytes;
}

template <class R, class... A> std::string answer_to(R (*function)(A...), const std::string &request) {
    try {
        Writer out;
        out.byte('v');
        Reader in(request);
        std::tuple<Plain<A>...> values{Wire<Plain<A>>::take(in)...};
        answer_to(out, function, values, typename Count<sizeof...(A)>::Type());
        return out.bytes;
    } catch (const std::exception &error) {
        return raised(std::string(typeid(error).name()) + ": " + error.what());
    } catch (const NotCarried &value) {
        return raised(std::string("a value of type ") + value.type + " does not cross the wall");
    } catch (...) {
        return raised("an exception of a type of its own");
    }
}

template <class R, class... A> int serve(R (*function)(A...)) {
    std::string request;
    while (receive(request))
        if (!send(answer_to(function, request))) break;
    _exit(0);
}

}  // namespace astraios
