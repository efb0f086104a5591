// Secrets: set by the owner, encrypted at rest, given to the workers whose record names them and to
// nobody else, never seen in a list, a log, the database or an answer; and the node's wallet
// encrypted with a key from outside the state folder.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { freePort } from '../cluster/etcd.js';
import { Amid, makeStateFolder, request } from './harness.js';

const VALUE = 'hunter2-\u00e9\u{1f511}-"quoted"\nsecond line';

/** Every byte below the folder, WAL and all. */
function bytesBelow(folder) {
  return Buffer.concat(
    readdirSync(folder, { withFileTypes: true })
      .filter((item) => item.isFile())
      .map((item) => readFileSync(path.join(folder, item.name))),
  );
}

const permissions = { secrets: ['api-key'] };
const ask = (name) =>
  `try { return ['value', await Stels.secret(${JSON.stringify(name)})]; }
   catch (error) { return [error.name, error.message]; }`;

describe('secrets', () => {
  let amid, port;
  before(async () => {
    port = await freePort();
    amid = await Amid.start({ env: { AMID_SERVE_PORTS: String(port) } });
  });
  after(() => amid.stop());

  test('set, listed without values, read by who may, removed', async () => {
    const set = await amid.amictl(['secret', 'set', 'api-key'], { input: `${VALUE}\n` });
    assert.equal(set.code, 0, set.stderr);
    assert.equal((await amid.amictl(['secret', 'list'])).stdout, 'api-key\n');
    const listed = await amid.api('GET', '/api/secrets');
    assert.deepEqual(Object.keys(listed.body[0]).sort(), ['name', 'updated']);

    assert.deepEqual(await amid.evaluate(ask('api-key'), { permissions }), ['value', VALUE]);
    const [name, message] = await amid.evaluate(ask('api-key'));
    assert.equal(name, 'PermissionDenied');
    assert.match(message, /secrets.*api-key/);
    const named = { permissions: { secrets: ['api-key', 'other', '../x', ''].slice(0, 3) } };
    assert.equal((await amid.evaluate(ask('other'), named))[0], 'NotFound');
    assert.equal((await amid.evaluate(ask('../x'), named))[0], 'NotFound');
    assert.equal((await amid.evaluate(ask('wallet'), named))[0], 'PermissionDenied');
    assert.equal((await amid.evaluate(ask(7), named))[0], 'TypeError');

    assert.equal((await amid.amictl(['secret', 'set', 'api-key'], { input: 'second' })).code, 0);
    assert.deepEqual(await amid.evaluate(ask('api-key'), { permissions }), ['value', 'second']);
    assert.equal((await amid.amictl(['secret', 'remove', 'api-key'])).code, 0);
    assert.equal((await amid.amictl(['secret', 'remove', 'api-key'])).code, 5);
    assert.equal((await amid.evaluate(ask('api-key'), { permissions }))[0], 'NotFound');
  });

  test('for one worker alone', async () => {
    const script = `logger.info('answer ' + await Stels.secret('mine').then((v) => v, (e) => e.name)); await Stels.sleep(1e8);`;
    const members = { permissions: { secrets: ['mine'] } };
    const { sid } = (await amid.makeWorker(script, members)).value.raw;
    const other = (await amid.makeWorker(script, members)).value.raw.sid;
    const set = await amid.amictl(['secret', 'set', 'mine', '--worker', sid], { input: 'for-one' });
    assert.equal(set.code, 0, set.stderr);
    assert.equal((await amid.amictl(['secret', 'list'])).stdout, `mine for ${sid}\n`);
    let from = amid.logMark();
    await amid.api('POST', `/api/workers/${other}/start`);
    await amid.waitLog(/answer PermissionDenied/, { from });
    from = amid.logMark();
    await amid.api('POST', `/api/workers/${sid}/start`);
    await amid.waitLog(/answer for-one/, { from });
  });

  test('withdrawn from a worker that runs', async () => {
    const { sid: other } = (await amid.makeWorker('logger.info(1)')).value.raw;
    const from = amid.logMark();
    const sid = await amid.runWorker(
      `Deno.serve({ port: ${port}, onListen: () => logger.info('tells what it gets') },
         async () => new Response(await Stels.secret('lent').then((v) => v, (e) => e.name)));`,
      { permissions: { secrets: ['lent'], serve: [port] } },
    );
    await amid.waitLog(/tells what it gets/, { from });
    const { pid } = await amid.waitState(sid, 'running');
    const gets = async () => (await request(port, {})).text;
    const set = (value, ...words) =>
      amid.amictl(['secret', 'set', 'lent', ...words], { input: value });
    const names = (...secrets) =>
      amid.updateWorker(sid, { permissions: { secrets, serve: [port] } });
    await set('first');
    assert.equal(await gets(), 'first');
    await amid.amictl(['secret', 'remove', 'lent']);
    assert.equal(await gets(), 'NotFound');
    await set('second');
    assert.equal(await gets(), 'second');
    await names();
    assert.equal(await gets(), 'PermissionDenied');
    await names('lent');
    assert.equal(await gets(), 'second');
    await set('third', '--worker', other);
    assert.equal(await gets(), 'PermissionDenied');
    process.kill(pid, 0); // the same process all the time
    for (const one of [sid, other]) await amid.call('deleteWorker', { sid: one });
  });

  test('scripts reach them by no other way', async () => {
    for (const space of ['net', 'local']) {
      const body = `try { return await Stels.${space}.get(['ami', 'secret', 'mine']); } catch (error) { return error.name; }`;
      assert.equal(await amid.evaluate(body), 'PermissionDenied');
    }
    const listed = await amid.evaluate(
      `const keys = []; for await (const entry of Stels.local.list({ prefix: [] })) keys.push(entry.key); return keys;`,
    );
    assert.ok(!JSON.stringify(listed).includes('secret'));
  });

  test('what is refused', async () => {
    const post = (name, body) =>
      amid.request({
        method: 'POST',
        path: `/api/secrets/${name}`,
        headers: { 'stels-session': amid.token },
        body,
      });
    assert.equal((await post('a%2Fb', 'x')).status, 400);
    assert.equal((await post('x'.repeat(65), 'x')).status, 400);
    assert.equal((await post('empty', '')).status, 400);
    assert.equal((await post('nul', 'a\0b')).status, 400);
    assert.equal((await post('bytes', Buffer.from([0xff, 0xfe]))).status, 400);
    assert.equal((await post('long', 'x'.repeat(16385))).status, 413);
    assert.equal((await post('longest', 'x'.repeat(16384))).status, 200);
    assert.equal((await post('ok?worker=nobody', 'x')).status, 400);
    assert.equal((await amid.request({ path: '/api/secrets' })).status, 401);
    assert.equal((await amid.amictl(['secret', 'set', 'bad name'], { input: 'x' })).code, 2);
    assert.equal((await amid.amictl(['secret', 'set', 'nothing'], { input: '' })).code, 2);
    assert.equal(
      (await amid.amictl(['secret', 'set', 'long'], { input: 'x'.repeat(16386) })).code,
      2,
    );
  });

  test('audited by name, and its value is nowhere', async () => {
    await amid.amictl(['secret', 'set', 'audited'], { input: 'needle-in-a-haystack' });
    const { stdout } = await amid.amictl(['--json', 'audit']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).row);
    assert.ok(rows.some(({ event, detail }) => event === 'secret-set' && detail === 'audited'));
    assert.ok(rows.some(({ event, detail }) => event === 'secret-remove' && detail === 'api-key'));
    assert.ok(
      rows.some(
        ({ event, detail }) => event === 'permission-denied' && detail === 'secrets api-key',
      ),
    );
    assert.equal((await amid.amictl(['audit', '--verify'])).code, 0);
    const needles = ['needle-in-a-haystack', 'hunter2', 'for-one'];
    const bytes = bytesBelow(amid.state);
    for (const needle of needles) {
      assert.ok(!stdout.includes(needle), needle);
      assert.ok(!bytes.includes(needle), `${needle} lies in the state folder`);
    }
    const said = amid.log.items.filter((line) => !line.includes('answer for-one')).join('\n');
    for (const needle of ['needle-in-a-haystack', 'for-one']) assert.ok(!said.includes(needle));
    const { body } = await amid.call('getWorkerStats');
    assert.ok(!JSON.stringify(body).includes('needle'));
    assert.equal(statSync(path.join(amid.state, 'node.key')).mode & 0o777, 0o600);
    const limits = readFileSync(`/proc/${amid.pid}/limits`, 'utf8');
    assert.match(limits, /^Max core file size +0 +0 /m);
  });
});

describe('the key from outside', () => {
  const key = 'ab'.repeat(32);

  async function address(amid) {
    return amid.evaluate(`return Stels.wallet.address;`);
  }

  test('encrypts the wallet that was plain, keeps it, and no other key opens it', async () => {
    const state = makeStateFolder();
    const outside = makeStateFolder();
    const file = path.join(outside, 'key');
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    let amid = await Amid.start({ state });
    const first = await address(amid);
    await amid.stop({ keepState: true });
    const plain = readFileSync(path.join(state, 'node.wallet'), 'utf8').trim();

    const env = { AMID_AUTH_KEY_FILE: file };
    for (let n = 0; n < 2; n++) {
      amid = await Amid.start({ state, env });
      assert.equal(await address(amid), first);
      if (n === 0) await amid.amictl(['secret', 'set', 'api-key'], { input: 'kept' });
      assert.deepEqual(await amid.evaluate(ask('api-key'), { permissions }), ['value', 'kept']);
      await amid.stop({ keepState: true });
      assert.ok(!existsSync(path.join(state, 'node.wallet')));
      assert.ok(!bytesBelow(state).includes(plain));
    }
    // What a crash between the two steps leaves: the plain one goes.
    writeFileSync(path.join(state, 'node.wallet'), `${plain}\n`, { mode: 0o600 });
    const credentials = path.join(outside, 'credentials');
    mkdirSync(credentials);
    writeFileSync(path.join(credentials, 'amid.key'), key, { mode: 0o400 });
    amid = await Amid.start({ state, env: { CREDENTIALS_DIRECTORY: credentials } });
    assert.equal(await address(amid), first);
    await amid.stop({ keepState: true });
    assert.ok(!existsSync(path.join(state, 'node.wallet')));

    const refusedWith = async (settings) => {
      const failed = new Amid({ state, env: settings });
      await assert.rejects(failed.launch());
      await failed.ended;
      return failed.log.items.join('\n');
    };
    assert.match(await refusedWith({}), /encrypted with another key; name it with auth\.key_file/);
    writeFileSync(file, 'cd'.repeat(32));
    assert.match(await refusedWith(env), /encrypted with another key/);
    writeFileSync(file, 'too short');
    assert.match(await refusedWith(env), /does not hold 64 hex digits/);
    rmSync(file);
    assert.match(await refusedWith(env), /auth\.key_file: there is no/);
    for (const folder of [state, outside]) rmSync(folder, { recursive: true });
  });
});
