// An object that equals everything is no value.
//
// layer: values cross, not objects
// allowed: compile_error, failed
// twin: itself

struct Any { template <class T> bool operator==(const T &) const { return true; } };
Any f(int x) { return Any(); }
