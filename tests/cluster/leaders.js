// The leader workers of the fault test and the world they act upon. Each writes to `net` as fast as
// it can in its own way and has effects beside; nothing it catches ends it, so that whatever stops
// it is amid.
import http from 'node:http';

import { HUB_OUTER } from './net.js';

// How worker 0, 1 … writes; the last sends its requests without a pause.
const PLANS = [
  { kind: 'blind', effectMs: 10 },
  { kind: 'chain', effectMs: 10 },
  { kind: 'sum', effectMs: 10 },
  { kind: 'blind', effectMs: 1 },
];

// One text for all, so that a node that comes to lead one has it compiled for another.
const SCRIPT = `
const sid = Stels.config.sid;
globalThis.me ??= {
  run: Stels.config.nid + '-' + Stels.startTime + '-' + Math.random().toString(36).slice(2),
  n: 0, acknowledged: [], toldAt: 0,
};
const me = globalThis.me;
const patiently = async (what) => {
  for (;;) {
    try {
      return await what();
    } catch (error) {
      logger.info('REFUSED ' + error.name + ': ' + error.message);
      await Stels.sleep(20);
    }
  }
};
const plan = (await patiently(() => Stels.net.get(['plan', sid]))).value.raw;
const lanes = {
  // A write that checks nothing: what keeps an old leader out is the fence alone.
  blind: async (record) => {
    await Stels.net.set(['log', sid, 'last'], record);
    return true;
  },
  // Each write checks the last: the numbers have no gap and no branch.
  chain: async (record) => {
    const key = ['log', sid, 'chain'];
    const entry = me.entry ?? await Stels.net.get(key);
    me.entry = null;
    const chain = (entry.value ? entry.value.raw.chain : 0) + 1;
    const value = { ...record, chain };
    const result = await Stels.net.atomic().check(entry).set(key, value)
      .set(['log', sid, 'entry', chain % 100], { n: record.n }).commit();
    if (!result.ok) return false;
    me.entry = { key, value: { raw: value }, versionstamp: result.versionstamp };
    return true;
  },
  // amid computes the sum when it writes.
  sum: async (record) => {
    const result = await Stels.net.atomic().sum(['log', sid, 'total'], 1)
      .set(['log', sid, 'sum'], record).commit();
    return result.ok;
  },
};
const tell = () => {
  if (me.acknowledged.length === 0) return;
  logger.info('ACK ' + JSON.stringify({ sid, run: me.run, kind: plan.kind, token: me.token, list: me.acknowledged }));
  me.acknowledged = [];
  me.toldAt = Date.now();
};
const writes = async () => {
  while (!Stels.shouldStop()) {
    await patiently(async () => {
      me.token = Stels.leader.token;
      const n = ++me.n;
      const record = { fault: true, kind: plan.kind, sid, token: me.token, run: me.run, n };
      if (await lanes[plan.kind](record)) me.acknowledged.push(n);
      if (me.acknowledged.length >= 50 || Date.now() - me.toldAt > 200) tell();
    });
  }
  tell();
};
const effects = async () => {
  while (!Stels.shouldStop()) {
    await patiently(async () => {
      const query = { sid, token: Stels.leader.token, run: me.run, node: Stels.config.nid };
      await fetch('HUB?' + new URLSearchParams({ ...query, sent: String(Date.now()) }));
      await Stels.sleep(plan.effectMs);
    });
  }
};
await Promise.all([writes(), effects()]);
`;

/** variant: 0 or 1, for a change of the script that changes nothing else. */
export function scriptOf(hub, variant = 0) {
  return `${SCRIPT.replaceAll('HUB', hub)}globalThis.variant = ${variant};\n`;
}

/** How worker `number` writes, as the record that its script reads. */
export function planOf(number) {
  return JSON.stringify({
    channel: 'plan',
    module: 'plan',
    widget: '',
    raw: PLANS[number],
    timestamp: 0,
  });
}

/** The log line of acknowledged writes, as {sid, run, kind, token, list}; null for another line. */
export function acknowledgementsOf(line) {
  const at = line.indexOf('ACK {');
  if (at < 0) return null;
  const end = line.lastIndexOf('}');
  return JSON.parse(line.slice(at + 4, end + 1));
}

/** The outer world: stamps what arrives. */
export class World {
  static async open(onEffect) {
    const world = new World();
    world.server = http.createServer((request, response) => {
      const at = Date.now();
      const query = new URL(request.url, 'http://hub').searchParams;
      onEffect({
        sid: query.get('sid'),
        token: query.get('token'),
        run: query.get('run'),
        node: query.get('node'),
        sent: Number(query.get('sent')),
        at,
      });
      response.end('ok');
    });
    await new Promise((resolve) => world.server.listen(0, HUB_OUTER, resolve));
    world.url = `http://${HUB_OUTER}:${world.server.address().port}/effect`;
    return world;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections?.();
  }
}
