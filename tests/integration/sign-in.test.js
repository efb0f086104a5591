// Signing in with a wallet: who may, what each thing that is wrong is answered with, and that no
// transaction signs in twice, not even after a restart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';
import { ClientSocket, WebClient, clientFrame } from './web-client.js';
import { Wallet } from './web-wallet.js';

const CLOSE = 8;
const wallet = (number) => new Wallet(String(number).padStart(64, '0'));
const OWNER = wallet(1);
const DEVELOPER = wallet(2);
const VIEWER = wallet(3);
const STRANGER = wallet(4);
const env = {
  AMID_AUTH_OWNERS: OWNER.address,
  AMID_AUTH_DEVELOPERS: DEVELOPER.address,
  AMID_AUTH_VIEWERS: VIEWER.address,
};

let amid;
before(async () => {
  amid = await Amid.start({ env });
});
after(() => amid.stop());

const client = (who) => new WebClient(who, `http://127.0.0.1:${amid.port}`);

async function refused(body, pattern) {
  const from = amid.logMark();
  const answer = await client(OWNER).postSignIn(body);
  assert.equal(answer.status, 401, answer.text);
  assert.match(answer.body.error, pattern);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  await amid.waitLog(pattern, { from });
}

describe('an answer', () => {
  test('has the node in it, and its addresses as the client came', async () => {
    const { session, token, info } = await client(OWNER).signIn();
    assert.match(session, /^[0-9a-f]{64}$/);
    assert.ok(token);
    assert.deepEqual(info, {
      network: 'localnet',
      title: 'amid',
      nid: 's-0001',
      api: `http://127.0.0.1:${amid.port}`,
      connector: { socket: `ws://127.0.0.1:${amid.port}`, protocols: ['webfix'] },
      developer: true,
    });
  });

  test('says what the wallet may do', async () => {
    for (const [who, developer, status] of [
      [OWNER, true, 200],
      [DEVELOPER, true, 200],
      [VIEWER, true, 403],
      [STRANGER, false, 403],
    ]) {
      const visitor = client(who);
      assert.equal((await visitor.signIn()).info.developer, developer);
      const made = await visitor.call('setWorker', { scriptContent: 'logger.info(1)' });
      assert.equal(made.status, status, made.text);
      const listed = await visitor.call('listWorkers');
      assert.equal(listed.status, developer ? 200 : 403);
    }
  });

  test('names http.public_url if that is set', async () => {
    const other = await Amid.start({
      env: { ...env, AMID_HTTP_PUBLIC_URL: 'https://node.example:8443' },
    });
    const visitor = new WebClient(OWNER, `http://127.0.0.1:${other.port}`);
    const { info } = await visitor.signIn();
    assert.equal(info.api, 'https://node.example:8443');
    assert.equal(info.connector.socket, 'wss://node.example:8443');
    await other.stop();
  });

  test('needs a Host that can be passed on', async () => {
    const body = client(OWNER).signInBody();
    for (const host of ['a"b', 'a b', 'a/b', 'a@b', ':', ':80', 'a:', '[::1', '::1', '*.a']) {
      const answer = await amid.request({
        method: 'POST',
        headers: { host, 'content-type': 'application/json' },
        body: JSON.stringify({ webfix: '1.0', method: 'connectionNode', body }),
      });
      assert.equal(answer.status, 400, `${host}: ${answer.text}`);
    }
  });

  test('comes at // too, and keys may be compressed', async () => {
    const visitor = client(OWNER);
    visitor.api += '//';
    const body = visitor.signInBody(OWNER.login({ changes: {} }));
    body.payload.body.publicKey = OWNER.compressed;
    const answer = await visitor.postSignIn(body);
    assert.equal(answer.status, 200, answer.text);
    const compressed = OWNER.login({
      changes: {
        from: { publicKey: OWNER.compressed, address: OWNER.address, number: OWNER.number },
        fee: 2,
      },
    });
    assert.equal((await visitor.postSignIn(visitor.signInBody(compressed))).status, 200);
  });
});

describe('refused', () => {
  const body = (options) => client(OWNER).signInBody(OWNER.login(options));
  const changed = (change) => {
    const made = body({ changes: { fee: 3 } });
    change(made, made.payload.body);
    return made;
  };

  test('old and future transactions', async () => {
    const timestamp = Date.now();
    await refused(body({ timestamp: timestamp - 125_000 }), /older than 120 s/);
    await refused(body({ timestamp: timestamp + 125_000 }), /more than 120 s ahead/);
    await refused(body({ data: { timestamp: timestamp - 125_000 } }), /older than 120 s/);
    await refused(body({ changes: { timestamp: timestamp - 125_000 } }), /older than 120 s/);
  });

  test('another network, address, key or purpose', async () => {
    await refused(body({ network: 'mainnet' }), /data.network is not this node's network/);
    await refused(
      changed((made) => (made.network = 'mainnet')),
      /body.network is not this node's network/,
    );
    await refused(
      changed((made, inner) => (inner.walletAddress = STRANGER.address)),
      /walletAddress is not the signer's/,
    );
    await refused(
      changed((made, inner) => (inner.publicKey = STRANGER.publicKey)),
      /publicKey is not the signer's/,
    );
    await refused(body({ data: { action: 'TRANSFER' } }), /data.action/);
    await refused(body({ changes: { to: STRANGER.address } }), /transfer of 0 to the signer/);
    await refused(body({ changes: { amount: 5 } }), /transfer of 0 to the signer/);
  });

  test('a seal that does not hold', async () => {
    await refused(body({ high: true }), /higher s/);
    await refused(
      changed((made, { transaction }) => (transaction.hash = 'a'.repeat(64))),
      /hash is not/,
    );
    await refused(
      changed((made, { transaction }) => (transaction.amount = 7)),
      /hash is not/,
    );
    await refused(
      changed((made, inner) => (inner.transaction.signature = STRANGER.sign('x'))),
      /signature does not hold/,
    );
    const forged = STRANGER.login();
    forged.from = { publicKey: OWNER.publicKey, address: OWNER.address, number: OWNER.number };
    await refused(client(OWNER).signInBody(forged), /./);
  });

  test('what is malformed', async () => {
    await refused({}, /body.network/);
    await refused({ network: 'localnet' }, /payload/);
    await refused(
      changed((made) => (made.payload.webfix = '2.0')),
      /payload/,
    );
    await refused(
      changed((made) => delete made.payload.body),
      /a transaction is an object/,
    );
    for (const transaction of [null, [], 'x', {}, { from: {} }, { from: [] }]) {
      await refused(
        changed((made, inner) => (inner.transaction = transaction)),
        /./,
      );
    }
    for (const text of ['', '{', '[]', '{"webfix":"1.0"}', '{"webfix":"1.0","method":"x"}']) {
      const answer = await amid.request({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      assert.equal(answer.status, 401, `${text}: ${answer.text}`);
    }
  });

  test('a transaction that has signed in before, also after a restart', async () => {
    const state = makeStateFolder();
    const first = await Amid.start({ env, state });
    const visitor = (port) => new WebClient(OWNER, `http://127.0.0.1:${port}`);
    const used = visitor(first.port).signInBody();
    assert.equal((await visitor(first.port).postSignIn(used)).status, 200);
    // At the same time, too: one of them only.
    const twice = visitor(first.port).signInBody(OWNER.login({ changes: { fee: 9 } }));
    const both = await Promise.all([0, 1].map(() => visitor(first.port).postSignIn(twice)));
    assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 401]);
    for (const restart of [false, true]) {
      let now = first;
      if (restart) {
        await first.stop({ keepState: true });
        now = await Amid.start({ env, state });
      }
      const again = await visitor(now.port).postSignIn(used);
      assert.equal(again.status, 401, again.text);
      assert.match(again.body.error, /was used before/);
      if (restart) await now.stop();
    }
  });

  test('and the audit knows of it', async () => {
    const rows = (await amid.api('GET', '/api/audit?limit=500')).text;
    assert.match(rows, new RegExp(`sign-in[^}]*${OWNER.address}`));
    assert.match(rows, /older than 120 s/);
  });
});

describe('developer access', () => {
  test('is asked for, listed, approved and denied', async () => {
    const visitor = client(STRANGER);
    await visitor.signIn();
    const asked = await visitor.postDeveloperRequest();
    assert.equal(asked.status, 202, asked.text);
    assert.equal(asked.body.raw, undefined);
    assert.equal((await visitor.postDeveloperRequest(STRANGER.developerRequest())).status, 202);
    const list = (await amid.api('GET', '/api/access')).body;
    assert.deepEqual(
      list.map(({ wallet: address, state }) => [address, state]),
      [[STRANGER.address, 'pending']],
    );
    assert.equal((await visitor.call('listWorkers')).status, 403);
    const listed = await amid.amictl(['access', 'list']);
    assert.equal(listed.stdout, `${STRANGER.address} pending\n`);
    const decide = (what) => amid.api('POST', `/api/access/${STRANGER.address}/${what}`);
    const approved = await amid.amictl(['access', 'approve', STRANGER.address]);
    assert.equal(approved.stdout, `${STRANGER.address} approved\n`);
    assert.equal((await visitor.call('listWorkers')).status, 200);
    const answer = await visitor.postDeveloperRequest();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.raw.info.developer, true);
    assert.notEqual(answer.body.raw.session, visitor.session);
    assert.equal((await decide('deny')).body.state, 'denied');
    for (const words of [[], ['praise'], ['approve'], ['deny', 'x'], ['list', 'x']]) {
      const { code, stderr } = await amid.amictl(['access', ...words]);
      assert.equal(code, 2);
      assert.match(stderr, /access list, access approve/);
    }
    assert.equal((await visitor.call('listWorkers')).status, 403);
    assert.equal((await visitor.postDeveloperRequest()).status, 403);
    assert.equal((await amid.api('POST', '/api/access/x/approve')).status, 404);
    assert.equal((await decide('praise')).status, 404);
    const none = await amid.api('POST', `/api/access/${'g'.repeat(34)}/approve`);
    assert.equal(none.status, 400, none.text);
  });

  test('is not given to who has a copy of what was asked', async () => {
    const asker = wallet(5);
    const visitor = client(asker);
    const now = Date.now();
    const signed = [1, 2, 3].map((past) => asker.developerRequest({ timestamp: now - past }));
    const statusOf = async (transaction) =>
      (await visitor.postDeveloperRequest(transaction)).status;
    const decide = (what) => amid.api('POST', `/api/access/${asker.address}/${what}`);
    assert.equal(await statusOf(signed[0]), 202);
    assert.equal(await statusOf(signed[1]), 202);
    assert.equal(await statusOf(signed[0]), 401, 'nor is it asked twice');
    await decide('deny');
    assert.equal(await statusOf(signed[2]), 403);
    await decide('approve');
    for (const transaction of signed) {
      const answer = await visitor.postDeveloperRequest(transaction);
      assert.equal(answer.status, 401, answer.text);
      assert.match(answer.body.error, /was used before/);
    }
    assert.equal((await visitor.postDeveloperRequest()).status, 200);
    const { rows } = (await amid.api('GET', '/api/audit?limit=500')).body;
    const about = rows.map(({ text }) => JSON.parse(text));
    const asked = about.filter(
      ({ event, wallet: who }) => event === 'access-request' && who === asker.address,
    );
    assert.equal(asked.length, 1);
  });

  test('takes no login, and a login no request', async () => {
    const visitor = client(DEVELOPER);
    await visitor.signIn();
    assert.equal((await visitor.postDeveloperRequest(DEVELOPER.login())).status, 401);
    const swapped = visitor.signInBody(DEVELOPER.developerRequest());
    assert.equal((await visitor.postSignIn(swapped)).status, 401);
  });
});

describe('a session', () => {
  test('that is revoked loses its socket without losing the wallet', async () => {
    const visitor = client(OWNER);
    await visitor.signIn();
    const socket = await visitor.openSocket();
    socket.subscribe();
    await socket.until(() => socket.values.length > 0);
    const sessions = (await amid.api('GET', '/api/sessions')).body;
    for (const { id } of sessions) await amid.api('DELETE', `/api/sessions/${id}`);
    await socket.ended;
    assert.deepEqual([socket.code, socket.outcome], [4001, 'reconnects']);
    assert.equal((await visitor.call('listWorkers')).status, 401);
  });

  test('of a stranger takes the place of no one else', async () => {
    const owner = client(OWNER);
    await owner.signIn();
    const strangers = [];
    for (let number = 100; number < 170; number++) {
      const stranger = client(wallet(number));
      await stranger.signIn();
      strangers.push(stranger);
    }
    assert.equal((await owner.call('listWorkers')).status, 200);
    const { rows } = (await amid.api('GET', '/api/audit?limit=500')).body;
    const about = strangers.filter((one) =>
      rows.some(({ text }) => text.includes(one.wallet.address)),
    );
    assert.ok(about.length <= 5, `${about.length} strangers have rows`);
    const socket = await ClientSocket.open(amid.port, { session: strangers.at(-1).session });
    socket.subscribe();
    await socket.until(() => socket.values.length > 0);
    assert.equal(socket.values[0].raw.totalNodes, 0);
    socket.socket.destroy();
    const first = await ClientSocket.open(amid.port, { session: strangers[0].session });
    await first.ended;
    assert.equal(first.code, 4001);
  });
});

describe('WebSockets of strangers', () => {
  const OF_ALL = 64; // supervisor/api/sockets.h
  const OF_ONE = 32;

  test('are so many in all, and take none from others', async () => {
    const strangers = [201, 202, 203].map((number) => client(wallet(number)));
    for (const one of strangers) await one.signIn();
    const owner = client(OWNER);
    await owner.signIn();
    const held = [];
    for (const one of strangers.slice(0, OF_ALL / OF_ONE)) {
      for (let n = 0; n < OF_ONE; n++) held.push(await one.openSocket());
    }
    const refused = await strangers[2].openSocket();
    await refused.ended;
    assert.deepEqual([refused.code, refused.reason, refused.outcome], [1013, 'busy', 'reconnects']);
    const taken = await owner.openSocket();
    taken.subscribe();
    await taken.until(() => taken.values.length > 0);
    assert.ok(held.every((one) => !one.isEnded));
    held[0].send(clientFrame(CLOSE, Buffer.from([3, 232])));
    await held[0].ended;
    const next = await strangers[2].openSocket();
    next.subscribe();
    await next.until(() => next.values.length > 0);
    for (const one of [...held, taken, next]) one.socket.destroy();
  });
});

describe('too many tries', () => {
  const PER_MINUTE = 3;
  const RETRY_S = 60 / PER_MINUTE;
  let limited;
  before(async () => {
    limited = await Amid.start({
      env: {
        ...env,
        AMID_AUTH_SIGN_INS_PER_ADDRESS: String(PER_MINUTE),
        AMID_AUTH_SIGN_INS_PER_WALLET: String(PER_MINUTE),
        AMID_HTTP_TRUSTED_PROXIES: '127.0.0.1, 127.0.0.32/30',
      },
    });
    await limited.freeze();
  });
  after(() => limited.stop());

  const from = (localAddress, who = OWNER) =>
    Object.assign(new WebClient(who, `http://127.0.0.1:${limited.port}`), { localAddress });
  /** No two alike, so that none is a replay. */
  let fee = 100;
  const good = (who) => who.signInBody(who.wallet.login({ changes: { fee: fee++ } }));
  const bad = (who) => who.signInBody(who.wallet.login({ network: 'elsewhere' }));
  const statuses = async (who, bodies) => {
    const found = [];
    for (const body of bodies) found.push((await who.postSignIn(body)).status);
    return found;
  };
  const tooMany = (answer) => {
    assert.equal(answer.status, 429, answer.text);
    assert.equal(answer.headers['retry-after'], String(RETRY_S));
    assert.match(answer.body.error, /Too many sign-ins/);
  };

  test('of one address wait; others and the proxy of this machine do not', async () => {
    const guesser = from('127.0.0.2');
    const guesses = [bad(guesser), {}, bad(guesser)];
    assert.deepEqual(await statuses(guesser, guesses), [401, 401, 401]);
    tooMany(await guesser.postSignIn(bad(guesser)));
    tooMany(await guesser.postDeveloperRequest());
    tooMany(await guesser.postSignIn(good(guesser)));
    const neighbour = from('127.0.0.3');
    assert.deepEqual(await statuses(neighbour, [bad(neighbour)]), [401]);
    const proxy = from('127.0.0.1');
    assert.deepEqual(await statuses(proxy, Array(6).fill(bad(proxy))), Array(6).fill(401));
    await limited.advance(RETRY_S * 1000);
    assert.deepEqual(await statuses(guesser, [bad(guesser), bad(guesser)]), [401, 429]);
  });

  test('are counted for whom a trusted proxy names, and no other is believed', async () => {
    const by = (localAddress, forwardedFor) => Object.assign(from(localAddress), { forwardedFor });
    const guess = async (visitor) => (await visitor.postSignIn(bad(visitor))).status;
    const mark = limited.logMark();
    // It writes another address in front each time, and comes by two proxies.
    for (let n = 0; n < PER_MINUTE; n++) {
      const proxy = n % 2 === 0 ? '127.0.0.1' : '127.0.0.33';
      assert.equal(await guess(by(proxy, `192.0.2.${n}, 198.51.100.7, 127.0.0.34`)), 401);
    }
    await limited.waitLog(/(?=.*audit: unauthorized).*198\.51\.100\.7/, { from: mark });
    assert.equal(await guess(by('127.0.0.33', '198.51.100.7')), 429);
    assert.equal(await guess(by('127.0.0.33', '198.51.100.8')), 401);
    const liar = (n) => by('127.0.0.21', `198.51.100.${n}`);
    for (let n = 0; n < PER_MINUTE; n++) assert.equal(await guess(liar(20 + n)), 401);
    assert.equal(await guess(liar(30)), 429);
    const { rows } = (await limited.api('GET', '/api/audit?limit=500')).body;
    const addresses = new Set(rows.map(({ text }) => JSON.parse(text).address));
    assert.ok(addresses.has('198.51.100.7'));
    assert.ok(!addresses.has('192.0.2.0') && !addresses.has('198.51.100.20'));
  });

  test('with bad or copied transactions shut no owner out', async () => {
    const owner = from('127.0.0.4', DEVELOPER);
    const copied = good(owner);
    assert.deepEqual(await statuses(owner, [copied]), [200]);
    const stranger = from('127.0.0.1', DEVELOPER);
    const tries = Array(2 * PER_MINUTE)
      .fill([bad(stranger), copied])
      .flat();
    assert.deepEqual(await statuses(stranger, tries), Array(tries.length).fill(401));
    assert.deepEqual(await statuses(owner, [good(owner)]), [200]);
  });

  test('of one wallet wait, wherever it comes from', async () => {
    const addresses = ['127.0.0.5', '127.0.0.6', '127.0.0.7'];
    for (const address of addresses) {
      const visitor = from(address, VIEWER);
      assert.deepEqual(await statuses(visitor, [good(visitor)]), [200]);
    }
    const visitor = from('127.0.0.8', VIEWER);
    tooMany(await visitor.postSignIn(good(visitor)));
    await limited.advance(RETRY_S * 1000);
    assert.deepEqual(await statuses(visitor, [good(visitor), good(visitor)]), [200, 429]);
  });

  test('are in the audit', async () => {
    const { text } = await limited.api('GET', '/api/audit?limit=500');
    assert.match(text, /too-many-requests[^}]*127\.0\.0\.2/);
    assert.match(text, new RegExp(`too-many-requests[^}]*${VIEWER.address}`));
  });
});

test('the other panels stay quiet', async () => {
  const visitor = client(DEVELOPER);
  await visitor.signIn();
  const body = { address: DEVELOPER.address, network: 'localnet' };
  const list = await visitor.post({ webfix: '1.0', method: 'assetList', params: ['localnet'] });
  assert.equal(list.body.result.success, true, list.text);
  assert.deepEqual(list.body.result.assets, []);
  const balances = (await visitor.call('getAssetBalances', body)).body.result;
  assert.deepEqual([balances.success, balances.address], [true, DEVELOPER.address]);
  for (const name of ['balances', 'accounts', 'assets', 'recent_transactions']) {
    assert.deepEqual(balances[name], []);
  }
  const balance = (await visitor.call('getAssetBalance', { ...body, token_id: 'TST' })).body.result;
  assert.deepEqual([balance.balance, balance.currency, balance.decimals], ['0.000000', 'TST', 6]);
  const moves = (await visitor.call('getAssetTransactions', body)).body.result;
  assert.deepEqual([moves.transactions, moves.total], [[], 0]);
  assert.deepEqual((await visitor.call('listAccounts', body)).body, []);
  assert.equal((await visitor.call('setAccount', body)).body.success, false);
  assert.equal((await visitor.call('createOrder', body)).status, 400);
});
