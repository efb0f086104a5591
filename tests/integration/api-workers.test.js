// The worker methods of the WebFIX API: what each answers, in the documented order of members, and
// what each refuses, by name of the faulty field and without changing anything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const RAW_ORDER = [
  'sid',
  'nid',
  'active',
  'mode',
  'executionMode',
  'priority',
  'accountId',
  'assignedNode',
  'note',
  'script',
  'dependencies',
  'version',
  'timestamp',
];

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

/** Runs the call, expects the status and an {"error":"…"} that matches, and an unchanged list. */
async function refused(status, pattern, method, body, headers) {
  const earlier = (await amid.call('listWorkers')).text;
  const answer = await amid.call(method, body, headers);
  assert.equal(answer.status, status, answer.text);
  assert.equal(typeof answer.body.error, 'string', answer.text);
  if (typeof pattern === 'string') assert.equal(answer.body.error, pattern);
  else assert.match(answer.body.error, pattern);
  assert.equal((await amid.call('listWorkers')).text, earlier, 'a refused call changed something');
  return answer.body;
}

function fullRaw(entry, changes) {
  return { ...entry.value.raw, ...changes };
}

describe('setWorker', () => {
  test('answers the entry with every default', async () => {
    const before = Date.now();
    const answer = await amid.call('setWorker', {});
    assert.equal(answer.status, 200, answer.text);
    const { key, value, versionstamp } = answer.body;
    const { raw } = value;
    assert.match(raw.sid, UUID);
    assert.deepEqual(Object.keys(answer.body).slice(0, 3), ['key', 'value', 'versionstamp']);
    assert.deepEqual(key, ['ami', 'worker', raw.sid]);
    assert.equal(value.channel, `ami.worker.${raw.sid}`);
    assert.equal(value.module, 'worker');
    assert.equal(value.widget, `widget.ami.worker.${raw.sid}`);
    assert.match(versionstamp, /^[0-9a-f]{20}$/);
    assert.equal(raw.nid, 's-0001');
    assert.equal(raw.active, false);
    assert.equal(raw.mode, 'loop');
    assert.equal(raw.executionMode, 'parallel');
    assert.equal(raw.priority, 'normal');
    assert.equal(raw.scope, 'network');
    assert.equal(raw.accountId ?? null, null);
    assert.equal(raw.assignedNode ?? null, null);
    assert.match(
      raw.note,
      new RegExp(`^Worker script Stels SDK ${raw.sid} - \\d{4}-\\d\\d-\\d\\dT`),
    );
    assert.equal(raw.script, 'logger.info("Worker script initialized!");');
    assert.deepEqual(raw.dependencies, ['gliesereum']);
    assert.equal(raw.version, '1.19.2');
    assert.ok(raw.timestamp >= before && raw.timestamp <= Date.now());
    assert.equal(value.timestamp, raw.timestamp);
    assert.equal(value.generation, 1);
    const order = Object.keys(raw).filter((name) => RAW_ORDER.includes(name));
    assert.deepEqual(
      order,
      RAW_ORDER.filter((name) => order.includes(name)),
    );
  });

  test('accepts a call without a body', async () => {
    const answer = await amid.call('setWorker');
    assert.equal(answer.status, 200, answer.text);
  });

  test('takes every documented parameter', async () => {
    const answer = await amid.call('setWorker', {
      scriptContent: "logger.info('Hello from worker!'); await Stels.sleep(1000);",
      dependencies: [],
      version: '2.0.0',
      executionMode: 'exclusive',
      priority: 'high',
      accountId: 'account-1',
      assignedNode: 's-0001',
      mode: 'single',
      note: 'A note, ünïcode too',
      scope: 'local',
    });
    assert.equal(answer.status, 200, answer.text);
    const { raw } = answer.body.value;
    assert.equal(raw.script, "logger.info('Hello from worker!');await Stels.sleep(1000);");
    assert.deepEqual(
      [raw.dependencies, raw.version, raw.executionMode, raw.priority, raw.accountId],
      [[], '2.0.0', 'exclusive', 'high', 'account-1'],
    );
    assert.deepEqual(
      [raw.assignedNode, raw.mode, raw.note, raw.scope],
      ['s-0001', 'single', 'A note, ünïcode too', 'local'],
    );
  });

  test('minifies white space and comments only, and keeps the owner’s text', async () => {
    const script = `
      // a comment
      const answer = 40 + 2; /* another */
      logger.info("double", 'single', answer);
    `;
    const entry = await amid.makeWorker(script);
    const { raw } = entry.value;
    assert.equal(raw.script, `const answer=40+2;logger.info("double",'single',answer);`);
    assert.equal(raw.source, undefined);
    const got = await amid.call('getWorker', { sid: raw.sid });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.body.value.raw.source, script);
  });

  for (const [name, scriptContent] of [
    ['an empty', ''],
    ['a blank', ' \n\t '],
    ['a numeric', 5],
    ['a null', null],
    ['a list for a', ['x']],
  ]) {
    test(`refuses ${name} script`, () =>
      refused(400, 'Invalid script content', 'setWorker', { scriptContent }));
  }

  test('says where a script is wrong, in the owner’s lines', async () => {
    const answer = await refused(
      400,
      /^Script minification failed: line 3, column \d+: ./,
      'setWorker',
      {
        scriptContent: 'const a = 1;\n\nconst b = ;\n',
      },
    );
    assert.equal(answer.line, 3);
    assert.ok(answer.column >= 10 && answer.column <= 12, String(answer.column));
  });

  test('refuses exclusive without a node', () =>
    refused(400, 'Exclusive mode requires assignedNode parameter', 'setWorker', {
      executionMode: 'exclusive',
    }));

  for (const [member, value] of [
    ['executionMode', 'everywhere'],
    ['executionMode', 1],
    ['priority', 'urgent'],
    ['priority', {}],
    ['mode', 'twice'],
    ['scope', 'planet'],
    ['active', 'yes'],
    ['note', 7],
    ['version', 1.19],
    ['version', ''],
    ['accountId', 12],
    ['assignedNode', false],
    ['dependencies', 'gliesereum'],
    ['dependencies', [1]],
    ['dependencies', ['./left-pad']],
    ['colour', 'red'],
    ['scriptcontent', 'x'],
  ]) {
    test(`names ${member} when it is ${JSON.stringify(value)}`, () =>
      refused(400, new RegExp(member), 'setWorker', { [member]: value }));
  }

  test('refuses a local exclusive worker of another node', () =>
    refused(400, /assignedNode/, 'setWorker', {
      executionMode: 'exclusive',
      assignedNode: 's-0002',
      scope: 'local',
    }));

  test('accepts an exclusive worker of a node that does not exist: it waits', async () => {
    const entry = await amid.makeWorker('await Stels.sleep(1e6);', {
      executionMode: 'exclusive',
      assignedNode: 's-0777',
      active: true,
    });
    const { sid } = entry.value.raw;
    await amid.waitState(sid, 'waiting');
    const view = await amid.view(sid);
    assert.equal(view.state, 'waiting');
    assert.match(JSON.stringify(view), /s-0777/);
  });

  test('refuses a body that is not an object', async () => {
    for (const body of [[], 'text', 3, true]) await refused(400, /./, 'setWorker', body);
  });
});

describe('listWorkers and getWorker', () => {
  test('lists every worker, active or not, as stored', async () => {
    const first = await amid.makeWorker('logger.info(1)');
    const listed = await amid.call('listWorkers');
    assert.equal(listed.status, 200);
    assert.ok(Array.isArray(listed.body));
    const found = listed.body.find((entry) => entry.key[2] === first.key[2]);
    assert.deepEqual(found, without(first, 'warnings'));
  });

  test('getWorker answers 404 for an unknown worker and 400 for no sid', async () => {
    await refused(404, /./, 'getWorker', { sid: NOBODY });
    await refused(400, /sid/, 'getWorker', {});
    await refused(400, /sid/, 'getWorker', { sid: 'nonsense' });
  });
});

describe('updateWorker', () => {
  test('a partial raw changes what it names', async () => {
    const entry = await amid.makeWorker("logger.info('same');", { accountId: 'acc' });
    const { sid } = entry.value.raw;
    const changed = await amid.updateWorker(sid, { priority: 'low', note: 'other' });
    assert.deepEqual(
      { ...changed.value.raw, timestamp: 0 },
      { ...entry.value.raw, priority: 'low', note: 'other', timestamp: 0 },
    );
    assert.notEqual(changed.versionstamp, entry.versionstamp);
    assert.equal(changed.value.generation, entry.value.generation);
  });

  test('null clears an optional member', async () => {
    const entry = await amid.makeWorker('logger.info(1)', { accountId: 'acc' });
    const changed = await amid.updateWorker(entry.value.raw.sid, { accountId: null });
    assert.equal(changed.value.raw.accountId ?? null, null);
  });

  test('a full raw replaces the record and clears what it omits', async () => {
    const entry = await amid.makeWorker('logger.info(1)', { accountId: 'acc', priority: 'high' });
    const raw = fullRaw(entry, { note: 'replaced' });
    delete raw.accountId;
    const changed = await amid.updateWorker(raw.sid, raw);
    assert.equal(changed.value.raw.accountId ?? null, null);
    assert.equal(changed.value.raw.note, 'replaced');
    assert.equal(changed.value.raw.priority, 'high');
  });

  test('the stored script sent back changes nothing; a new one replaces text and source', async () => {
    const entry = await amid.makeWorker('// mine\nlogger.info(1);');
    const { sid } = entry.value.raw;
    const same = await amid.updateWorker(sid, fullRaw(entry, { source: 'logger.info(2)' }));
    assert.equal(same.value.generation, entry.value.generation);
    let got = await amid.call('getWorker', { sid });
    assert.equal(got.body.value.raw.source, '// mine\nlogger.info(1);');
    const changed = await amid.updateWorker(sid, { script: '// new\nlogger.info(3);' });
    assert.equal(changed.value.raw.script, 'logger.info(3);');
    assert.equal(changed.value.generation, entry.value.generation + 1);
    got = await amid.call('getWorker', { sid });
    assert.equal(got.body.value.raw.source, '// new\nlogger.info(3);');
  });

  test('activation raises the generation, deactivation does not', async () => {
    const entry = await amid.makeWorker('await Stels.sleep(1e6);');
    const { sid } = entry.value.raw;
    const started = await amid.updateWorker(sid, { active: true });
    assert.equal(started.value.raw.active, true);
    assert.equal(started.value.generation, entry.value.generation + 1);
    await amid.waitState(sid, 'running');
    const stopped = await amid.updateWorker(sid, { active: false });
    assert.equal(stopped.value.generation, started.value.generation);
    await amid.waitState(sid, 'inactive');
  });

  test('locks: a matching versionstamp passes, an old one is a conflict', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const { sid } = entry.value.raw;
    const channel = `ami.worker.${sid}`;
    const { versionstamp } = entry;
    await amid.updateWorker(sid, { note: 'a' }, { versionstamp });
    const conflict = 'Update Worker Error: version mismatch or not found';
    await refused(409, conflict, 'updateWorker', { channel, raw: { note: 'b' }, versionstamp });
    await refused(
      409,
      conflict,
      'updateWorker',
      { channel, raw: { note: 'b' } },
      { 'if-match': versionstamp },
    );
    const now = (await amid.call('getWorker', { sid })).body.versionstamp;
    const answer = await amid.call(
      'updateWorker',
      { channel, raw: { note: 'c' } },
      { 'if-match': `"${now}"` },
    );
    assert.equal(answer.status, 200, answer.text);
  });

  test('concurrent updates without a lock all succeed', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const { sid } = entry.value.raw;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => amid.updateWorker(sid, { note: `n${n}` })),
    );
    const got = await amid.call('getWorker', { sid });
    assert.match(got.body.value.raw.note, /^n\d+$/);
  });

  test('answers 409 for a worker that does not exist', () =>
    refused(409, 'Update Worker Error: version mismatch or not found', 'updateWorker', {
      channel: `ami.worker.${NOBODY}`,
      raw: { active: true },
    }));

  test('refuses bodies of the wrong shape', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const { channel } = entry.value;
    for (const body of [
      undefined,
      null,
      {},
      { channel },
      { raw: {} },
      { channel: 5, raw: {} },
      { channel: 'ami.worker.', raw: {} },
      { channel: 'other.thing', raw: {} },
      { channel, raw: 'x' },
      { channel, raw: [] },
      { channel, raw: null },
    ]) {
      await refused(400, 'Invalid request body', 'updateWorker', body);
    }
  });

  for (const [member, value] of [
    ['priority', 'urgent'],
    ['executionMode', 5],
    ['mode', 'once'],
    ['scope', ''],
    ['active', 1],
    ['note', {}],
    ['dependencies', ['x y']],
    ['version', null],
    ['colour', 'red'],
    ['sid', NOBODY],
  ]) {
    test(`names ${member} when it becomes ${JSON.stringify(value)}`, async () => {
      const entry = await amid.makeWorker('logger.info(1)');
      const { channel } = entry.value;
      await refused(400, new RegExp(member), 'updateWorker', { channel, raw: { [member]: value } });
    });
  }

  test('refuses a bad script and keeps the old one', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const { channel } = entry.value;
    await refused(400, /^Script minification failed: line 1, column \d+: /, 'updateWorker', {
      channel,
      raw: { script: 'let = ' },
    });
    await refused(400, 'Invalid script content', 'updateWorker', { channel, raw: { script: ' ' } });
  });

  test('exclusive asks for a node here too', async () => {
    const { channel } = (await amid.makeWorker('logger.info(1)')).value;
    await refused(400, 'Exclusive mode requires assignedNode parameter', 'updateWorker', {
      channel,
      raw: { executionMode: 'exclusive' },
    });
  });

  test('a sent timestamp is ignored', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const changed = await amid.updateWorker(entry.value.raw.sid, { timestamp: 5 });
    assert.ok(changed.value.raw.timestamp >= entry.value.raw.timestamp);
  });

  test('a changed scope moves the record under the same sid', async () => {
    const entry = await amid.makeWorker('logger.info(1)', { scope: 'local' });
    const { sid } = entry.value.raw;
    const changed = await amid.updateWorker(sid, { scope: 'network' });
    assert.equal(changed.value.raw.scope, 'network');
    const listed = (await amid.call('listWorkers')).body.filter((item) => item.key[2] === sid);
    assert.equal(listed.length, 1);
    assert.equal(listed[0].value.raw.scope, 'network');
  });
});

describe('deleteWorker', () => {
  test('deletes by sid or by channel and stops the instance', async () => {
    const sid = await amid.runWorker('await Stels.sleep(1e6);');
    const { pid } = await amid.waitFor(
      (event) => event.event === 'state' && event.sid === sid && event.to === 'running',
    );
    const answer = await amid.call('deleteWorker', { sid });
    assert.deepEqual([answer.status, answer.body], [200, { success: true, sid }]);
    const { value } = await amid.makeWorker('logger.info(1)');
    const second = await amid.call('deleteWorker', { channel: value.channel });
    assert.deepEqual([second.status, second.body], [200, { success: true, sid: value.raw.sid }]);
    await refused(404, /./, 'deleteWorker', { sid });
    const left = (await amid.call('listWorkers')).body.map((entry) => entry.key[2]);
    assert.ok(!left.includes(sid) && !left.includes(value.raw.sid));
    assert.ok(pid > 0);
  });

  test('refuses no or a wrong name', async () => {
    await refused(400, /./, 'deleteWorker', {});
    await refused(400, /./, 'deleteWorker', { sid: 5 });
    await refused(400, /./, 'deleteWorker', { sid: 'x' });
    await refused(404, /./, 'deleteWorker', { sid: NOBODY });
  });
});

describe('validateScript', () => {
  test('compiles without saving and returns warnings', async () => {
    const earlier = (await amid.call('listWorkers')).text;
    const good = await amid.call('validateScript', { scriptContent: 'await Stels.sleep(1);' });
    assert.equal(good.status, 200, good.text);
    const warned = await amid.call('validateScript', { scriptContent: 'console.log(1);' });
    assert.equal(warned.status, 200, warned.text);
    assert.equal(warned.body.warnings.length, 1, warned.text);
    assert.match(JSON.stringify(warned.body.warnings), /console/);
    const bad = await amid.call('validateScript', { scriptContent: 'await (;' });
    assert.equal(bad.status, 400, bad.text);
    assert.equal(bad.body.line, 1);
    assert.equal((await amid.call('listWorkers')).text, earlier);
  });

  test('setWorker returns the same warnings beside the versionstamp', async () => {
    const entry = await amid.makeWorker('console.log(1);');
    assert.match(JSON.stringify(entry.warnings), /console/);
  });
});

function without(object, name) {
  const copy = { ...object };
  delete copy[name];
  return copy;
}
