// `amictl cluster migrate`: what a node alone holds of the net space goes into etcd, all of it or
// none, however often it is begun; versionstamps never go back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Etcd, base64 } from '../cluster/etcd.js';
import { Amid, BIN, SANITIZER_ENV, makeStateFolder } from './harness.js';

const ENTRIES = 1500;
const NETWORK = 'moved';
const PREFIX = `amid/${NETWORK}/`;
const state = makeStateFolder();
let etcd;
let env;
before(async () => {
  etcd = await Etcd.start();
  env = { AMID_NODE_NETWORK: NETWORK };
});
after(async () => {
  await etcd?.stop();
  rmSync(state, { recursive: true });
});

/** Runs it; onLine may kill it with the child it gets. */
function migrate(onLine = () => {}, more = {}) {
  return new Promise((resolve) => {
    const child = spawn(path.join(BIN, 'amictl'), ['cluster', 'migrate'], {
      env: {
        PATH: process.env.PATH,
        AMID_NODE_STATE: state,
        AMID_NODE_NETWORK: NETWORK,
        AMID_CLUSTER_ETCD: etcd.urls[0],
        ...SANITIZER_ENV,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (piece) => {
      out += piece;
      onLine(child, String(piece));
    });
    child.stderr.on('data', (piece) => (err += piece));
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

/** Every key under the prefix that is an entry's. */
async function held() {
  const { count } = await etcd.call('/v3/kv/range', {
    key: base64(Buffer.from(`${PREFIX}\x01`, 'latin1')),
    range_end: base64(Buffer.from(`${PREFIX}\x06`, 'latin1')),
    count_only: true,
  });
  return Number(count ?? 0);
}

const read = `
  const entries = [];
  for await (const entry of Stels.net.list({ prefix: ['m'] })) entries.push(entry);
  const one = await Stels.net.get(['once']);
  return { count: entries.length, last: entries.at(-1).value.raw, one: one.value.raw, stamp: one.versionstamp,
    expiring: (await Stels.net.get(['brief'])).value };
`;

let single;
test('a node alone has entries of all kinds', async () => {
  const amid = await Amid.start({ state, env });
  single = await amid.evaluate(`
    for (let i = 0; i < ${ENTRIES}; i += 100) {
      let atomic = Stels.net.atomic();
      for (let n = i; n < i + 100; n++) atomic = atomic.set(['m', n, 'é'], { n, text: 'x'.repeat(n % 300) });
      await atomic.commit();
    }
    await Stels.net.set(['once'], 'kept');
    await Stels.net.set(['brief'], 'goes', { expireIn: 3600_000 });
    ${read}
  `);
  assert.equal(single.count, ENTRIES);
  const busy = await migrate();
  assert.equal(busy.code, 69); // amid runs
  assert.equal(await held(), 0);
  await amid.stop();
});

test('it is refused where etcd holds something else', async () => {
  const key = base64(Buffer.from(`${PREFIX}\x02foreign\0`, 'latin1'));
  await etcd.call('/v3/kv/put', { key, value: base64('1') });
  const { code, err } = await migrate();
  assert.equal(code, 65);
  assert.match(err, /holds entries of this network already/);
  await etcd.call('/v3/kv/deleterange', { key });
});

test('it is refused without a server, and says so', async () => {
  const none = await migrate(undefined, { AMID_CLUSTER_ETCD: '' });
  assert.equal(none.code, 78);
  const dead = await migrate(undefined, { AMID_CLUSTER_ETCD: 'http://127.0.0.1:1' });
  assert.equal(dead.code, 74);
  assert.notEqual(dead.err, '');
});

test('killed in the middle, a node does not begin to work with half of it', async () => {
  const cut = await migrate((child) => child.kill('SIGKILL'));
  assert.equal(cut.signal, 'SIGKILL');
  const some = await held();
  assert.ok(some > 0 && some < ENTRIES, `${some} entries`);
  const amid = await Amid.start({
    state,
    env: { ...env, AMID_CLUSTER_ETCD: etcd.urls[0] },
    ready: false,
  });
  await amid.log.waitFor((line) => line.includes('being moved there'), { what: 'the refusal' });
  await amid.stop();
});

test('begun again it ends, all is there and versionstamps are later', async () => {
  const { code, out, err } = await migrate();
  assert.equal(err, '');
  assert.equal(code, 0);
  assert.match(out, /entries moved, \d+ read again and found equal; the epoch of the network is 1/);
  const amid = await Amid.start({ state, env: { ...env, AMID_CLUSTER_ETCD: etcd.urls[0] } });
  const moved = await amid.evaluate(read);
  assert.deepEqual({ ...moved, stamp: '' }, { ...single, stamp: '' });
  assert.ok(moved.stamp > single.stamp, `${moved.stamp} after ${single.stamp}`);
  await amid.evaluate(`await Stels.net.set(['once'], 'changed')`);
  await amid.stop();
});

test('a second run changes nothing', async () => {
  const { code, out } = await migrate();
  assert.equal(code, 0);
  assert.match(out, /nothing was changed/);
  const amid = await Amid.start({ state, env: { ...env, AMID_CLUSTER_ETCD: etcd.urls[0] } });
  assert.equal((await amid.evaluate(read)).one, 'changed');
  await amid.stop();
});
