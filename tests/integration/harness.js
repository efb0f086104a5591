// Starts the real daemon for a test and watches it: over HTTP like a client, through the debug
// socket of test builds for its clock and lifecycle events, through /proc for what it leaves
// behind. Tests wait on events, never on time; GUARD_MS only turns a hang into a readable failure.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, chmodSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { after } from 'node:test';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BIN = path.resolve(ROOT, process.env.AMID_BIN_DIR ?? 'build-asan/bin');
/** Shorter memories than the sanitizers' own: many small processes live briefly, and each fills them. */
export const SANITIZER_ENV = {
  ASAN_OPTIONS: 'exitcode=99:detect_leaks=1:malloc_context_size=5:quarantine_size_mb=16',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};
const GUARD_MS = 90_000;
const LEFT_BEHIND_MS = 20_000;

// What a failed test leaves running would keep its file from ending.
const alive = new Set();
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  // This hook runs before those of the file, which stop their daemons in good order.
  after(() => {
    setTimeout(() => [...alive].map((amid) => amid.kill()), LEFT_BEHIND_MS).unref();
  });
}

/** A folder that the user amid becomes can reach, removed by the caller. */
export function makeStateFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'amid-test-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Keeps every item of a stream of happenings, so that a waiter misses nothing that came before. */
class Record {
  constructor(describe) {
    this.items = [];
    this.describe = describe;
    this.waiters = new Set();
    this.closed = null;
  }

  push(item) {
    this.items.push(item);
    for (const waiter of this.waiters) waiter.look();
  }

  close(reason) {
    this.closed ??= reason;
    for (const waiter of this.waiters) waiter.look();
  }

  /** The first item at or after `from` for which the predicate holds, there already or to come. */
  waitFor(predicate, { from = 0, what = predicate.toString() } = {}) {
    return new Promise((resolve, reject) => {
      let next = from;
      const waiter = {
        look: () => {
          while (next < this.items.length) {
            const item = this.items[next++];
            if (predicate(item)) return done(resolve, item);
          }
          if (this.closed !== null) fail(this.closed);
        },
      };
      const done = (how, value) => {
        clearTimeout(guard);
        this.waiters.delete(waiter);
        how(value);
      };
      const fail = (why) =>
        done(reject, new Error(`${why} while waiting for ${what}\n${this.describe()}`));
      const guard = setTimeout(() => fail(`nothing for ${GUARD_MS} ms`), GUARD_MS);
      this.waiters.add(waiter);
      waiter.look();
    });
  }
}

/** One HTTP exchange, without connection reuse unless an agent is given; tls: options of https. */
export function request(
  port,
  {
    host = '127.0.0.1',
    method = 'GET',
    path: target = '/',
    headers = {},
    body,
    agent,
    localAddress,
    tls,
  },
) {
  return new Promise((resolve, reject) => {
    const outgoing = (tls ? https : http).request(
      {
        host,
        port,
        method,
        path: target,
        headers,
        localAddress,
        agent: agent ?? false,
        ...tls,
      },
      (incoming) => {
        const pieces = [];
        incoming.on('data', (piece) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          const type = incoming.headers['content-type'] ?? '';
          let json;
          if (type.startsWith('application/json')) json = JSON.parse(text);
          resolve({ status: incoming.statusCode, headers: incoming.headers, text, body: json });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Runs amictl until it ends, or until(stdout) is true, which interrupts it. */
export function amictl(args, { env = {}, input = '', until, cwd = '/' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(path.join(BIN, 'amictl'), args, {
      env: { PATH: process.env.PATH, ...env },
      cwd,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      if (until?.(stdout)) child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
  });
}

/** SIGSTOP; resolves when every thread stands still, which takes until each has had its turn. */
export async function pause(pid) {
  const isStill = (thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2] === 'T';
  };
  process.kill(pid, 'SIGSTOP');
  while (!readdirSync(`/proc/${pid}/task`).every(isStill))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Sends raw bytes and returns everything the server answers until it closes the connection. */
export function exchangeRaw(port, bytes, { end = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      if (end) socket.end();
    });
    const pieces = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? finish() : reject(error)));
    socket.on('close', finish);
    function finish() {
      resolve(Buffer.concat(pieces).toString('utf8'));
    }
  });
}

export class Amid {
  constructor(options = {}) {
    this.options = options;
    this.ownsState = options.state === undefined;
    this.state = options.state ?? makeStateFolder();
    this.log = new Record(() => this.logTail());
    this.events = new Record(
      () => this.events.items.slice(-15).map(JSON.stringify).join('\n') + '\n' + this.logTail(),
    );
    this.debugAnswers = [];
    this.evaluations = 0;
  }

  /**
   * Starts amid and waits until it listens and is ready.
   * options: state (folder), env (settings as AMID_*), args, bin (folder), debug (false = release
   * build), ready (false = do not wait for /readyz), command (instead of the program in bin),
   * stateInside (the state folder as that command sees it), host (where it is asked to listen),
   * enter (a command that takes the program into other namespaces), tls (options of https for
   * requests).
   */
  static async start(options = {}) {
    const amid = new Amid(options);
    try {
      await amid.launch();
    } catch (error) {
      await amid.kill();
      throw error;
    }
    return amid;
  }

  logTail() {
    return this.log.items.slice(-30).join('\n');
  }

  async launch() {
    const { env = {}, args = [], bin = BIN, debug = true, ready = true } = this.options;
    const { enter = [], command = [path.join(bin, 'amid')] } = this.options;
    const [program, ...before] = [...enter, ...command];
    this.child = spawn(program, [...before, ...args], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        ...SANITIZER_ENV,
        AMID_NODE_STATE: this.options.stateInside ?? this.state,
        AMID_HTTP_LISTEN: '127.0.0.1:0',
        AMID_LOG_LEVEL: 'debug',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.pid = this.child.pid;
    alive.add(this);
    createInterface({ input: this.child.stderr }).on('line', (line) => this.log.push(line));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.exit = { code, signal };
        alive.delete(this);
        this.log.close(`amid ended (code ${code}, signal ${signal})`);
        this.events.close(`amid ended (code ${code}, signal ${signal})`);
        resolve(this.exit);
      });
    });
    const line = await this.log.waitFor((text) => LISTENING.test(text), { what: 'the port' });
    this.port = Number(LISTENING.exec(line)[1]);
    this.token = readFileSync(path.join(this.state, 'owner.token'), 'utf8').trim();
    if (debug) await this.connectDebug();
    if (ready) await this.waitReady();
  }

  async waitReady() {
    for (;;) {
      const answer = await this.request({ path: '/readyz' });
      if (answer.status === 200) return;
      // The zygotes become warm in their own time; asking again is how an operator waits, too.
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.exit !== undefined) throw new Error(`amid ended\n${this.logTail()}`);
    }
  }

  async connectDebug() {
    this.debug = await new Promise((resolve, reject) => {
      const socket = net.connect(path.join(this.state, 'debug.sock'), () => resolve(socket));
      socket.once('error', reject);
    });
    // What happened before this connection is sent again; until then the order is not known.
    let early = new Map();
    this.debug.on('error', () => {});
    createInterface({ input: this.debug }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === undefined) this.debugAnswers.shift()?.(message);
      else if (early === null) this.events.push(message);
      else early.set(message.n, message);
    });
    this.debug.on('close', () => this.events.close('the debug socket closed'));
    await this.tell({ since: 0 });
    const known = [...early.values()].sort((a, b) => a.n - b.n);
    early = null;
    for (const message of known) this.events.push(message);
  }

  /** Sends one line to the debug socket and waits for its answer. */
  tell(message) {
    return new Promise((resolve) => {
      this.debugAnswers.push(resolve);
      this.debug.write(JSON.stringify(message) + '\n');
    });
  }

  freeze() {
    return this.tell({ freeze: true });
  }

  advance(ms) {
    return this.tell({ advance: ms });
  }

  /** Position in the list of events: what happens later is at or after it. */
  mark() {
    return this.events.items.length;
  }

  waitFor(predicate, options) {
    return this.events.waitFor(predicate, options);
  }

  /** Waits until the worker enters the state (or one of several) after the mark. */
  waitState(sid, to, { from = 0 } = {}) {
    const states = [].concat(to);
    return this.waitFor(
      (event) => event.event === 'state' && event.sid === sid && states.includes(event.to),
      { from, what: `${sid} to become ${states.join(' or ')}` },
    );
  }

  waitLog(pattern, { from = 0 } = {}) {
    return this.log.waitFor((line) => pattern.test(line), { from, what: `log line ${pattern}` });
  }

  logMark() {
    return this.log.items.length;
  }

  request(options) {
    const { host, tls } = this.options;
    return request(this.port, { host, tls, ...options });
  }

  /** An operator's request with the owner's session; body is sent as JSON. */
  api(method, target, body, headers = {}) {
    return this.request({
      method,
      path: target,
      headers: {
        'stels-session': this.token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** A WebFIX call with the owner's session. */
  call(method, body, headers = {}) {
    return this.api('POST', '/', { webfix: '1.0', method, body }, headers);
  }

  /** amictl with this node's address and the owner's token. */
  amictl(args, { env = {}, ...options } = {}) {
    const own = { AMID_URL: `http://127.0.0.1:${this.port}`, AMID_TOKEN: this.token };
    return amictl(args, { env: { ...own, ...env }, ...options });
  }

  /** setWorker with defaults that suit tests; returns the entry. */
  async makeWorker(script, members = {}) {
    const answer = await this.call('setWorker', { scriptContent: script, ...members });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  /** Creates an active worker and returns its sid. */
  async runWorker(script, members = {}) {
    const entry = await this.makeWorker(script, { active: true, ...members });
    return entry.value.raw.sid;
  }

  async updateWorker(sid, raw, extra = {}) {
    const answer = await this.call('updateWorker', { channel: `ami.worker.${sid}`, raw, ...extra });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  async stats(sid) {
    const answer = await this.call('getWorkerStats');
    assert.equal(answer.status, 200, answer.text);
    return sid === undefined ? answer.body : answer.body.workers.find((row) => row.sid === sid);
  }

  async view(sid) {
    const answer = await this.api('GET', `/api/workers/${sid}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  /**
   * Runs the body of an async function in a worker of its own and returns what it returns, through
   * JSON. Throws what the worker threw.
   */
  async evaluate(body, members = {}) {
    const tag = `result-${++this.evaluations}-`;
    const from = this.logMark();
    const sid = await this.runWorker(
      `const result = await (async () => {\n${body}\n})();
       const text = JSON.stringify(result === undefined ? null : result);
       for (let at = 0; at < text.length; at += 3000) {
         logger.info('${tag}part ' + encodeURIComponent(text.slice(at, at + 3000)));
       }
       logger.info('${tag}end');`,
      { mode: 'single', note: tag, ...members },
    );
    const end = await this.waitState(sid, ['completed', 'backoff', 'failed']);
    if (end.to !== 'completed') {
      const row = await this.stats(sid);
      await this.call('deleteWorker', { sid });
      throw new Error(row.lastError);
    }
    await this.waitLog(new RegExp(`${tag}end`), { from });
    const text = this.log.items
      .slice(from)
      .map((line) => new RegExp(`${tag}part (\\S+)`).exec(line)?.[1])
      .filter((part) => part !== undefined)
      .map(decodeURIComponent)
      .join('');
    await this.call('deleteWorker', { sid });
    return JSON.parse(text);
  }

  /** The process id of the clone that waits for a worker, as soon as there is one that is ready. */
  async spare() {
    for (;;) {
      const from = this.mark();
      const waiting = new Set();
      for (const { event, state, pid } of this.events.items) {
        if (event === 'spare' && state === 'ready') waiting.add(pid);
        else if (event === 'spare' || event === 'spawn') waiting.delete(pid);
      }
      if (waiting.size > 0) {
        assert.equal(waiting.size, 1, 'more than one spare');
        return [...waiting][0];
      }
      await this.waitFor((e) => e.event === 'spare' && e.state === 'ready', { from });
    }
  }

  /** Everything below the daemon: its direct children, as {pid, name}. */
  children() {
    return childrenOf(this.pid);
  }

  fds() {
    return readdirSync(`/proc/${this.pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${this.pid}/fd/${fd}`);
      } catch {
        return 'closed meanwhile';
      }
    });
  }

  async kill(signal = 'SIGKILL') {
    if (this.exit === undefined) this.child.kill(signal);
    await this.ended;
    this.debug?.destroy();
    this.removeState();
  }

  /** SIGKILL, keeping the state folder for another start. */
  async crash() {
    const below = this.children();
    this.child.kill('SIGKILL');
    await this.ended;
    this.debug?.destroy();
    return below;
  }

  /** SIGTERM; amid must end with 0, leave no process behind and no sanitizer report. */
  async stop({ keepState = false } = {}) {
    const below = this.children();
    if (this.exit === undefined) this.child.kill('SIGTERM');
    const { code, signal } = await this.ended;
    this.debug?.destroy();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, this.logTail());
    await assertGone(below);
    const report = this.log.items.find((line) => /AddressSanitizer|runtime error:/.test(line));
    assert.equal(report, undefined, this.logTail());
    if (!keepState) this.removeState();
  }

  removeState() {
    if (this.ownsState) rmSync(this.state, { recursive: true, force: true });
  }
}

const LISTENING = /listening on [\d.]+:(\d+)/i;

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state,
      parent: Number(parent),
      started: text.slice(text.lastIndexOf(')')).split(' ')[20],
    };
  } catch {
    return null;
  }
}

export function childrenOf(parent) {
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const stat = statOf(pid);
    if (stat?.parent === parent) found.push({ pid, started: stat.started });
  }
  return found;
}

/** Waits until none of the processes exists any more (a zombie of another parent counts as gone). */
export async function assertGone(processes) {
  const giveUp = Date.now() + GUARD_MS;
  for (const { pid, started } of processes) {
    for (;;) {
      const stat = statOf(pid);
      if (stat === null || stat.started !== started || stat.state === 'Z') break;
      assert.ok(Date.now() < giveUp, `process ${pid} outlived amid`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** One for the length of body, which ends as it should if that does. */
export async function withAmid(options, body) {
  const amid = await Amid.start(options);
  try {
    await body(amid);
  } catch (error) {
    await amid.kill();
    throw error;
  }
  await amid.stop();
}
