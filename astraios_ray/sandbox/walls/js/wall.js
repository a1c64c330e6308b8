// The wall between a unit test and the JavaScript function that it tests: values cross as JSON on descriptor 3.
//
// A frame is four bytes of length and its content. A request holds the arguments; an answer is a pair of its kind
// and a value: "v" the value, "x" the text of an exception, "l" why the program did not load, "n" no function.
'use strict';
const fs = require('fs');

const WALL = 3;
const MOST_BYTES = 8 << 20; // of a frame
const [FAILED, RAISED, VACUOUS, GONE, PROTOCOL, LOAD_ERROR, NO_ENTRY] = [10, 11, 12, 13, 14, 15, 16];

class Opaque { // stands for a value of a type that does not cross: it equals nothing and cannot be printed
  constructor(type) { this.type = type; }
  toJSON() { throw new TypeError(`a value of type ${this.type} does not cross the wall`); }
  [Symbol.toPrimitive]() { return this.toJSON(); }
}

// What JSON cannot say is an object with a tag; every other object is a list of its keys and values.
function plain(value) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : ['f', spelled(value)];
  if (typeof value === 'undefined') return ['u'];
  if (typeof value === 'bigint') return ['n', value.toString()];
  if (Array.isArray(value)) return ['a', Array.from(value, plain)];
  if (value instanceof Map) return ['m', Array.from(value, (pair) => pair.map(plain))];
  if (value instanceof Set) return ['s', Array.from(value, plain)];
  if (value instanceof Date) return ['d', plain(value.getTime())];
  if (typeof value !== 'object' || [Promise, Number, String, Boolean].some((kind) => value instanceof kind)) {
    return ['?', typeof value === 'object' ? value.constructor.name : typeof value];
  }
  return ['o', Object.entries(value).map(([key, member]) => [key, plain(member)])];
}

const spelled = (number) => (Object.is(number, -0) ? '-0' : String(number));

const REBUILD = {
  f: (text) => Number(text),
  u: () => undefined,
  n: (text) => BigInt(text),
  a: (values) => values.map(rebuilt),
  m: (pairs) => new Map(pairs.map((pair) => pair.map(rebuilt))),
  s: (values) => new Set(values.map(rebuilt)),
  d: (time) => new Date(rebuilt(time)),
  '?': (type) => new Opaque(String(type)),
  o: (pairs) => {
    const object = {};
    for (const [key, member] of pairs) {
      const value = rebuilt(member);
      Object.defineProperty(object, String(key), { value, writable: true, enumerable: true, configurable: true });
    }
    return object;
  },
};

function rebuilt(value) {
  if (!Array.isArray(value)) {
    if (value !== null && typeof value === 'object') throw new TypeError('an object without a tag');
    return value;
  }
  if (!Object.hasOwn(REBUILD, value[0])) throw new TypeError('a tag of no kind');
  return REBUILD[value[0]](value[1]);
}

function send(value) {
  const content = Buffer.from(JSON.stringify(value));
  if (content.length > MOST_BYTES) throw new RangeError('a value of more than 8 MiB does not cross the wall');
  const frame = Buffer.alloc(4 + content.length);
  frame.writeUInt32BE(content.length);
  content.copy(frame, 4);
  for (let written = 0; written < frame.length;) written += fs.writeSync(WALL, frame, written);
}

function receiveBytes(size) {
  const bytes = Buffer.alloc(size);
  for (let filled = 0; filled < size;) {
    const count = fs.readSync(WALL, bytes, filled, size - filled, null);
    if (count === 0) return null;
    filled += count;
  }
  return bytes;
}

function receive() { // null when the other side is gone
  const header = receiveBytes(4);
  if (header === null) return null;
  const size = header.readUInt32BE();
  if (size > MOST_BYTES) throw new RangeError('a frame of more than 8 MiB');
  const content = receiveBytes(size);
  return content === null ? null : [JSON.parse(content.toString())];
}

// The process of the test. It passes when it ends by itself after a call, and no assertion failed.

let calls = 0;
let failures = 0;

function leave(status, detail) {
  fs.writeSync(2, `${detail}\n`);
  process.reallyExit(status);
}

function exchange(message) {
  try {
    send(message);
    return receive();
  } catch (error) {
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return null;
    return leave(PROTOCOL, error.message);
  }
}

function call(...values) {
  calls += 1;
  const answer = exchange(values.map(plain));
  if (answer === null) leave(GONE, '');
  try {
    const [kind, value] = answer[0];
    if (kind === 'v') return rebuilt(value);
    const status = { x: RAISED, l: LOAD_ERROR, n: NO_ENTRY }[kind];
    return leave(status || PROTOCOL, status ? String(value) : 'no kind of answer');
  } catch (error) {
    return leave(PROTOCOL, error.message);
  }
}

function watch() {
  console.assert = (condition, ...message) => {
    if (condition) return;
    failures += 1;
    const [, , line] = new Error().stack.split('\n');
    console.error(`Assertion failed ${line.trim().replace(/^at .*\/tmp\//, 'at ').replace(/\)$/, '')}`, ...message);
  };
  process.on('uncaughtException', (error) => leave(FAILED, described(error)));
  process.on('exit', (status) => {
    if (status === 0) process.exitCode = failures ? FAILED : calls ? 0 : VACUOUS;
  });
}

// The process of the function.

function load(path, name) {
  const source = fs.readFileSync(path, 'utf8').replace(/^#!.*/, '');
  const text = `${source}\n;return typeof ${name} === 'undefined' ? undefined : ${name};`;
  const module = { exports: {} };
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  const program = require('vm').compileFunction(text, names, { filename: 'solution.js' });
  return program.call(module.exports, module.exports, require, module, path, '/tmp');
}

function described(error) {
  try {
    return String(error instanceof Error ? `${error.name}: ${error.message}` : error).split('\n')[0].slice(0, 200);
  } catch {
    return 'an exception without a text';
  }
}

function answerTo(program, values) {
  if (program.problem) return program.problem;
  try {
    return ['v', plain(program.run(...values.map(rebuilt)))];
  } catch (error) {
    return ['x', described(error)];
  }
}

function serve(path, name) {
  const program = {};
  try {
    program.run = load(path, name);
    if (typeof program.run !== 'function') program.problem = ['n', `binds no function ${name}`];
  } catch (error) {
    program.problem = ['l', described(error)];
  }
  for (let request = receive(); request !== null; request = receive()) {
    const answer = answerTo(program, request[0]);
    try {
      send(answer);
    } catch (error) {
      send(['x', described(error)]);
    }
  }
  process.reallyExit(0);
}

module.exports = { call, watch, serve };
