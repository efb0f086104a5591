// The command amictl against a real node: what it prints, what it exits with, and that text from
// workers cannot steer a terminal.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

const amictl = (args, options) => amid.amictl(args, options);

describe('workers', () => {
  test('without any', async () => {
    const { code, stdout } = await amictl(['workers']);
    assert.deepEqual([code, stdout], [0, 'There are no workers.\n']);
    assert.deepEqual(JSON.parse((await amictl(['--json', 'workers'])).stdout), []);
  });

  test('a table, and control by a shortened sid', async () => {
    const sid = await amid.runWorker('await Stels.sleep(1e8);', {
      note: 'esc \u001b[31m \u009b1m é',
    });
    await amid.waitState(sid, 'running');
    const table = await amictl(['workers']);
    assert.equal(table.code, 0, table.stderr);
    const [head, row] = table.stdout.trimEnd().split('\n');
    assert.match(head, /^SID +STATE +PRIORITY +PID +RESTARTS +NOTE +LAST ERROR$/);
    assert.match(row, new RegExp(`^${sid.slice(0, 8)} +running +normal +\\d+ +0 +esc `));
    assert.ok(!table.stdout.includes('\u001b') && !table.stdout.includes('\u009b'));
    assert.match(row, /\\x1b\[31m .*é/);

    let from = amid.mark();
    const stopped = await amictl(['stop', sid.slice(0, 6)]);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.match(stopped.stdout, new RegExp(`^${sid} \\w+`));
    await amid.waitState(sid, 'inactive', { from });
    from = amid.mark();
    assert.equal((await amictl(['start', sid])).code, 0);
    await amid.waitState(sid, 'running', { from });
    from = amid.mark();
    const restarted = await amictl(['--json', 'restart', sid.toUpperCase().slice(0, 9)]);
    assert.equal(JSON.parse(restarted.stdout).value.raw.sid, sid);
    await amid.waitState(sid, 'running', { from });
  });
});

describe('logs', () => {
  test('the last lines, as text and as JSON, and following', async () => {
    const sid = await amid.runWorker(
      `logger.info('one'); logger.error('two \\u001b[2J'); await Stels.sleep(1e8);`,
    );
    await amid.waitLog(/two/);
    const text = await amictl(['logs', sid, '-n', '2']);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^\S+Z INFO {2}one\n\S+Z ERROR two /);
    assert.ok(!text.stdout.includes('\u001b'));
    const json = await amictl(['--json', 'logs', sid, '--lines', '2']);
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([lines[0].text, lines[1].level], ['one', 'error']);
    const from = amid.mark();
    let heard;
    const isFollowing = new Promise((resolve) => (heard = resolve));
    const following = amictl(['logs', '-f', '-n', '1', sid], {
      until: (stdout) => {
        heard();
        return /two[^]*Z INFO {2}one/.test(stdout);
      },
    });
    await isFollowing;
    await amid.call('restartWorker', { sid });
    await amid.waitState(sid, 'running', { from });
    assert.match((await following).stdout, /Z INFO {2}one/);
  });
});

test('nodes: one that is alone lists itself', async () => {
  const { code, stdout } = await amictl(['nodes']);
  assert.equal(code, 0);
  assert.match(stdout, /^NODE +STATE +FOR +RUNNING +VERSION +ADDRESS\ns-0001 +up .* of 5000 /);
  const [node, ...others] = JSON.parse((await amictl(['nodes', '--json'])).stdout);
  assert.equal(others.length, 0);
  assert.deepEqual([node.nid, node.self, node.state, node.downSince], ['s-0001', true, 'up', null]);
  assert.match(node.address, /^127\.0\.0\.1:\d+$/);
});

test('status', async () => {
  const { code, stdout } = await amictl(['status']);
  assert.equal(code, 0);
  assert.match(stdout, /node +s-0001 of localnet\n/);
  assert.match(stdout, /workers +\d+/);
  const json = JSON.parse((await amictl(['status', '--json'])).stdout);
  assert.equal(json.nid, 's-0001');
});

describe('failures', () => {
  const cases = [
    [2, /no command/, []],
    [2, /unknown command/, ['frobnicate']],
    [2, /SID/, ['stop']],
    [2, /too many/, ['workers', 'x']],
    [2, /-n takes/, ['logs', 'x', '-n', 'many']],
    [2, /help/, ['--colour', 'workers']],
    [2, /no host/, ['--url', 'https://', 'workers']],
    [2, /host:port/, ['--url', 'http://x:1/path', 'workers']],
    [3, /cannot reach.*refused/, ['--url', 'http://127.0.0.1:1', 'workers']],
    [4, /cannot read a token/, ['--token-file', '/nonexistent', 'workers']],
    [5, /no worker/, ['stop', 'zzzz']],
    [5, /not found/i, ['stop', '00000000-0000-4000-8000-000000000000']],
  ];
  for (const [expected, pattern, args] of cases) {
    test(`${args.join(' ') || 'nothing'}: ${expected}`, async () => {
      const { code, stdout, stderr } = await amictl(args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, pattern);
      assert.equal(stdout, '');
    });
  }

  test('a token of another node', async () => {
    const { code, stderr } = await amictl(['workers'], { env: { AMID_TOKEN: 'f'.repeat(64) } });
    assert.equal(code, 4);
    assert.match(stderr, /token/);
  });

  test('no token anywhere', async () => {
    const { code, stderr } = await amictl(['workers'], { env: { AMID_TOKEN: '' } });
    assert.equal(code, 4);
    assert.match(stderr, /--token-file/);
  });

  test('an abbreviation that fits several', async () => {
    while ((await amid.call('listWorkers')).body.length < 17)
      await amid.makeWorker('logger.info(1)');
    const { body } = await amid.call('listWorkers');
    const firsts = body.map((entry) => entry.key[2][0]);
    const twice = firsts.find((first, n) => firsts.indexOf(first) !== n);
    const { code, stderr } = await amictl(['stop', twice]);
    assert.equal(code, 5);
    assert.match(stderr, /more than one/);
  });

  test('something else listens there', async () => {
    const server = net.createServer((socket) => socket.end('220 smtp.example ESMTP\r\n'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    const { code, stderr } = await amictl(['--url', url, 'workers']);
    assert.equal(code, 3);
    assert.match(stderr, /does not speak HTTP/);
    server.close();
  });
});
