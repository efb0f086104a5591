// Lets a schedule of faults loose on a cluster with leader workers and has the checker look on.
import path from 'node:path';

import { ROOT } from '../integration/harness.js';
import { Checker, stamp } from './checker.js';
import { Cluster, PREFIX } from './cluster.js';
import { base64 } from './etcd.js';
import { History, encodeStrings } from './history.js';
import { World, acknowledgementsOf, planOf, scriptOf } from './leaders.js';
import { MEMBERS, NODES, WORKERS, roundsOf } from './schedule.js';

export const TTL_S = 5;
const TTL_MS = TTL_S * 1000;
const MARGIN_MS = TTL_MS / 4;
// What is promised of a crash and of a clean stop; what is waited for until a run is given up.
const CRASH_MS = TTL_MS + 5000;
const HANDOVER_MS = 1000;
const GIVE_UP_MS = 90_000;
const CALL_MS = 2000;
const TICK_MS = 50;
// Beyond this the machine had no time for the test itself, and a takeover's time says nothing.
const LAG_MS = 500;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves after ms, or rejects if so told, and leaves no timer behind when the other is sooner. */
function firstOf(promise, ms, fault) {
  let timer;
  const over = new Promise((resolve, reject) => {
    timer = setTimeout(() => (fault ? reject(new Error(fault)) : resolve()), ms);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
}

function within(promise, ms) {
  return firstOf(promise, ms, `no answer within ${ms} ms`);
}

export class FaultRun {
  /**
   * isTimed: the release build, and what takes longer than promised is a violation; else the build
   * with sanitizers, which is too slow for that, and with clocks that can be moved.
   */
  static async start({ seed, isTimed = false }) {
    const run = new FaultRun();
    const { bin, debug } = isTimed ? { bin: path.join(ROOT, 'build/bin'), debug: false } : {};
    run.seed = seed;
    run.isTimed = isTimed;
    run.hasClock = debug !== false;
    run.checker = new Checker({ ttlMs: TTL_MS, marginMs: MARGIN_MS });
    run.faults = {};
    run.takeovers = { crash: [], handover: [], apart: [] };
    run.under = new Map(); // what is broken now: name to the function that mends it
    run.undone = [];
    run.trace = [];
    run.cluster = await Cluster.start({
      nodes: NODES,
      members: MEMBERS,
      ttl: TTL_S,
      bin,
      debug,
      env: { AMID_LOG_LEVEL: 'info' },
    });
    try {
      await run.prepare();
    } catch (error) {
      await run.close();
      throw error;
    }
    return run;
  }

  async prepare() {
    this.world = await World.open((effect) => this.checker.effect(effect));
    this.history = new History({
      urls: this.cluster.etcd.urls,
      prefix: PREFIX,
      onRevision: (revision, events, at) => this.checker.revision(revision, events, at),
    });
    for (const node of this.cluster.nodes) this.listen(node);
    this.lag = { worst: 0, at: Date.now() };
    this.ticking = setInterval(() => {
      const now = Date.now();
      this.lag.worst = Math.max(this.lag.worst, now - this.lag.at - TICK_MS);
      this.lag.at = now;
    }, TICK_MS);
    await this.makeWorkers();
    await this.allWrite(Date.now());
  }

  /** Every node gets both texts compiled first: what a compile takes is not what is timed here. */
  async makeWorkers() {
    const [first] = this.cluster.nodes;
    for (const variant of [1, 0]) {
      const sid = await first.amid.runWorker(scriptOf(this.world.url, variant), { note: 'warm' });
      // It has no plan and fails, but not before it was compiled.
      for (const { amid } of this.cluster.nodes)
        while (!((await amid.view(sid)).instance?.number > 0)) await sleep(20);
      await first.amid.call('deleteWorker', { sid });
    }
    this.sids = [];
    for (let i = 0; i < WORKERS; i++) {
      const members = { executionMode: 'leader', priority: 'critical', note: `leader ${i}` };
      const entry = await first.amid.makeWorker(scriptOf(this.world.url), members);
      const { sid } = entry.value.raw;
      const key = Buffer.concat([Buffer.from(PREFIX), encodeStrings(['plan', sid])]);
      await this.askEtcd('/v3/kv/put', { key: base64(key), value: base64(planOf(i)) });
      await first.amid.updateWorker(sid, { active: true });
      this.sids.push(sid);
    }
  }

  listen(node) {
    const { log } = node.amid;
    const take = (line) => {
      const told = acknowledgementsOf(line);
      if (told !== null) for (const n of told.list) this.checker.acknowledged({ ...told, n });
    };
    log.items.forEach(take);
    const push = log.push.bind(log);
    log.push = (line) => {
      take(line);
      push(line);
    };
  }

  note(text) {
    this.trace.push(`${stamp(Date.now())} ${text}`);
  }

  /** The node that holds the worker's seat, by the history; a node in any case. */
  leaderOf(worker) {
    const nid = this.checker.seats.get(this.sids[worker])?.node;
    return Math.max(
      0,
      this.cluster.nodes.findIndex((node) => node.nid === nid),
    );
  }

  isUp(i) {
    return !this.under.has(`node ${i}`);
  }

  /** Breaks `name` for ms, unless it is broken already; mending it is left to nobody else. */
  async breakFor(name, ms, breakIt, mendIt) {
    if (this.under.has(name)) return;
    let wake;
    const early = new Promise((resolve) => (wake = resolve));
    this.under.set(name, wake);
    try {
      await breakIt();
      await firstOf(early, ms);
      await mendIt();
    } finally {
      this.under.delete(name);
    }
  }

  killNode({ node, ms }) {
    const launch = async () => {
      await this.cluster.launch(node, { ready: false });
      this.checker.disturbed(this.cluster.nodes[node].nid, Date.now());
      this.listen(this.cluster.nodes[node]);
    };
    const crash = async () => {
      this.checker.disturbed(this.cluster.nodes[node].nid, Date.now());
      await this.cluster.crash(node);
    };
    return this.breakFor(`node ${node}`, ms, crash, launch);
  }

  killLeader({ worker, ms }) {
    return this.killNode({ node: this.leaderOf(worker), ms });
  }

  pauseNode({ node, ms }, all = false) {
    const { nid } = this.cluster.nodes[node];
    let from;
    return this.breakFor(
      `node ${node}`,
      ms,
      () => {
        from = Date.now();
        this.cluster.signal(node, 'SIGSTOP', { all });
      },
      () => {
        this.cluster.signal(node, 'SIGCONT', { all });
        this.checker.paused(nid, from, Date.now());
      },
    );
  }

  pauseLeader({ worker, ms }) {
    return this.pauseNode({ node: this.leaderOf(worker), ms });
  }

  pauseMachine({ worker, ms }) {
    return this.pauseNode({ node: this.leaderOf(worker), ms }, true);
  }

  async pauseRunner({ worker, ms }) {
    const node = this.leaderOf(worker);
    if (!this.isUp(node)) return;
    const { amid, nid } = this.cluster.nodes[node];
    const row = await within(amid.stats(this.sids[worker]), CALL_MS);
    if (!(row?.pid > 0)) return;
    const from = Date.now();
    await this.breakFor(
      `runner ${row.pid}`,
      ms,
      () => process.kill(row.pid, 'SIGSTOP'),
      () => {
        this.checker.paused(nid, from, Date.now());
        try {
          process.kill(row.pid, 'SIGCONT');
        } catch {
          // amid has ended it meanwhile.
        }
      },
    );
  }

  cutPlace(place, ms) {
    const { network } = this.cluster;
    return this.breakFor(
      `place ${place.number}`,
      ms,
      () => network.cut(place),
      () => network.uncut(place),
    );
  }

  cutNode({ node, ms }) {
    return this.cutPlace(this.cluster.nodes[node].place, ms);
  }

  cutLeader({ worker, ms }) {
    return this.cutNode({ node: this.leaderOf(worker), ms });
  }

  cutMember({ member, ms }) {
    return this.cutPlace(this.cluster.memberPlaces[member], ms);
  }

  /** What the node says to etcd is lost, or what etcd says to the node. */
  oneWay({ worker, ms }, pairOf) {
    const { network, memberPlaces, nodes } = this.cluster;
    const { place } = nodes[this.leaderOf(worker)];
    const pairs = memberPlaces.map((member) => pairOf(place, member));
    return this.breakFor(
      `place ${place.number}`,
      ms,
      () => pairs.forEach((pair) => network.block(...pair)),
      () => pairs.forEach((pair) => network.unblock(...pair)),
    );
  }

  muteLeader(action) {
    return this.oneWay(action, (node, member) => [node, member]);
  }

  deafLeader(action) {
    return this.oneWay(action, (node, member) => [member, node]);
  }

  killMember({ member, ms }) {
    const { etcd } = this.cluster;
    return this.breakFor(
      `member ${member}`,
      ms,
      () => etcd.kill(member),
      () => etcd.restart(member),
    );
  }

  pauseMember({ member, ms }) {
    const { etcd } = this.cluster;
    return this.breakFor(
      `member ${member}`,
      ms,
      () => etcd.pause(member),
      () => etcd.resume(member),
    );
  }

  /** The first member that answers. */
  async askEtcd(target, body) {
    for (let member = 0; ; member++) {
      try {
        return await this.cluster.etcd.call(target, body, { member, timeoutMs: CALL_MS });
      } catch (error) {
        if (member === MEMBERS - 1) throw error;
      }
    }
  }

  async revoke({ worker }) {
    const lease = this.checker.seats.get(this.sids[worker])?.lease;
    if (lease === undefined) return;
    // It may be done though no answer comes: known of before.
    this.checker.revoked(lease, Infinity);
    await this.askEtcd('/v3/lease/revoke', { ID: lease }).finally(() =>
      this.checker.revoked(lease, Date.now()),
    );
  }

  async moveClock(node, command) {
    if (!this.hasClock || !this.isUp(node)) return;
    await within(this.cluster.nodes[node].amid.tell(command), CALL_MS);
  }

  stepReal({ node, ms }) {
    return this.moveClock(node, { step_real: ms });
  }

  suspend({ worker, ms }) {
    const node = this.leaderOf(worker);
    // Its lease is over for it before it is at the server, and it may end it there.
    this.checker.disturbed(this.cluster.nodes[node].nid, Date.now());
    return this.moveClock(node, { suspend: ms });
  }

  async change(worker, node, what) {
    if (!this.isUp(node)) return;
    await within(what(this.cluster.nodes[node].amid, this.sids[worker]), CALL_MS);
  }

  restartWorker({ worker, node }) {
    return this.change(worker, node, (amid, sid) => amid.call('restartWorker', { sid }));
  }

  changeWorker({ worker, node, variant }) {
    const script = scriptOf(this.world.url, variant);
    return this.change(worker, node, (amid, sid) =>
      amid.call('updateWorker', { channel: `ami.worker.${sid}`, raw: { script } }),
    );
  }

  async stopWorker({ worker, node, ms }) {
    const set = (active) => (amid, sid) =>
      amid.call('updateWorker', { channel: `ami.worker.${sid}`, raw: { active } });
    await this.change(worker, node, set(false));
    await sleep(ms);
    await this.change(worker, node, set(true));
  }

  /** History is thrown away up to where the checker has read it. */
  async compact() {
    if (this.history.next > 2)
      await this.askEtcd('/v3/kv/compaction', { revision: String(this.history.next - 1) });
  }

  begin(action) {
    const { kind } = action;
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    this.note(JSON.stringify(action));
    const done = Promise.resolve()
      .then(() => this[kind](action))
      .catch((error) => this.note(`${kind}: ${error.message}`));
    this.undone.push(done);
  }

  async storm({ ms, actions }) {
    const from = Date.now();
    for (const action of actions) {
      await sleep(Math.max(0, from + action.at - Date.now()));
      this.begin(action);
    }
    await sleep(Math.max(0, from + ms - Date.now()));
    await this.mendAll();
    this.note('all mended');
    await this.allActive();
    // Whatever was left behind, leases of others included, is over after one TTL.
    await this.allWrite(Date.now(), { kind: 'storm' });
  }

  async mendAll() {
    for (const wake of this.under.values()) wake();
    await Promise.all(this.undone);
    this.undone = [];
    this.cluster.network.heal();
    await this.cluster.etcd.ready();
    for (const { amid } of this.cluster.nodes) await within(amid.waitReady(), GIVE_UP_MS);
  }

  /** A stop whose start was refused in the storm; refused again while members elect a leader. */
  async allActive() {
    const { amid } = this.cluster.nodes[0];
    for (const sid of this.sids) {
      const giveUp = Date.now() + GIVE_UP_MS;
      const entry = { channel: `ami.worker.${sid}`, raw: { active: true } };
      for (;;) {
        const { status, body } = await amid.call('updateWorker', entry);
        if (status === 200) break;
        if (status !== 503 || Date.now() > giveUp)
          throw new Error(`start of ${sid}: ${status} ${JSON.stringify(body)}`);
        await sleep(TICK_MS);
      }
    }
  }

  /** Each has then told the log what was acknowledged to it. */
  async allStopped() {
    const giveUp = Date.now() + GIVE_UP_MS;
    for (const sid of this.sids)
      await this.cluster.nodes[0].amid.updateWorker(sid, { active: false });
    for (const sid of this.sids)
      for (const { amid } of this.cluster.nodes)
        while ((await amid.view(sid)).state !== 'inactive') {
          if (Date.now() > giveUp) throw new Error(await this.describe(sid));
          await sleep(TICK_MS);
        }
  }

  /** The terms that go on now, by worker. */
  termsNow() {
    return new Map(this.sids.map((sid) => [sid, this.checker.seats.get(sid)?.revision]));
  }

  /** Waits until every worker has written after `from` in a term that goes on and is not `old`. */
  async allWrite(from, { kind, workers = this.sids, old = new Map() } = {}) {
    const term = this.history.term;
    this.lag.worst = 0;
    const started = Date.now();
    for (const sid of workers) {
      const isBack = () => {
        const seat = this.checker.seats.get(sid);
        const wrote = this.checker.lastWrite.get(sid);
        if (seat === undefined || wrote === undefined || wrote.at < from) return false;
        return wrote.revision === seat.revision && old.get(sid) !== seat.revision;
      };
      while (!isBack()) {
        if (Date.now() > started + GIVE_UP_MS) throw new Error(await this.describe(sid));
        await sleep(5);
      }
      if (kind !== undefined) this.time(kind, sid, from, term);
    }
  }

  time(kind, sid, from, term) {
    const seat = this.checker.seats.get(sid);
    const at = Math.max(seat?.firstWriteAt ?? Date.now(), from);
    const ms = at - from;
    const limit = kind === 'handover' ? HANDOVER_MS : CRASH_MS;
    if (this.history.term !== term || this.lag.worst > LAG_MS) {
      this.takeovers.apart.push({ kind, ms, lag: this.lag.worst });
      return;
    }
    (this.takeovers[kind] ??= []).push(ms);
    if (this.isTimed && ms > limit)
      this.checker.violate('takeover', `${sid}: ${ms} ms after a ${kind}`);
  }

  async describe(sid) {
    const lines = [`${sid} does not run again`];
    for (const { nid, amid } of this.cluster.nodes) {
      const row = await within(amid.stats(sid), CALL_MS).catch((error) => error.message);
      lines.push(`${nid}: ${JSON.stringify(row)}`, amid.logTail());
    }
    return lines.join('\n');
  }

  ledBy(node) {
    const { nid } = this.cluster.nodes[node];
    return this.sids.filter((sid) => this.checker.seats.get(sid)?.node === nid);
  }

  async crash({ worker, isBackAtOnce }) {
    const node = this.leaderOf(worker);
    const workers = this.ledBy(node);
    const from = Date.now();
    const old = this.termsNow();
    this.note(`crash of ${this.cluster.nodes[node].nid}, leads ${workers.length}`);
    this.faults.crash = (this.faults.crash ?? 0) + 1;
    this.undone.push(this.killNode({ node, ms: isBackAtOnce ? 0 : GIVE_UP_MS }));
    await this.allWrite(from, { kind: 'crash', workers, old });
    await this.mendAll();
  }

  async handover({ worker }) {
    const node = this.leaderOf(worker);
    const workers = this.ledBy(node);
    const { nid } = this.cluster.nodes[node];
    const old = this.termsNow();
    this.note(`clean stop of ${nid}, leads ${workers.length}`);
    this.faults.handover = (this.faults.handover ?? 0) + 1;
    this.checker.disturbed(nid, Date.now());
    const from = Date.now();
    const term = this.history.term;
    const stopped = this.cluster.stop(node);
    await this.allWrite(from, { workers, old });
    await stopped;
    this.checker.disturbed(nid, Date.now());
    for (const sid of workers) {
      // From the moment the old seat is gone, which is when its process has ended.
      const last = this.checker.terms.get(sid).find((one) => one.revision === old.get(sid));
      this.time('handover', sid, last.endAt, term);
    }
    await this.cluster.launch(node);
    this.checker.disturbed(nid, Date.now());
    this.listen(this.cluster.nodes[node]);
  }

  async run(seconds) {
    const until = Date.now() + seconds * 1000;
    for (const round of roundsOf(this.seed, { isCalm: this.isTimed })) {
      if (Date.now() >= until) break;
      this.note(`round: ${round.kind}`);
      await this[round.kind](round);
    }
    await this.allStopped();
    await this.history.caughtUp();
    return this.checker.finish();
  }

  async close() {
    clearInterval(this.ticking);
    this.history?.stop();
    for (const wake of this.under.values()) wake();
    await Promise.all(this.undone);
    await this.cluster.close();
    this.world?.close();
  }
}
