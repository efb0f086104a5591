// Who may do what: every WebFIX method and every operator route, for every role; what a developer
// and a viewer see; what a client cannot give itself; what survives and what a revocation ends.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';
import { ClientSocket } from './web-client.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const ALICE = 'g' + 'A'.repeat(33);
const BOB = 'g' + 'B'.repeat(33);
const SCRIPT = 'await Stels.sleep(1e8);';
const DAY_MS = 86400000;

let amid;
const session = {}; // role → secret

async function makeToken(role, members = {}) {
  const answer = await amid.api('POST', '/api/tokens', { role, ...members });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

const as = (secret) =>
  secret === undefined ? { 'stels-session': '' } : { 'stels-session': secret };
const callAs = (secret, method, body) => amid.call(method, body, as(secret));
const apiAs = (secret, method, target, body) => amid.api(method, target, body, as(secret));

before(async () => {
  amid = await Amid.start();
  session.owner = amid.token;
  session.viewer = (await makeToken('viewer')).secret;
  session.operator = (await makeToken('operator')).secret;
  session.developer = (await makeToken('developer', { wallet: ALICE })).secret;
  session.bob = (await makeToken('developer', { wallet: BOB })).secret;
});
after(() => amid.stop());

async function workerOf(secret) {
  const answer = await callAs(secret, 'setWorker', { scriptContent: SCRIPT });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.value.raw.sid;
}

// Columns: nobody, viewer, operator, developer with a worker of his own, developer with another's,
// owner. Each cell is the status.
const METHODS = {
  //                nobody viewer operator own other owner
  setWorker: [401, 403, 403, 200, 200, 200],
  listWorkers: [401, 200, 200, 200, 200, 200],
  updateWorker: [401, 403, 403, 200, 403, 200],
  deleteWorker: [401, 403, 403, 200, 403, 200],
  stopAllWorkers: [401, 403, 200, 200, 200, 200],
  getWorkerStats: [401, 200, 200, 200, 200, 200],
  getLeaderInfo: [401, 200, 200, 200, 403, 200],
  restartWorker: [401, 403, 200, 200, 403, 200],
  getWorker: [401, 200, 200, 200, 403, 200],
  validateScript: [401, 403, 403, 200, 200, 200],
  // Whoever he is, an empty body signs nobody in.
  connectionNode: [401, 401, 401, 401, 401, 401],
  requestDeveloperAccess: [401, 401, 401, 401, 401, 401],
  assetList: [200, 200, 200, 200, 200, 200],
  getAssetBalances: [200, 200, 200, 200, 200, 200],
  getAssetBalance: [200, 200, 200, 200, 200, 200],
  getAssetTransactions: [200, 200, 200, 200, 200, 200],
  listAccounts: [200, 200, 200, 200, 200, 200],
  setAccount: [200, 200, 200, 200, 200, 200],
};

const ROUTES = {
  'GET /': [401, 405, 405, 405, 405, 405], // without an upgrade; else see "WebSocket"
  'GET /api/workers': [401, 200, 200, 200, 200, 200],
  'GET /api/workers/SID': [401, 200, 200, 200, 403, 200],
  'GET /api/workers/SID/logs': [401, 200, 200, 200, 403, 200],
  'GET /api/worker/logs/stream?sid=SID&follow=false': [401, 200, 200, 200, 403, 200],
  'POST /api/workers/SID/start': [401, 403, 200, 200, 403, 200],
  'POST /api/workers/SID/stop': [401, 403, 200, 200, 403, 200],
  'POST /api/workers/SID/restart': [401, 403, 200, 200, 403, 200],
  'DELETE /api/workers/SID': [401, 403, 403, 200, 403, 200],
  'GET /api/stats': [401, 200, 200, 200, 200, 200],
  'GET /api/nodes': [401, 200, 200, 200, 200, 200],
  'GET /api/audit': [401, 403, 403, 403, 403, 200],
  'GET /api/sessions': [401, 403, 403, 403, 403, 200],
  'DELETE /api/sessions/0123456789abcdef': [401, 403, 403, 403, 403, 404],
  'GET /api/tokens': [401, 403, 403, 403, 403, 200],
  'POST /api/tokens': [401, 403, 403, 403, 403, 200],
  'DELETE /api/tokens/0123456789abcdef': [401, 403, 403, 403, 403, 404],
  'POST /api/owner-token': [401, 403, 403, 403, 403, null], // see "the owner token"
  'DELETE /api/owner-token': [401, 403, 403, 403, 403, null],
  'GET /api/secrets': [401, 403, 403, 403, 403, 200],
  'POST /api/secrets/NAME': [401, 403, 403, 403, 403, 200],
  'DELETE /api/secrets/NAME': [401, 403, 403, 403, 403, 200],
  'GET /api/access': [401, 403, 403, 403, 403, 200],
  'POST /api/access/gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m/approve': [401, 403, 403, 403, 403, 200],
  'POST /api/access/gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m/deny': [401, 403, 403, 403, 403, 200],
  'GET /healthz': [200, 200, 200, 200, 200, 200],
  'GET /readyz': [200, 200, 200, 200, 200, 200],
};

const BODIES = {
  'POST /api/tokens': { role: 'viewer', name: 'made by the table' },
  'POST /api/secrets/NAME': { value: 'kept' },
};

const COLUMNS = ['nobody', 'viewer', 'operator', 'own', 'other', 'owner'];
const secretOf = (column) =>
  ({ own: session.developer, other: session.developer })[column] ?? session[column];
const workerFor = (column) => workerOf(column === 'own' ? session.developer : session.bob);

function bodyOf(method, sid) {
  switch (method) {
    case 'setWorker':
    case 'validateScript':
      return { scriptContent: SCRIPT };
    case 'updateWorker':
      return { channel: `ami.worker.${sid}`, raw: { note: 'changed' } };
    case 'getLeaderInfo':
      return { workerId: sid };
    case 'getWorkerStats':
    case 'listWorkers':
    case 'stopAllWorkers':
      return {};
    default:
      return { sid };
  }
}

describe('method × role', () => {
  test('the table names every method and every route that there is', () => {
    const source = (name) =>
      readFileSync(new URL(`../../supervisor/api/${name}`, import.meta.url), 'utf8');
    const methods = [...source('webfix.c').matchAll(/\{"(\w+)", \w+,\s+\w+,\s+RIGHT_\w+\}/g)].map(
      (m) => m[1],
    );
    assert.ok(methods.length >= 10);
    for (const name of methods) assert.ok(METHODS[name], `${name} is not in the table`);
    const routes = [...source('api.c').matchAll(/\{"([A-Z]+)", "(\/[^"]*)", \w+,\s+RIGHT_\w+\}/g)];
    assert.ok(routes.length >= 17);
    for (const [, method, target] of routes) {
      const known = Object.keys(ROUTES).some((line) => {
        const [verb, where] = line.split(/[ ?]/);
        const matches = target.endsWith('*')
          ? where.startsWith(target.slice(0, -1))
          : where === target;
        return verb === method && matches;
      });
      assert.ok(
        known || `${method} ${target}` === 'POST /',
        `${method} ${target} is not in the table`,
      );
    }
  });

  for (const [method, cells] of Object.entries(METHODS)) {
    test(method, async () => {
      for (const [index, column] of COLUMNS.entries()) {
        const sid = await workerFor(column);
        const answer = await callAs(secretOf(column), method, bodyOf(method, sid));
        assert.equal(answer.status, cells[index], `${column}: ${answer.text}`);
        if (answer.status >= 400) assert.equal(typeof answer.body.error, 'string', answer.text);
        await callAs(session.owner, 'deleteWorker', { sid });
      }
    });
  }

  for (const [line, cells] of Object.entries(ROUTES)) {
    test(line, async () => {
      for (const [index, column] of COLUMNS.entries()) {
        if (cells[index] === null) continue;
        const sid = await workerFor(column);
        const [verb, target] = line.replace('SID', sid).split(' ');
        const body = BODIES[line];
        const answer = await apiAs(secretOf(column), verb, target, body);
        assert.equal(answer.status, cells[index], `${column}: ${answer.text}`);
        await callAs(session.owner, 'deleteWorker', { sid });
      }
    });
  }
});

test('WebSocket × role', async () => {
  for (const column of COLUMNS) {
    const socket = await ClientSocket.open(amid.port, { session: secretOf(column) ?? '' });
    if (column === 'nobody') {
      await socket.ended;
      assert.deepEqual([socket.code, socket.values], [4001, []]);
      continue;
    }
    socket.subscribe();
    await socket.until(() => socket.values.length > 0);
    assert.equal(socket.values[0].raw.totalNodes, 1, column);
    socket.socket.destroy();
  }
});

describe('what each sees', () => {
  let mine, others;
  before(async () => {
    mine = await workerOf(session.developer);
    others = await workerOf(session.bob);
  });

  test('a developer finds his own workers only, everywhere', async () => {
    const list = (await callAs(session.developer, 'listWorkers')).body;
    assert.ok(list.length > 0);
    for (const entry of list) assert.equal(entry.value.raw.owner, ALICE);
    const operator = (await apiAs(session.developer, 'GET', '/api/workers')).body;
    assert.deepEqual(
      operator.map((entry) => entry.value.raw.sid),
      list.map((entry) => entry.value.raw.sid),
    );
    const stats = (await callAs(session.developer, 'getWorkerStats')).body;
    assert.equal(stats.totalWorkers, list.length);
    assert.ok(!stats.workers.some((row) => row.sid === others));
  });

  test('a developer stops his own with stopAllWorkers', async () => {
    for (const sid of [mine, others]) await amid.call('restartWorker', { sid });
    const answer = await callAs(session.developer, 'stopAllWorkers');
    const channels = answer.body.workers.map((item) => item.channel);
    assert.ok(channels.includes(`ami.worker.${mine}`));
    assert.ok(!channels.includes(`ami.worker.${others}`));
    const entry = (await amid.call('getWorker', { sid: others })).body;
    assert.equal(entry.value.raw.active, true);
  });

  test('a viewer sees everything but script text', async () => {
    const whole = (await callAs(session.operator, 'getWorker', { sid: mine })).body;
    assert.match(whole.value.raw.script, /sleep/);
    assert.match(whole.value.raw.source, /sleep/);
    const answers = [
      await callAs(session.viewer, 'listWorkers'),
      await callAs(session.viewer, 'getWorker', { sid: mine }),
      await apiAs(session.viewer, 'GET', '/api/workers'),
      await apiAs(session.viewer, 'GET', `/api/workers/${mine}`),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 200, answer.text);
      assert.ok(answer.text.includes(mine));
      assert.ok(!answer.text.includes('sleep'), answer.text);
    }
  });
});

describe('what nobody can give himself', () => {
  test('an owner in a new record or in an update', async () => {
    const forged = await callAs(session.developer, 'setWorker', {
      scriptContent: SCRIPT,
      owner: BOB,
    });
    assert.equal(forged.status, 400, forged.text);
    const sid = await workerOf(session.developer);
    for (const owner of [BOB, null, '', 7]) {
      const answer = await callAs(session.developer, 'updateWorker', {
        channel: `ami.worker.${sid}`,
        raw: { owner },
      });
      assert.equal(answer.status, 400, `${owner}: ${answer.text}`);
    }
    const raw = (await callAs(session.developer, 'getWorker', { sid })).body.value.raw;
    const whole = await callAs(session.developer, 'updateWorker', {
      channel: `ami.worker.${sid}`,
      raw: { ...raw, note: 'as it came' },
    });
    assert.equal(whole.status, 200, whole.text);
    assert.equal(whole.body.value.raw.owner, ALICE);
  });

  test('the secrets and exchanges of the owner', async () => {
    const wish = (permissions) =>
      callAs(session.developer, 'setWorker', { scriptContent: SCRIPT, permissions });
    for (const permissions of [{ secrets: ['KEY'] }, { fetch: [], exchanges: ['main'] }]) {
      const answer = await wish(permissions);
      assert.equal(answer.status, 403, answer.text);
      assert.match(answer.body.error, /only an owner gives .* (KEY|main)$/);
    }
    assert.equal((await wish({ secrets: [] })).status, 200);
    const sid = await workerOf(session.developer);
    const change = (secret, permissions) =>
      callAs(secret, 'updateWorker', { channel: `ami.worker.${sid}`, raw: { permissions } });
    assert.equal((await change(session.developer, { secrets: ['KEY'] })).status, 403);
    assert.equal((await change(session.owner, { secrets: ['KEY'] })).status, 200);
    // What it has stays his to write, and to give back; no other comes with it.
    assert.equal((await change(session.developer, { secrets: ['KEY'], fetch: [] })).status, 200);
    assert.equal((await change(session.developer, { secrets: ['KEY', 'KEY2'] })).status, 403);
    assert.equal((await change(session.developer, null)).status, 200);
    assert.equal((await change(session.developer, { secrets: ['KEY'] })).status, 403);
  });

  test('a role, by way of headers, members or the envelope', async () => {
    const sid = await workerOf(session.bob);
    const tricks = [
      { ...as(session.developer), 'x-role': 'owner', 'x-forwarded-user': 'owner' },
      { ...as(session.developer), authorization: 'Bearer ' + '0'.repeat(64) },
      { 'stels-session': session.developer.toUpperCase() + ' ' },
    ];
    for (const headers of tricks) {
      const answer = await amid.api(
        'POST',
        '/',
        {
          webfix: '1.0',
          method: 'deleteWorker',
          role: 'owner',
          wallet: BOB,
          body: { sid },
        },
        headers,
      );
      assert.ok(answer.status >= 400 && answer.status < 404, answer.text);
    }
    assert.equal((await amid.call('getWorker', { sid })).status, 200);
  });

  test('a secret by guessing: near ones, hashes, ids and other lengths are all 401', async () => {
    const tokens = (await amid.api('GET', '/api/tokens')).body;
    const last = amid.token.at(-1) === '0' ? '1' : '0';
    const guesses = [
      amid.token.slice(0, -1) + last,
      amid.token.slice(1) + last,
      amid.token + '0',
      amid.token + '%00',
      tokens[0].id,
      tokens[0].id.repeat(4),
      '0'.repeat(64),
      'f'.repeat(4096),
      "' OR 1=1 --",
    ];
    for (let i = 0; i < 200; i++) {
      guesses.push(
        Array.from({ length: 64 }, () => ((Math.random() * 16) | 0).toString(16)).join(''),
      );
    }
    for (const guess of guesses) {
      assert.equal((await callAs(guess, 'listWorkers')).status, 401, guess);
    }
  });

  test('a script reaches neither sessions nor tokens', async () => {
    const sid = await amid.runWorker(`
      const told = [];
      for (const key of [['ami', 'owner-token'], ['ami', 'credential', 'x'], ['ami', 'replay', 'x']]) {
        for (const op of ['get', 'set', 'delete']) {
          try { await Stels.local[op](key, 1); told.push('reached'); } catch (e) { told.push(e.name); }
        }
      }
      let count = 0;
      for await (const entry of Stels.local.list({ prefix: [] })) count += entry.key[0] === 'ami';
      logger.info('told ' + told.join() + ' listed ' + count);
      await Stels.sleep(1e8);
    `);
    const line = await amid.waitLog(/told /);
    assert.match(line, new RegExp(`told ${Array(9).fill('PermissionDenied').join()} listed 0`));
    await amid.call('deleteWorker', { sid });
  });
});

describe('API tokens', () => {
  test('the secret is told once and is nowhere in the state', async () => {
    const made = await makeToken('operator', { name: 'ci', expiresIn: DAY_MS });
    assert.match(made.secret, /^[0-9a-f]{64}$/);
    const list = await amid.api('GET', '/api/tokens');
    const row = list.body.find((item) => item.id === made.id);
    assert.deepEqual([row.name, row.role, row.wallet], ['ci', 'operator', null]);
    assert.equal(row.expires - row.created, DAY_MS);
    assert.ok(!list.text.includes(made.secret));
    for (const name of ['amid.db', 'amid.db-wal']) {
      const file = path.join(amid.state, name);
      if (existsSync(file)) assert.ok(!readFileSync(file).includes(made.secret));
      if (existsSync(file)) assert.ok(!readFileSync(file).includes(amid.token));
    }
    assert.ok(!amid.log.items.some((line) => line.includes(made.secret)));
  });

  test('a revoked one is refused from then on', async () => {
    const made = await makeToken('operator');
    assert.equal((await callAs(made.secret, 'listWorkers')).status, 200);
    assert.equal((await amid.api('DELETE', `/api/tokens/${made.id}`)).status, 200);
    assert.equal((await callAs(made.secret, 'listWorkers')).status, 401);
    assert.equal((await amid.api('DELETE', `/api/tokens/${made.id}`)).status, 404);
  });

  test('an expired one is refused', async () => {
    const made = await makeToken('operator', { expiresIn: 60000 });
    assert.equal((await callAs(made.secret, 'listWorkers')).status, 200);
    await amid.freeze();
    await amid.advance(60001);
    assert.equal((await callAs(made.secret, 'listWorkers')).status, 401);
    const list = (await amid.api('GET', '/api/tokens')).body;
    assert.ok(!list.some((item) => item.id === made.id));
    await amid.tell({ freeze: false });
  });

  test('what makes no sense is refused with its reason', async () => {
    const wrong = [
      [{}, /role/],
      [{ role: 'god' }, /role/],
      [{ role: 'none' }, /role/],
      [{ role: 'developer' }, /wallet/],
      [{ role: 'developer', wallet: 'short' }, /wallet/],
      [{ role: 'viewer', name: 'x'.repeat(65) }, /name/],
      [{ role: 'viewer', name: 'a\nb' }, /name/],
      [{ role: 'viewer', expiresIn: 0 }, /expiresIn/],
      [{ role: 'viewer', expiresIn: -1 }, /expiresIn/],
      [{ role: 'viewer', expiresIn: 1e300 }, /expiresIn/],
      [{ role: 'viewer', expiresIn: '30d' }, /expiresIn/],
      [{ role: 'viewer', hash: 'x' }, /body/],
      [[], /body/],
    ];
    for (const [body, pattern] of wrong) {
      const answer = await amid.api('POST', '/api/tokens', body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.match(answer.body.error, pattern);
    }
  });
});

describe('restarts and the owner token', () => {
  test('tokens survive kill -9; a revoked one stays revoked', async () => {
    const state = makeStateFolder();
    let node = await Amid.start({ state });
    const keep = (await node.api('POST', '/api/tokens', { role: 'viewer' })).body;
    const gone = (await node.api('POST', '/api/tokens', { role: 'viewer' })).body;
    assert.equal((await node.api('DELETE', `/api/tokens/${gone.id}`)).status, 200);
    await node.kill();
    node = await Amid.start({ state });
    assert.equal((await node.call('listWorkers', {}, as(keep.secret))).status, 200);
    assert.equal((await node.call('listWorkers', {}, as(gone.secret))).status, 401);
    await node.stop();
    rmSync(state, { recursive: true, force: true });
  });

  test('rotated, revoked, its file removed or changed: the stored hash counts', async () => {
    const state = makeStateFolder();
    const file = path.join(state, 'owner.token');
    let node = await Amid.start({ state });
    const first = node.token;
    const rotated = (await node.api('POST', '/api/owner-token')).body;
    assert.equal(readFileSync(file, 'utf8').trim(), rotated.secret);
    assert.equal((await node.call('listWorkers', {}, as(first))).status, 401);
    node.token = rotated.secret;
    assert.equal((await node.call('listWorkers')).status, 200);
    await node.stop();

    // Changed: ignored. The old text does not come back to life.
    writeFileSync(file, first + '\n');
    node = await Amid.start({ state });
    assert.equal((await node.call('listWorkers')).status, 401);
    assert.equal((await node.call('listWorkers', {}, as(rotated.secret))).status, 200);
    node.token = rotated.secret;
    assert.equal((await node.api('DELETE', '/api/owner-token')).status, 200);
    assert.ok(!existsSync(file));
    assert.equal((await node.call('listWorkers')).status, 401);
    await node.stop();

    // Revoked: neither a file that is put back nor a restart makes a token.
    writeFileSync(file, rotated.secret + '\n');
    node = await Amid.start({ state });
    assert.equal((await node.call('listWorkers')).status, 401);
    await node.stop();
    rmSync(state, { recursive: true, force: true });
  });

  test('an installation from before keeps its token', async () => {
    const state = makeStateFolder();
    const secret = '5'.repeat(64);
    await (await Amid.start({ state })).stop();
    for (const name of ['amid.db', 'amid.db-wal', 'amid.db-shm']) {
      rmSync(path.join(state, name), { force: true });
    }
    writeFileSync(path.join(state, 'owner.token'), secret + '\n');
    const node = await Amid.start({ state });
    assert.equal(node.token, secret);
    assert.equal((await node.call('listWorkers')).status, 200);
    await node.stop();
    rmSync(state, { recursive: true, force: true });
  });
});

test('who is not known is told 401 for a worker that does not exist, too', async () => {
  assert.equal((await apiAs(undefined, 'GET', `/api/workers/${NOBODY}`)).status, 401);
});

test('amictl: a token made, used, listed and revoked; the owner token rotated', async () => {
  const ctl = (token, ...words) => amid.amictl(words, { env: { AMID_TOKEN: token } });
  const words = ['token', 'create', '--role', 'operator', '--expires', '30d', '--name', 'ci'];
  const made = await ctl(amid.token, ...words);
  assert.equal(made.code, 0, made.stderr);
  const secret = made.stdout.trim();
  assert.match(secret, /^[0-9a-f]{64}$/);
  const id = /token ([0-9a-f]{16})/.exec(made.stderr)[1];
  assert.equal((await ctl(secret, 'workers')).code, 0);
  assert.equal((await ctl(secret, ...words)).code, 4);
  const listed = await ctl(amid.token, 'token', 'list');
  assert.match(listed.stdout, new RegExp(`${id}  operator .* ci`));
  assert.ok(!listed.stdout.includes(secret));
  assert.equal((await ctl(amid.token, 'token', 'revoke', id)).code, 0);
  assert.equal((await ctl(secret, 'workers')).code, 4);
  assert.match((await ctl(amid.token, 'sessions')).stdout, /Nobody is signed in/);
  assert.equal((await ctl(amid.token, 'sessions', 'revoke', id)).code, 5);
  for (const wrong of [
    ['token', 'create'],
    ['token', 'create', '--role', 'viewer', '--expires', 'soon'],
    ['token', 'revoke', 'x'],
    ['token', 'brew'],
    ['sessions', 'brew'],
  ]) {
    assert.equal((await ctl(amid.token, ...wrong)).code, 2, wrong.join(' '));
  }
  const rotated = await ctl(amid.token, 'token', 'rotate-owner');
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.equal((await ctl(amid.token, 'workers')).code, 4);
  amid.token = session.owner = rotated.stdout.trim();
  assert.equal((await ctl(amid.token, 'workers')).code, 0);
});
