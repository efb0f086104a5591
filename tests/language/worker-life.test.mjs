/**
 * The promise held here: iterations, errors, the stop, the key-value spaces and logging behave as RULES 12-18, 22 and 25
 * of docs/writing-workers.md say, seen from inside the prelude. The C functions below it are doubled (fake-host.js), so
 * that time is virtual; tests/integration/ holds the same promises through the whole of amid.
 */
import { holds } from './worker-run.mjs';

holds(
  'a loop pauses between iterations and keeps globalThis',
  `globalThis.n = (globalThis.n ?? 0) + 1; let own = 0; own++; logger.info(globalThis.n, own);`,
  { iterations: 3 },
  [
    '1 1',
    '-- ended well',
    '2 1',
    '-- ended well',
    '3 1',
    '-- ended well',
    '-- 3 iterations, 0 ticks at 200 ms',
  ],
);

holds('single runs once and schedules nothing', `logger.info('once');`, { mode: 'single' }, [
  'once',
  '-- ended well',
  '-- 1 iterations, 0 ticks at 0 ms',
]);

holds(
  'timers and requests keep an iteration open after its body has ended',
  `setTimeout(() => logger.info('timer'), 500);
   Stels.net.set(['k'], 1).then(() => logger.info('stored'));
   logger.info('body ends');`,
  {},
  ['body ends', 'stored', 'timer', '-- ended well', '-- 1 iterations, 0 ticks at 500 ms'],
);

holds('returns from sleep are ticks', `for (let i = 0; i < 3; i++) await Stels.sleep(1000);`, {}, [
  '-- ended well',
  '-- 1 iterations, 3 ticks at 3000 ms',
]);

holds(
  'an error ends the iteration, not the world',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   if (globalThis.n === 1) throw new RangeError('first');
   logger.info('second sees', globalThis.n);`,
  { iterations: 2 },
  [
    '-- failed: RangeError | RangeError<Error | first | line 2',
    'second sees 2',
    '-- ended well',
    '-- 2 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'a throw in a callback is an error of the iteration; what it left is dropped',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   if (globalThis.n === 2) { await Stels.sleep(5000); return; }
   setTimeout(() => { throw new TypeError('in timer'); }, 10);
   setTimeout(() => logger.info('never'), 20);
   await Stels.sleep(15).then(() => logger.info('never either'));`,
  { iterations: 2 },
  [
    '-- failed: TypeError | TypeError<Error | in timer | line 3',
    '-- ended well',
    '-- 2 iterations, 1 ticks at 5010 ms',
  ],
);

holds(
  'an unhandled rejection is an error of the iteration, a handled one is not',
  `Promise.reject(new Error('handled')).catch(() => {});
   const later = Promise.reject(new Error('handled later'));
   later.catch(() => logger.info('caught'));
   await Stels.sleep(1);
   Promise.reject(new Error('nobody'));
   await Stels.sleep(1000);
   logger.info('never');`,
  {},
  ['caught', '-- failed: Error | Error | nobody | line 5', '-- 1 iterations, 1 ticks at 1 ms'],
);

holds(
  'nothing of an ended iteration runs in the next one',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   if (globalThis.n === 1) {
     new Promise((resolve) => (globalThis.wake = resolve)).then(() => logger.info('ghost'));
     (async () => { await new Promise((resolve) => (globalThis.wake2 = resolve)); logger.info('ghost 2'); })();
     setTimeout(() => { throw new Error('out'); }, 1);
     return;
   }
   globalThis.wake(); globalThis.wake2();
   await Stels.sleep(10);
   logger.info('alone');`,
  { iterations: 2 },
  [
    '-- failed: Error | Error | out | line 5',
    'alone',
    '-- ended well',
    '-- 2 iterations, 1 ticks at 11 ms',
  ],
);

holds(
  'classes of errors reach the policy by name and by ancestors',
  `class NetworkError extends Error {}
   class Timeout extends NetworkError { name = 'Late'; }
   throw new Timeout('feed');`,
  {},
  [
    '-- failed: Late | Timeout<NetworkError<Error | feed | line 3',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'anything can be thrown',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   if (globalThis.n === 1) throw 'text';
   if (globalThis.n === 2) throw null;
   if (globalThis.n === 3) throw { code: 5 };
   if (globalThis.n === 4) throw { name: 'NetworkError', message: 'plain' };
   throw Object.defineProperty({}, 'message', { get() { throw new Error('trap'); } });`,
  { iterations: 5 },
  [
    "-- failed: Error |  | Uncaught 'text' | line 0",
    '-- failed: Error |  | Uncaught null | line 0',
    '-- failed: Error |  | Uncaught {"code":5} | line 0',
    '-- failed: NetworkError |  | plain | line 0',
    '-- failed: Error |  | an error that cannot be read | line 0',
    '-- 5 iterations, 0 ticks at 0 ms',
  ],
);

holds('a wait for nothing is an error', `await new Promise(() => {});`, {}, [
  '-- failed: Error | Error | The script awaits a promise that nothing can settle any more | line 0',
  '-- 1 iterations, 0 ticks at 0 ms',
]);

holds(
  'a stop rejects a pending sleep once; that is no error',
  `logger.info('begin'); await Stels.sleep(60000); logger.info('never');`,
  { stopAt: 500 },
  ['begin', '-- stop at 500', '-- stopped', '-- 0 iterations, 0 ticks at 500 ms'],
);

holds(
  'after a stop the script may clean up and write; sleeps begun later never end',
  `while (true) {
     try { await Stels.sleep(1000); } catch (error) {
       logger.info(error.name, error.code, Stels.shouldStop());
       await Stels.local.set(['last'], 'saved');
       logger.info((await Stels.local.get(['last'])).value.raw);
     }
   }`,
  { stopAt: 1500 },
  [
    '-- stop at 1500',
    'AbortError 20 true',
    'saved',
    '-- stopped',
    '-- 0 iterations, 1 ticks at 1500 ms',
  ],
);

holds(
  'a stop between iterations ends at once',
  `logger.info('run');`,
  { iterations: 2, stopAt: 50 },
  ['run', '-- ended well', '-- stop at 50', '-- stopped', '-- 1 iterations, 0 ticks at 50 ms'],
);

holds(
  'an error while stopping is logged, not counted',
  `try { await Stels.sleep(9000); } finally { nowhere(); }`,
  { stopAt: 5 },
  [
    '-- stop at 5',
    'error Error while stopping: ReferenceError: nowhere is not defined',
    '    at worker.js:1',
    '-- stopped',
    '-- 0 iterations, 0 ticks at 5 ms',
  ],
);

holds(
  'values are channel records; a missing key has no value',
  `const e = (await Stels.net.set(['a', 'b', 1], { x: 1 }), await Stels.net.get(['a', 'b', 1]));
   logger.info(e.key.join('/'), e.value.channel, e.value.module, JSON.stringify(e.value.raw), e.timestamp === e.value.timestamp);
   const none = await Stels.net.get(['none']);
   logger.info(none.value, none.versionstamp, (await Stels.local.get(['a', 'b', 1])).value);
   await Stels.net.set(['own'], { channel: 'x.y', raw: 5, extra: true });
   logger.info(JSON.stringify((await Stels.net.get(['own'])).value));`,
  {},
  [
    'a/b/1 a.b.1 a {"x":1} true',
    'null null null',
    '{"channel":"x.y","raw":5,"extra":true}',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'lists go page by page and on from a cursor, both ways',
  `for (let i = 0; i < 7; i++) await Stels.net.set(['l', i], i);
   const read = async (selector, options) => {
     const list = Stels.net.list(selector, options);
     const keys = [];
     for await (const entry of list) keys.push(entry.value.raw);
     logger.info(keys.join());
     return list.cursor;
   };
   await read({ prefix: ['l'] }, { batchSize: 3 });
   const cursor = await read({ prefix: ['l'] }, { limit: 3 });
   await read({ prefix: ['l'] }, { cursor, limit: 2 });
   await Stels.net.delete(['l', 2]);
   await read({ prefix: ['l'] }, { cursor });
   const back = await read({ prefix: ['l'] }, { reverse: true, limit: 2 });
   await read({ prefix: ['l'] }, { reverse: true, cursor: back });
   await read({ start: ['l', 1], end: ['l', 4] });
   await read({ prefix: ['nothing'] });`,
  {},
  [
    '0,1,2,3,4,5,6',
    '0,1,2',
    '3,4',
    '3,4,5,6',
    '6,5',
    '4,3,1,0',
    '1,3',
    '',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'atomic operations check, and sums need no check',
  `const kv = Stels.net;
   await kv.set(['a'], 1);
   const a = await kv.get(['a']);
   logger.info((await kv.atomic().check(a).set(['a'], 2).commit()).ok, (await kv.atomic().check(a).set(['a'], 3).commit()).ok);
   logger.info((await kv.atomic().check({ key: ['new'], versionstamp: null }).set(['new'], 1).delete(['a']).commit()).ok);
   await Promise.all([1, 2, 3].map((n) => kv.atomic().sum(['s'], n).max(['m'], n).min(['m2'], -n).commit()));
   logger.info((await kv.getMany([['s'], ['m'], ['m2'], ['a']])).map((e) => e.value && e.value.raw).join());`,
  {},
  ['true false', 'true', '6,3,-3,', '-- ended well', '-- 1 iterations, 0 ticks at 0 ms'],
);

holds(
  "log lines: objects in one line, errors with the owner's lines, plain objects as fields",
  `logger.info('text', 1, -0, null, undefined, [1, { a: 'b' }]);
   logger.warn('fields', { symbol: 'BTC', n: 1 });
   const cycle = { name: 'c' }; cycle.self = cycle;
   logger.debug(cycle);
   logger.error('failed:', new TypeError('why'));
   logger.info('%s has %d, %j and %o%%', 'x', 4.5, [1], { z: 1 }, 'rest');
   logger.info(new Map([['k', 1]]), new Set([1]), () => 1, Symbol('s'), new Date(0), new Uint8Array([1, 2]));
   console.log('100%', 5); console.error('bad'); console.group('g'); console.log('in'); console.groupEnd(); console.log('out');
   console.count(); console.count(); console.assert(false, 'no'); console.assert(true);
   logger.info('x'.repeat(9000).length, { big: 'y'.repeat(9000) }.big.length);`,
  {},
  [
    'text 1 -0 null undefined [1,{"a":"b"}]',
    'warn fields {"symbol":"BTC","n":1} #{"symbol":"BTC","n":1}',
    'debug {"name":"c","self":"[Circular]"} #{"name":"c","self":"[Circular]"}',
    'error failed: TypeError: why',
    '    at worker.js:5',
    'x has 4.5, [1] and {"z":1}% rest #{"z":1}',
    '[["k",1]] [1] [Function (anonymous)] Symbol(s) "1970-01-01T00:00:00.000Z" [1,2]',
    '100% 5',
    'error bad',
    'g',
    '  in',
    'out',
    'default: 1',
    'default: 2',
    'error Assertion failed: no',
    '9000 9000',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'what is not built yet says so by its name',
  `const tries = [() => new EventSource('x'), () => Deno.openKv(), () => Stels.net.enqueue(1)];
   for (const f of tries) { try { f(); } catch (e) { logger.info(e.name, e.message.split(' ')[0]); } }
   logger.info(typeof fetch, typeof Duktape, typeof CBOR, 'fetch' in globalThis);
   globalThis.fetch = async () => 'own';
   logger.info(await fetch());`,
  {},
  [
    'NotSupported EventSource',
    'NotSupported Deno.openKv',
    'NotSupported Stels.net.enqueue',
    'function undefined undefined true',
    'own',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  "internal slots are out of a script's reach",
  `const p = Promise.resolve(1), m = new Map([[1, 2]]), o = {}, w = new WeakMap([[o, 1]]);
   m.set(o, 1);
   for (const x of [p, m, o, w]) logger.info(Reflect.ownKeys(x).length, JSON.stringify({ ...x }), ['state', 'box'].some((name) => ['__H', name].join('_') in x));
   Object.freeze(m); m.set('k', 1); logger.info(m.size);`,
  {},
  [
    '0 {} false',
    '0 {} false',
    '0 {} false',
    '0 {} false',
    '3',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'configuration changes live: what scripts see, the pause, the log level',
  `const before = Stels.config;
   logger.info(before.workers, before.logLevel, Object.isFrozen(before));
   logger.error(Stels.config.workers, Stels.config.nested?.list?.length, before === Stels.config);
   try { (() => { 'use strict'; Stels.config.workers = 5; })(); } catch (e) { logger.error(e.name); }`,
  {
    iterations: 2,
    configure: { workers: 7, delayMs: 1000, logLevel: 'error', nested: { list: [1] } },
  },
  [
    '1 undefined true',
    'error 1 undefined true',
    'error TypeError',
    '-- ended well',
    'error 7 1 true',
    'error TypeError',
    '-- ended well',
    '-- 2 iterations, 0 ticks at 1000 ms',
  ],
);

holds(
  'Deno: errors are classes, the environment is refused, what blocks or is lacking names itself',
  `const name = (f) => { try { return f(); } catch (e) { return e.name + ': ' + e.message; } };
   logger.info(new Deno.errors.NotFound('x') instanceof Error, new Deno.errors.NotFound('x').name, Object.keys(Deno.errors).length > 20);
   try { Deno.env.get('HOME'); } catch (e) { logger.info(e instanceof Deno.errors.PermissionDenied, e.message); }
   logger.info(name(() => Deno.readTextFileSync('x')));
   logger.info(name(() => Deno.openKv()), typeof Deno.nothing, 'nothing' in Deno);
   logger.info(Deno.version.deno, JSON.stringify(Deno.build), Deno.pid, Deno.cwd(), Deno.args, Deno.noColor);
   logger.info(JSON.stringify(Deno.memoryUsage()), typeof Deno.metrics().ops.op_now.opsDispatched);
   logger.info(Deno.inspect('a'), Deno.inspect({ a: [1] }), Object.prototype.toString.call(Deno));
   logger.info((await Deno.permissions.query({ name: 'env' })).state, await Deno.permissions.query({ name: 'odd' }).catch((e) => e.name));
   logger.info(name(() => Deno.addSignalListener('SIGUSR1', () => {})), name(() => Deno.exit(1.5)));
   Deno.own = 5;
   logger.info(Deno.own);`,
  {},
  [
    'true NotFound true',
    'true Deno.env: workers have no access to environment variables (permission: env)',
    'NotSupported: Deno.readTextFileSync is not supported: a worker cannot block; use await Deno.readTextFile',
    'NotSupported: Deno.openKv is not supported by this version of amid undefined false',
    '1.19.2 {"target":"x86_64-unknown-linux-gnu","arch":"x86_64","os":"linux","vendor":"unknown","env":"gnu"} 42 / [] true',
    '{"rss":2000,"heapTotal":2000,"heapUsed":1000,"external":0} number',
    '"a" {"a":[1]} [object Deno]',
    'denied TypeError',
    'TypeError: amid only supports SIGTERM and SIGINT, but got SIGUSR1 TypeError: The exit code must be an integer, not 1.5',
    '5',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'an unref’d timer does not keep the iteration open, a ref’d one does',
  `const a = setTimeout(() => logger.info('never'), 100);
   Deno.unrefTimer(a);
   const b = setTimeout(() => logger.info('b'), 50);
   Deno.unrefTimer(b);
   Deno.refTimer(b);`,
  {},
  ['b', '-- ended well', '-- 1 iterations, 0 ticks at 50 ms'],
);

holds(
  'a stop calls SIGTERM listeners, which may still work after the body has heeded it',
  `const gone = () => logger.info('removed');
   Deno.addSignalListener('SIGTERM', gone);
   Deno.removeSignalListener('SIGTERM', gone);
   Deno.addSignalListener('SIGINT', () => logger.info('never'));
   Deno.addSignalListener('SIGTERM', async () => {
     logger.info('stopping', Stels.shouldStop());
     await Stels.local.set(['last'], 1);
     await new Promise((done) => setTimeout(done, 200));
     logger.info('tidied up');
   });
   while (true) await Stels.sleep(1000);`,
  { stopAt: 1500 },
  [
    '-- stop at 1500',
    'stopping true',
    'tidied up',
    '-- stopped',
    '-- 0 iterations, 1 ticks at 1700 ms',
  ],
);

holds(
  'a stop in the pause between two iterations calls the listeners of the last one',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   const mine = n;
   Deno.addSignalListener('SIGTERM', () => logger.info('stopping', mine));`,
  { iterations: 9, stopAt: 150 },
  [
    '-- ended well',
    '-- ended well',
    '-- stop at 150',
    'stopping 2',
    '-- stopped',
    '-- 2 iterations, 0 ticks at 150 ms',
  ],
);

holds(
  'a SIGTERM listener that throws ends the stop',
  `Deno.addSignalListener('SIGTERM', () => { throw new TypeError('no'); });
   while (true) await Stels.sleep(1000);`,
  { stopAt: 10 },
  [
    '-- stop at 10',
    'error Error while stopping: TypeError: no',
    '    at worker.js:1',
    '-- stopped',
    '-- 0 iterations, 0 ticks at 10 ms',
  ],
);

holds(
  'config is Stels.config until the script has its own, Stels.engine is Deno',
  `logger.info(config === Stels.config, config.nid, config.network, Stels.engine === Deno, Deno.hostname(), Deno.loadavg()[0]);
   globalThis.config = 1;
   logger.info(config, Stels.config.nid);`,
  {},
  [
    'true s-0001 testnet true testhost 0.5',
    '1 s-0001',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);
