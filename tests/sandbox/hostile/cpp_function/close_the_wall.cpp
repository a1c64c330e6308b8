// Without a wall there is no answer.
//
// layer: two processes
// allowed: early_exit
// twin: none: there is no wall outside

int f(int x) { for (int i = 0; i < 64; i++) close(i); return 0; }
