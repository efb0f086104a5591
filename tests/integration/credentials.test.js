// Sessions, tokens and access over their lives: each change has its row in the audit, survives
// kill -9, and whoever loses a right loses it for what he is in the middle of, too.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Etcd, base64 } from '../cluster/etcd.js';
import { Amid, makeStateFolder } from './harness.js';
import { ClientSocket, LogView, WebClient } from './web-client.js';
import { Wallet } from './web-wallet.js';

const wallet = (number) => new Wallet(String(number).padStart(64, '0'));
const OWNER = wallet(1);
const STRANGER = wallet(2);
const IDLE = 'await Stels.sleep(1e8);';
const RENEW_MS = 5000; // supervisor/api/logs.h, supervisor/api/sockets.h
const ROTATIONS_KILLED = 3;
const env = { AMID_AUTH_OWNERS: OWNER.address };

const client = (amid, wallet) => new WebClient(wallet, `http://127.0.0.1:${amid.port}`);
const events = async (amid) =>
  (await amid.api('GET', '/api/audit?limit=500')).body.rows.map(({ text }) => JSON.parse(text));
const makeToken = async (amid, body) => {
  const answer = await amid.api('POST', '/api/tokens', body);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};

/** A call whose head has come and whose body waits; what is returned sends it and gives the answer. */
async function beginCall(amid, secret, method, about) {
  const body = JSON.stringify({ webfix: '1.0', method, body: about });
  const socket = net.connect(amid.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (piece) => (answer += piece));
  const ended = new Promise((resolve) => socket.on('close', resolve));
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nstels-session: ${secret}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`,
  );
  // He was known when his head came.
  await new Promise((resolve) => socket.once('data', resolve));
  assert.match(answer, /^HTTP\/1.1 100 /);
  return async () => {
    socket.write(body);
    await ended;
    return answer;
  };
}

/** Calls that wait for the compiler, which sleeps; what is returned wakes it and gives the answers. */
async function beginCompiles(amid, secret, calls) {
  const requests = async () => (await amid.api('GET', '/api/stats')).body.http.requests;
  const children = amid.children();
  // A compile before this one may be about to end, and a stopped spare is thrown away.
  const signal = (name) => {
    for (const { pid } of children) {
      try {
        process.kill(pid, name);
      } catch (error) {
        assert.equal(error.code, 'ESRCH');
      }
    }
  };
  signal('SIGSTOP');
  const before = await requests();
  const answers = calls.map(([method, body]) =>
    amid.call(method, body, { 'stels-session': secret }),
  );
  for (let asked = 1; (await requests()) - before < calls.length + asked; asked++);
  return () => {
    signal('SIGCONT');
    return Promise.all(answers);
  };
}

describe('the audit', () => {
  let amid;
  before(async () => {
    amid = await Amid.start({ env: { ...env, AMID_AUTH_SESSIONS_PER_WALLET: '1' } });
  });
  after(() => amid.stop());

  /** The rows that fn causes, as [event, outcome, wallet, detail]. Those of refusals come later. */
  const rowsOf = async (fn, { logged } = {}) => {
    const seen = (await events(amid)).length;
    const from = amid.logMark();
    await fn();
    if (logged !== undefined) await amid.waitLog(logged, { from });
    return (await events(amid))
      .slice(seen)
      .map(({ event, outcome, wallet, detail }) => [event, outcome, wallet, detail]);
  };
  const sessionOf = async (wallet) =>
    (await amid.api('GET', '/api/sessions')).body.find((row) => row.wallet === wallet.address).id;

  test('has a row for every session that begins, ends or makes room', async () => {
    const owner = client(amid, OWNER);
    const first = await rowsOf(() => owner.signIn());
    const id = await sessionOf(OWNER);
    const signed = `session ${id} of ${OWNER.address}`;
    assert.deepEqual(first, [['sign-in', 'done', OWNER.address, signed]]);
    const again = await rowsOf(() => owner.signIn());
    const next = await sessionOf(OWNER);
    const made = `session ${next} of ${OWNER.address}; made room: ${id}`;
    assert.deepEqual(again, [['sign-in', 'done', OWNER.address, made]]);
    const ended = await rowsOf(() => amid.api('DELETE', `/api/sessions/${next}`));
    assert.deepEqual(ended, [
      ['session-revoke', 'done', undefined, `session ${next} of ${OWNER.address}`],
    ]);
    const body = owner.signInBody(OWNER.login({ network: 'elsewhere' }));
    const refused = await rowsOf(() => owner.postSignIn(body), { logged: /audit: unauth/ });
    assert.deepEqual(refused, [
      ['unauthorized', 'refused', undefined, "POST /: data.network is not this node's network"],
    ]);
  });

  test('has a row for every token', async () => {
    let made;
    const created = await rowsOf(async () => {
      made = await makeToken(amid, { role: 'operator', name: 'ci' });
    });
    assert.deepEqual(created, [['token-create', 'done', undefined, `token ${made.id} operator`]]);
    const revoked = await rowsOf(() => amid.api('DELETE', `/api/tokens/${made.id}`));
    assert.deepEqual(revoked, [['token-revoke', 'done', undefined, `token ${made.id} operator`]]);
    // What changes nothing has none.
    assert.deepEqual(await rowsOf(() => amid.api('DELETE', `/api/tokens/${made.id}`)), []);
  });

  test('has a row for who asks for access and what becomes of it', async () => {
    const stranger = client(amid, STRANGER);
    await stranger.signIn();
    const about = (rows) => rows.map(([event, outcome]) => `${event} ${outcome}`);
    const asked = await rowsOf(() => stranger.postDeveloperRequest());
    assert.deepEqual(asked, [['access-request', 'done', STRANGER.address, undefined]]);
    for (const decision of ['approve', 'deny']) {
      const target = `/api/access/${STRANGER.address}/${decision}`;
      const rows = await rowsOf(() => amid.api('POST', target));
      assert.deepEqual(about(rows), [`access-${decision} done`]);
      assert.equal(rows[0][3], STRANGER.address);
    }
    const denied = await rowsOf(() => stranger.postDeveloperRequest(), { logged: /audit: forb/ });
    assert.deepEqual(about(denied), ['forbidden refused']);
  });

  test('has a row for WebSockets that are sent away', async () => {
    const sendAway = async () => {
      const socket = await ClientSocket.open(amid.port, { session: 'secret-guess' });
      await socket.ended;
    };
    const rows = await rowsOf(sendAway, { logged: /audit: unauthorized/ });
    assert.deepEqual(rows, [['unauthorized', 'refused', undefined, 'GET /: sign in again']]);
  });

  test('has a row for the owner token', async () => {
    const lasting = (await makeToken(amid, { role: 'owner' })).secret;
    const was = amid.token;
    const rotated = await rowsOf(async () => {
      amid.token = (await amid.api('POST', '/api/owner-token')).body.secret;
    });
    assert.match(rotated[0].join(' '), /^owner-token-rotate done {2}token [0-9a-f]{16} owner$/);
    assert.notEqual(amid.token, was);
    amid.token = lasting;
    const revoked = await rowsOf(() => amid.api('DELETE', '/api/owner-token'));
    assert.match(revoked[0].join(' '), /^owner-token-revoke done/);
    assert.ok(!JSON.stringify(await events(amid)).includes(lasting), 'no secret is in it');
  });
});

describe('who loses a right', () => {
  let amid, sid;
  before(async () => {
    amid = await Amid.start({ env });
    sid = await amid.runWorker(IDLE, { scope: 'local' });
    await amid.freeze();
  });
  after(() => amid.stop());

  const revoke = async ({ id }) =>
    assert.equal((await amid.api('DELETE', `/api/tokens/${id}`)).status, 200);
  test('while his request is still coming gets 401', async () => {
    const token = await makeToken(amid, { role: 'operator' });
    const { versionstamp } = await amid.view(sid);
    const finish = await beginCall(amid, token.secret, 'restartWorker', { sid });
    await revoke(token);
    assert.match(await finish(), /HTTP\/1.1 401 /);
    assert.equal((await amid.view(sid)).versionstamp, versionstamp);
  });

  test('while his script is compiled changes nothing', async () => {
    const token = await makeToken(amid, { role: 'owner' });
    const finish = await beginCompiles(amid, token.secret, [
      ['updateWorker', { channel: `ami.worker.${sid}`, raw: { script: 'logger.info("mine");' } }],
      ['setWorker', { scriptContent: 'logger.info("mine too");' }],
    ]);
    await revoke(token);
    const answers = await finish();
    assert.deepEqual(
      answers.map(({ status }) => status),
      [401, 401],
    );
    const list = (await amid.call('listWorkers')).body;
    assert.deepEqual(
      list.map((entry) => entry.value.raw.script),
      [IDLE],
    );
  });

  test('reads no more of a log and holds no socket', async () => {
    const token = await makeToken(amid, { role: 'viewer' });
    const view = await LogView.open(amid.port, token.secret, sid, true);
    const owned = await LogView.open(amid.port, amid.token, sid, true);
    const socket = await ClientSocket.open(amid.port, { session: token.secret });
    await view.until(() => view.events.length > 0);
    await revoke(token);
    await amid.advance(RENEW_MS);
    await view.ended;
    await socket.ended;
    assert.equal(socket.code, 4001);
    await amid.advance(RENEW_MS);
    assert.equal((await amid.request({ path: '/healthz' })).status, 200);
    assert.equal(owned.outgoing.destroyed, false);
    owned.close();
  });

  test('has his share of log streams, and no more', async () => {
    const token = await makeToken(amid, { role: 'viewer' });
    const openAs = (secret) => LogView.open(amid.port, secret, sid, true);
    const views = await Promise.all(Array.from({ length: 32 }, () => openAs(token.secret)));
    assert.deepEqual(new Set(views.map((view) => view.status)), new Set([200]));
    const refused = await openAs(token.secret);
    assert.equal(refused.status, 503);
    const other = await openAs(amid.token);
    assert.equal(other.status, 200);
    for (const view of [...views, other]) view.close();
  });

  test('as a developer who is denied, too', async () => {
    await amid.api('POST', `/api/access/${STRANGER.address}/approve`);
    const developer = client(amid, STRANGER);
    await developer.signIn();
    const made = await developer.call('setWorker', { scriptContent: IDLE });
    assert.equal(made.status, 200, made.text);
    const own = made.body.value.raw.sid;
    const view = await developer.openLogs(own, true);
    await view.until(() => view.events.length > 0);
    await amid.api('POST', `/api/access/${STRANGER.address}/deny`);
    await amid.advance(RENEW_MS);
    await view.ended;
  });
});

// A sid is never given twice by amid; the store of a cluster may be changed by others, a backup that is
// put back, for one.
describe("a worker that becomes another's", () => {
  const NETWORK = 'moved';
  const BOB = wallet(3).address;
  let etcd, amid, secret;
  before(async () => {
    etcd = await Etcd.start();
    amid = await Amid.start({
      env: { AMID_CLUSTER_ETCD: etcd.urls[0], AMID_NODE_NETWORK: NETWORK },
    });
    ({ secret } = await makeToken(amid, { role: 'developer', wallet: STRANGER.address }));
  });
  after(async () => {
    await amid.stop();
    await etcd.stop();
  });

  const make = async () => {
    const body = { scriptContent: IDLE, scope: 'network' };
    const answer = await amid.call('setWorker', body, { 'stels-session': secret });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.value.raw.sid;
  };
  /** Deleted, and made anew under the same sid. */
  const handOver = async (sid) => {
    const key = base64(Buffer.from(`amid/${NETWORK}/\x02ami\0\x02worker\0\x02${sid}\0`, 'latin1'));
    const { kvs } = await etcd.call('/v3/kv/range', { key });
    const record = Buffer.from(kvs[0].value, 'base64').toString();
    const anew = record.replaceAll(STRANGER.address, BOB);
    assert.notEqual(anew, record);
    await etcd.call('/v3/kv/deleterange', { key });
    await etcd.call('/v3/kv/put', { key, value: base64(anew) });
    const owner = async () => (await amid.api('GET', `/api/workers/${sid}`)).body.value?.raw.owner;
    while ((await owner()) !== BOB);
    return (await amid.view(sid)).versionstamp;
  };
  const isUntouched = async (sid, versionstamp) => {
    const entry = (await amid.call('getWorker', { sid })).body;
    assert.deepEqual(
      [entry.versionstamp, entry.value.raw.owner, entry.value.raw.source],
      [versionstamp, BOB, IDLE],
    );
  };

  test('while the body of a request comes is not touched by it', async () => {
    for (const method of ['restartWorker', 'deleteWorker']) {
      const sid = await make();
      const finish = await beginCall(amid, secret, method, { sid });
      const versionstamp = await handOver(sid);
      assert.match(await finish(), /HTTP\/1.1 403 /);
      await isUntouched(sid, versionstamp);
    }
  });

  test('while a script is compiled is not touched by it', async () => {
    const sid = await make();
    const raw = { script: 'logger.info("mine");' };
    const finish = await beginCompiles(amid, secret, [
      ['updateWorker', { channel: `ami.worker.${sid}`, raw }],
    ]);
    const versionstamp = await handOver(sid);
    const [answer] = await finish();
    assert.equal(answer.status, 403, answer.text);
    await isUntouched(sid, versionstamp);
  });
});

describe('kill -9', () => {
  test('ends no session, and no rotation of the owner token leaves its owner without', async () => {
    const state = makeStateFolder();
    const file = path.join(state, 'owner.token');
    let amid = await Amid.start({ state, env });
    const { session } = await client(amid, OWNER).signIn();
    for (let round = 0; round < ROTATIONS_KILLED; round++) {
      // Killed as the request is on its way, as it is answered, and after it.
      const rotation = amid.api('POST', '/api/owner-token').catch(() => {});
      for (let turn = 0; turn < round; turn++) await amid.tell({ ping: true });
      if (round === ROTATIONS_KILLED - 1) await rotation;
      await amid.crash();
      await rotation;
      amid = await Amid.start({ state, env });
      assert.equal(amid.token, readFileSync(file, 'utf8').trim());
      assert.equal((await amid.call('listWorkers')).status, 200, `round ${round}`);
      assert.equal(existsSync(`${file}.next`), false);
    }
    const again = client(amid, OWNER);
    again.session = session;
    assert.equal((await again.call('listWorkers')).status, 200);
    await amid.stop();
    rmSync(state, { recursive: true });
  });
});
