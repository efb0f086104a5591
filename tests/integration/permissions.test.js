// raw.permissions through the whole of amid: what a worker lacks is refused by name, noted in the
// journal a bounded number of times, granted and taken away without a new process; what the record
// names beyond the node's settings is a warning and no grant.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { Amid, request } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start({
    env: { AMID_SERVE_PORTS: '8000-8010,9000', AMID_FETCH_ALLOW: 'example.com,*.example.org:443' },
  });
});
after(() => amid.stop());

const TRY = `
  const tries = {
    getA: () => Stels.net.get(['a', 'b']),
    getAB: () => Stels.net.get(['ab']),
    getTrick: () => Stels.net.get(['a\\u0000b']),
    setA: () => Stels.net.set(['a'], 1),
    setB: () => Stels.net.set(['b'], 1),
    checkB: () => Stels.net.atomic().check({ key: ['b'], versionstamp: null }).set(['a', 'c'], 1).commit(),
    localB: () => Stels.local.set(['b'], 1),
    listB: async () => { for await (const entry of Stels.net.list({ prefix: ['b'] })) void entry; },
  };
  const found = {};
  for (const name of Object.keys(tries)) {
    try { await tries[name](); found[name] = 'ok'; }
    catch (error) { found[name] = error.name + ': ' + error.message; }
  }
  found.listAll = [];
  for await (const entry of Stels.net.list({ start: ['a'], end: ['z'] })) found.listAll.push(entry.key.join('/'));
  found.reverse = [];
  for await (const entry of Stels.net.list({ start: ['a'], end: ['z'] }, { reverse: true })) found.reverse.push(entry.key.join('/'));
`;

function lacks(what) {
  return `PermissionDenied: this worker lacks the permission: ${what}`;
}

describe('key prefixes', () => {
  test('whole parts are allowed, and ranges are cut to them', async () => {
    await amid.evaluate(`for (const key of [['a'], ['a', 'b'], ['ab'], ['b'], ['d', 1], ['d', 2]])
      await Stels.net.set(key, 0);`);
    const found = await amid.evaluate(`${TRY} return found;`, {
      permissions: { kv: { net: [['d', 2], ['a']], local: [] } },
    });
    assert.deepEqual(found, {
      getA: 'ok',
      getAB: lacks('kv.net ["ab"]'),
      getTrick: lacks('kv.net ["a\\u0000b"]'),
      setA: 'ok',
      setB: lacks('kv.net ["b"]'),
      checkB: lacks('kv.net ["b"]'),
      localB: lacks('kv.local ["b"]'),
      listB: lacks('kv.net ["b"]'),
      listAll: ['a', 'a/b', 'd/2'],
      reverse: ['d/2', 'a/b', 'a'],
    });
  });

  test('a change applies to the process that runs, both ways', async () => {
    const sid = await amid.runWorker(
      `let last;
       for (;;) {
         let now = 'ok';
         try { await Stels.local.get(['live']); } catch (error) { now = error.message; }
         if (now !== last) logger.info('live: ' + now);
         last = now;
         await new Promise((resolve) => setTimeout(resolve, 5));
       }`,
    );
    await amid.waitLog(/live: ok/);
    const { pid } = (await amid.view(sid)).instance;
    for (const [permissions, line] of [
      [
        { kv: { local: [['other']] } },
        /live: this worker lacks the permission: kv\.local \["live"\]/,
      ],
      [{ kv: { local: [['live']] } }, /live: ok/],
      [{ kv: { local: [] } }, /live: this worker lacks the permission: kv\.local \["live"\]/],
      [null, /live: ok/],
    ]) {
      const from = amid.logMark();
      const entry = await amid.updateWorker(sid, { permissions });
      assert.deepEqual(entry.value.raw.permissions, permissions);
      await amid.waitLog(line, { from });
    }
    const view = await amid.view(sid);
    assert.equal(view.instance.pid, pid);
    assert.equal(view.state, 'running');
    await amid.call('deleteWorker', { sid });
  });

  test('the wallet comes and goes with its permission', async () => {
    const sid = await amid.runWorker(
      `let last;
       for (;;) {
         let now;
         try { await Stels.wallet.sign('x'); now = 'signed'; } catch (error) { now = error.name; }
         if (now !== last) logger.info('wallet: ' + now);
         last = now;
         await new Promise((resolve) => setTimeout(resolve, 5));
       }`,
      { permissions: { wallet: false } },
    );
    await amid.waitLog(/wallet: PermissionDenied/);
    for (const [permissions, line] of [
      [{ wallet: true }, /wallet: signed/],
      [{ wallet: false }, /wallet: PermissionDenied/],
      [null, /wallet: signed/],
    ]) {
      const from = amid.logMark();
      await amid.updateWorker(sid, { permissions });
      await amid.waitLog(line, { from });
    }
    await amid.call('deleteWorker', { sid });
  });

  test('a loop of refusals is noted ten times and then counted', async () => {
    const from = amid.logMark();
    await amid.evaluate(
      `for (let i = 0; i < 300; i++) await Stels.net.get(['x', i]).catch(() => {});`,
      { permissions: { kv: { net: [] } } },
    );
    await amid.waitLog(/Denied: \d+ more calls/, { from });
    const lines = amid.log.items.slice(from).filter((line) => /Denied: kv\.net/.test(line));
    assert.ok(lines.length >= 10 && lines.length <= 40, `${lines.length} lines`);
  });
});

describe('the record', () => {
  test('is refused member by member', async () => {
    for (const [permissions, sentence] of [
      [[], 'body.permissions must be an object'],
      [{ files: true }, 'body.permissions.files is not a member that amid knows'],
      [{ wallet: 'no' }, 'body.permissions.wallet must be true or false'],
    ]) {
      const answer = await amid.call('setWorker', { permissions });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error, sentence);
    }
  });

  test('comes back as it was sent, from every method', async () => {
    const permissions = {
      fetch: ['example.com'],
      serve: [8000, '8002-8004'],
      kv: { net: [['a', 1, true]] },
      wallet: false,
      secrets: ['KEY'],
      exchanges: ['one'],
    };
    const entry = await amid.makeWorker('1', { permissions });
    const { sid } = entry.value.raw;
    assert.deepEqual(entry.value.raw.permissions, permissions);
    assert.equal(entry.warnings, undefined);
    const got = (await amid.call('getWorker', { sid })).body;
    assert.deepEqual(got.value.raw.permissions, permissions);
    const listed = (await amid.call('listWorkers')).body.find((row) => row.value.raw.sid === sid);
    assert.deepEqual(listed.value.raw.permissions, permissions);
    // A client that does not know the member keeps it, whatever else it replaces.
    const rest = { ...got.value.raw };
    delete rest.permissions;
    const saved = await amid.updateWorker(sid, rest);
    assert.deepEqual(saved.value.raw.permissions, permissions);
    await amid.call('deleteWorker', { sid });
  });

  test('warns of what this node does not allow', async () => {
    const entry = await amid.makeWorker('console.log(1)', {
      permissions: { fetch: ['example.com:80', 'other.net'], serve: ['8009-8011', 9000] },
    });
    assert.deepEqual(
      entry.warnings.map((warning) => warning.message),
      [
        'use logger instead of console',
        'permissions.fetch names other.net, which fetch.allow of this node does not allow; it is not granted here',
        'permissions.serve names 8009-8011, which serve.ports of this node does not allow; it is not granted here',
      ],
    );
    await amid.call('deleteWorker', { sid: entry.value.raw.sid });
  });
});

describe('hosts', () => {
  let server;
  let node;
  let url;
  before(async () => {
    server = http.createServer((request, response) => {
      response.write('begun');
      if (request.url !== '/held') response.end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}`;
    const here = url.slice('http://'.length);
    node = await Amid.start({ env: { AMID_FETCH_ALLOW: here, AMID_FETCH_ALLOW_PRIVATE: here } });
  });
  after(async () => {
    await node.stop();
    server.closeAllConnections?.();
    server.close();
  });

  test('are refused, granted and refused again in the process that runs', async () => {
    const sid = await node.runWorker(
      `let last;
       for (;;) {
         let now;
         try { now = (await fetch('${url}/')).status; } catch (error) { now = error.name + ' ' + error.message; }
         if (now !== last) logger.info('fetch: ' + now);
         last = now;
         await new Promise((resolve) => setTimeout(resolve, 5));
       }`,
      { permissions: { fetch: ['example.com', '127.0.0.2', '*.0.0.1'] } },
    );
    const refusal = /fetch: PermissionDenied .*127\.0\.0\.1/;
    await node.waitLog(refusal);
    const { pid } = (await node.view(sid)).instance;
    for (const [permissions, line] of [
      [{ fetch: ['127.0.0.1'] }, /fetch: 200/],
      [{ fetch: [] }, refusal],
      [null, /fetch: 200/],
      [{ fetch: ['127.0.0.1:1'] }, refusal],
    ]) {
      const from = node.logMark();
      await node.updateWorker(sid, { permissions });
      await node.waitLog(line, { from });
    }
    assert.equal((await node.view(sid)).instance.pid, pid);
    await node.call('deleteWorker', { sid });
  });

  test('what is being read from one that is taken away is closed', async () => {
    const sid = await node.runWorker(
      `const reader = (await fetch('${url}/held')).body.getReader();
       await reader.read();
       logger.info('reading');
       try { await reader.read(); logger.info('ended'); } catch (error) { logger.info('cut off: ' + error.name); }
       await Stels.sleep(1e8);`,
    );
    await node.waitLog(/ reading/);
    const from = node.logMark();
    await node.updateWorker(sid, { permissions: { fetch: [] } });
    await node.waitLog(/cut off: \w+/, { from });
    await node.call('deleteWorker', { sid });
  });
});

describe('ports', () => {
  let node;
  let port;
  before(async () => {
    const probe = net.createServer();
    await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
    port = Math.min(probe.address().port, 65000);
    await new Promise((resolve) => probe.close(resolve));
    node = await Amid.start({ env: { AMID_SERVE_PORTS: `${port}-${port + 9}` } });
  });
  after(() => node.stop());

  const isOpen = () =>
    new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });

  test('are granted, taken away while a request waits, and granted again in one process', async () => {
    const sid = await node.runWorker(
      `let last;
       for (;;) {
         let now;
         try {
           const server = Deno.serve(
             { port: ${port}, onListen: () => logger.info('serve: listens') },
             (request) => {
               if (!request.url.endsWith('/held')) return new Response('mine');
               logger.info('holds a request');
               return new Promise(() => {});
             },
           );
           await server.finished;
           now = 'finished';
         } catch (error) { now = error.name + ' ' + error.message; }
         if (now !== last) logger.info('serve: ' + now);
         last = now;
         await new Promise((resolve) => setTimeout(resolve, 5));
       }`,
      { permissions: { serve: [port + 1] } },
    );
    const refusal = new RegExp(`serve: PermissionDenied .*serve ${port}`);
    await node.waitLog(refusal);
    const { pid } = (await node.view(sid)).instance;
    assert.equal(await isOpen(), false);

    let from = node.logMark();
    await node.updateWorker(sid, { permissions: { serve: [port] } });
    await node.waitLog(/serve: listens/, { from });
    assert.equal((await request(port, {})).text, 'mine');

    from = node.logMark();
    const held = request(port, { path: '/held' }).catch((error) => ({ status: error.code }));
    await node.waitLog(/holds a request/, { from });
    await node.updateWorker(sid, { permissions: { serve: [] } });
    await node.waitLog(refusal, { from });
    assert.equal(await isOpen(), false);
    assert.ok([502, 503, 'ECONNRESET'].includes((await held).status), `${(await held).status}`);

    from = node.logMark();
    await node.updateWorker(sid, { permissions: null });
    await node.waitLog(/serve: listens/, { from });
    assert.equal((await request(port, {})).text, 'mine');
    assert.equal((await node.view(sid)).instance.pid, pid);
    await node.call('deleteWorker', { sid });
  });
});
