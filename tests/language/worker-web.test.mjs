/**
 * The promise held here: what of the web platform belongs to the life of a worker (the global `signal`, listeners that
 * end with their iteration, errors by the names of RULES 16), and the corners where Node's own classes are not the
 * standard's, so that tests/language/programs/ cannot compare them.
 */
import { holds } from './worker-run.mjs';

holds(
  'signal is aborted by the stop, shouldStop says so; what rejects with its reason is no error',
  `logger.info(signal.aborted, shouldStop(), signal === globalThis.signal, signal instanceof AbortSignal);
   signal.addEventListener('abort', () => logger.info('heard', signal.reason.name, shouldStop()), { once: true });
   await new Promise((resolve, reject) => {
     signal.onabort = () => reject(signal.reason);
     setInterval(() => {}, 100);
   });`,
  { stopAt: 250 },
  [
    'false false true true',
    '-- stop at 250',
    'heard AbortError true',
    '-- stopped',
    '-- 0 iterations, 0 ticks at 250 ms',
  ],
);

holds(
  'a listener of signal ends with the iteration that added it',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   const mine = n;
   signal.addEventListener('abort', () => logger.info('heard in', mine));
   if (n === 3) await new Promise((done) => { const t = setInterval(() => {}, 100); signal.onabort = () => { clearInterval(t); done(); }; });`,
  { iterations: 9, stopAt: 450 },
  [
    '-- ended well',
    '-- ended well',
    '-- stop at 450',
    'heard in 3',
    '-- stopped',
    '-- 2 iterations, 0 ticks at 450 ms',
  ],
);

holds(
  'a target that outlives its iteration forgets the listeners of the old one',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   globalThis.target ??= new EventTarget();
   const mine = n;
   if (n < 3) target.addEventListener('x', () => logger.info('from', mine));
   target.dispatchEvent(new Event('x'));`,
  { iterations: 3 },
  [
    'from 1',
    '-- ended well',
    'from 2',
    '-- ended well',
    '-- ended well',
    '-- 3 iterations, 0 ticks at 200 ms',
  ],
);

holds(
  'a signal first looked at once the stop has come is aborted',
  `try { await Stels.sleep(1000); } finally { logger.info(signal.aborted, signal.reason.name); }`,
  { stopAt: 10 },
  ['-- stop at 10', 'true AbortError', '-- stopped', '-- 0 iterations, 0 ticks at 10 ms'],
);

holds(
  'a timeout is a network error for the restart rules, a throw in a listener an error of the iteration',
  `globalThis.n = (globalThis.n ?? 0) + 1;
   if (n === 1) await new Promise((_, reject) => {
     const s = AbortSignal.timeout(50);
     s.onabort = () => reject(s.reason);
   });
   const t = new EventTarget();
   t.addEventListener('x', () => { throw new RangeError('listener'); });
   t.dispatchEvent(new Event('x'));
   await Stels.sleep(1000);`,
  { iterations: 2 },
  [
    '-- failed: TimeoutError | RequestTimeout<DOMException<Error | The operation was aborted due to timeout | line 0',
    '-- failed: RangeError | RangeError<Error | listener | line 7',
    '-- 2 iterations, 0 ticks at 50 ms',
  ],
);

holds(
  'a pending AbortSignal.timeout does not keep the iteration open',
  `AbortSignal.timeout(60000).addEventListener('abort', () => logger.info('never'));`,
  {},
  ['-- ended well', '-- 1 iterations, 0 ticks at 0 ms'],
);

holds(
  'a signal that lives long does not gather what AbortSignal.any made of it',
  `const c = new AbortController();
   for (let i = 0; i < 3; i++) {
     const any = AbortSignal.any([c.signal, AbortSignal.timeout(10)]);
     const heard = () => logger.info('heard', i);
     any.addEventListener('abort', heard);
     if (i < 2) any.removeEventListener('abort', heard);
   }
   c.abort();`,
  {},
  ['heard 2', '-- ended well', '-- 1 iterations, 0 ticks at 0 ms'],
);

holds(
  'listeners of the capture come first; passive ones prevent nothing; all is aborted before the first listener hears',
  `const t = new EventTarget();
   t.addEventListener('x', () => logger.info('second'));
   t.addEventListener('x', () => logger.info('first'), true);
   t.addEventListener('x', (e) => e.preventDefault(), { passive: true });
   logger.info(t.dispatchEvent(new Event('x', { cancelable: true })));
   const again = new Event('y');
   t.addEventListener('y', () => { try { t.dispatchEvent(again); } catch (e) { logger.info(e.name); } });
   t.dispatchEvent(again);
   const c = new AbortController();
   const any = AbortSignal.any([c.signal]);
   any.onabort = () => {};
   c.signal.onabort = () => logger.info(any.aborted);
   c.abort();
   any.onabort = 5;
   logger.info(any.onabort, again.NONE);`,
  {},
  [
    'first',
    'second',
    'true',
    'InvalidStateError',
    'true',
    'null 0',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);

holds(
  'windows-1252, numbers of files, line ends of blobs, null as a query',
  `const bytes = Uint8Array.from({ length: 32 }, (_, i) => 128 + i);
   logger.info([...new TextDecoder('latin1').decode(bytes)].map((c) => c.codePointAt(0).toString(16)).join(' '));
   logger.info(new File([], 'x', { lastModified: 12.9 }).lastModified);
   logger.info(JSON.stringify(await new Blob(['a\\r\\nb\\rc\\nd'], { endings: 'native' }).text()));
   logger.info(String(new URLSearchParams(null)));
   const sizes = [];
   for await (const piece of new Blob([new Uint8Array(150000)]).stream()) sizes.push(piece.length);
   logger.info(sizes.join());`,
  {},
  [
    '20ac 81 201a 192 201e 2026 2020 2021 2c6 2030 160 2039 152 8d 17d 8f 90 2018 2019 201c 201d 2022 2013 2014 2dc 2122 161 203a 153 9d 17e 178',
    '12',
    '"a\\nb\\nc\\nd"',
    'null=',
    '65536,65536,18928',
    '-- ended well',
    '-- 1 iterations, 0 ticks at 0 ms',
  ],
);
