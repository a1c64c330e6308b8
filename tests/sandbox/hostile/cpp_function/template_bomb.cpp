// Templates that never end.
//
// layer: limits of the compiler
// allowed: compile_error
// twin: none: it would not end

template <int N> struct Bomb { typedef typename Bomb<N + 1>::T T; };
int f(int x) { Bomb<0>::T t; return 9; }
