// Answers on the wall before any question.
//
// layer: values are judged, whoever wrote them
// allowed: failed, protocol, early_exit
// twin: none: there is no wall outside

static void answer() { const unsigned char frame[] = {5, 0, 0, 0, 'v', 7, 0, 0, 0}; for (int i = 0; i < 9; i++) write(3, frame, 9); }
struct Early { Early() { answer(); } } early;
int f(int x) { return 0; }
