// A worker connects while the function waits.
//
// layer: system calls
// allowed: failed, runtime_error, crash, early_exit
// twin: none: it needs a second

const { Worker } = require('worker_threads');
const f = (x) => {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const text = "const {workerData} = require('worker_threads'); require('net').connect(PLANTED_PORT, '127.0.0.1', () => { workerData[0] = 9; Atomics.notify(workerData, 0); }).on('error', () => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); });";
  new Worker(text, { eval: true, workerData: done });
  Atomics.wait(done, 0, 0, 1000);
  return done[0];
};
