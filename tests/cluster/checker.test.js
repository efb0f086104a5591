// The checker finds what it is there for: each doctored history breaks one rule, and is caught.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Checker, revisionOf } from './checker.js';
import { decodeKey, encodeStrings } from './history.js';
import { roundsOf } from './schedule.js';

const SID = 'worker';
const TTL_MS = 5000;
const MARGIN_MS = 1250;
const token = (revision) => `0001${revision.toString(16).padStart(16, '0')}`;

const seat = (revision, node = 's-1', lease = '11') => ({
  type: 'PUT',
  key: ['ami', 'leader', SID],
  value: JSON.stringify({ nid: node }),
  create: revision,
  lease,
});
const seatGone = { type: 'DELETE', key: ['ami', 'leader', SID], value: null, lease: '0' };
const nodeGone = { type: 'DELETE', key: ['ami', 'node', 's-1'], value: null, lease: '0' };
const write = (term, run, n, more = {}) => ({
  type: 'PUT',
  key: ['log', SID, 'last'],
  value: JSON.stringify({
    raw: { fault: true, kind: 'blind', sid: SID, token: token(term), run, n, ...more },
  }),
  lease: '0',
});
const total = (raw) => ({
  type: 'PUT',
  key: ['log', SID, 'total'],
  value: JSON.stringify({ raw }),
  lease: '0',
});
const effect = (term, sent, at = sent + 5) => ({
  ...{ sid: SID, token: token(term), run: 'a', node: 's-1', sent, at },
});

/** Steps: [revision, events, at], or a function of the checker. */
function judge(steps) {
  const checker = new Checker({ ttlMs: TTL_MS, marginMs: MARGIN_MS });
  for (const step of steps) {
    if (typeof step === 'function') step(checker);
    else checker.revision(...step);
  }
  return { violations: checker.finish(), checker };
}

// Two terms: the first ends with its lease at 10,000, the second begins at 10,100.
const good = () => [
  [5, [seat(5)], 1000],
  [6, [write(5, 'a', 1)], 1100],
  [7, [write(5, 'a', 2)], 1200],
  (c) => c.acknowledged({ sid: SID, token: token(5), run: 'a', kind: 'blind', n: 2 }),
  (c) => c.effect(effect(5, 8700)),
  [8, [seatGone, nodeGone], 10_000],
  [9, [seat(9, 's-2', '22')], 10_100],
  [10, [write(9, 'b', 1)], 10_200],
];

function expectRule(rule, change, name = rule) {
  test(`caught: ${name}`, () => {
    const steps = good();
    change(steps);
    const { violations } = judge(steps);
    assert.ok(
      violations.some((text) => text.startsWith(`${rule}:`)),
      JSON.stringify(violations),
    );
  });
}

test('a good history has no violation', () => {
  const { violations, checker } = judge(good());
  assert.deepEqual(violations, []);
  assert.deepEqual(checker.counts, {
    ...{ revisions: 6, writes: 3, acknowledged: 1, effects: 1, terms: 2 },
  });
});

expectRule('stale write', (s) => s.push([11, [write(5, 'a', 3)], 10_300]));
expectRule(
  'stale write',
  (s) => s.splice(6, 0, [8.5, [write(5, 'a', 3)], 10_050]),
  'a write between two seats',
);
expectRule(
  'stale write',
  (s) => s.splice(5, 1, [8, [seatGone, nodeGone], 10_000], [8.5, [write(9, 'b', 1)], 10_050]),
  'a write before its own seat',
);
expectRule('token', (s) => s.splice(6, 1, [4, [seat(4)], 10_100]), 'a token that does not grow');
expectRule('seat', (s) => s.splice(5, 1), 'a seat taken while it is another’s');
expectRule('one term', (s) => s.push([11, [write(9, 'a', 3)], 10_300]), 'one process in two terms');
expectRule(
  'overlap',
  (s) => s.push([11, [write(9, 'c', 1)], 10_300], [12, [write(9, 'b', 2)], 10_400]),
  'two processes of one term by turns',
);
expectRule('lost', (s) =>
  s.push((c) => c.acknowledged({ sid: SID, token: token(9), run: 'b', kind: 'blind', n: 7 })),
);
expectRule('twice', (s) => s.push([11, [write(9, 'b', 1)], 10_300]), 'one write in two revisions');
expectRule('chain', (s) =>
  s.push(
    [11, [write(9, 'b', 2, { kind: 'chain', chain: 1 })], 10_300],
    [12, [write(9, 'b', 3, { kind: 'chain', chain: 1 })], 10_400],
  ),
);
expectRule('sum', (s) =>
  s.push(
    [11, [write(9, 'b', 2, { kind: 'sum' }), total(1)], 10_300],
    [12, [write(9, 'b', 3, { kind: 'sum' }), total(3)], 10_400],
  ),
);
expectRule(
  'effect',
  (s) => s.push((c) => c.effect(effect(5, 9000))),
  'an effect after the deadline, before the lease ended',
);
expectRule('effect', (s) => s.push((c) => c.effect(effect(4, 9000))), 'an effect of no term');
expectRule(
  'effect',
  (s) => {
    s[5] = [8, [seatGone], 10_000];
    s.push((c) => c.effect(effect(5, 10_200)));
  },
  'an effect after the seat was given up',
);
expectRule(
  'effect',
  (s) => {
    s.push((c) => c.revoked('11', 10_000));
    s.push((c) => c.effect(effect(5, 13_900)));
  },
  'an effect long after the lease was revoked',
);
expectRule('late effect', (s) => s.push((c) => c.effect(effect(5, 8000, 12_000))));

test('not held against it: what is documented', () => {
  const { violations, checker } = judge([
    ...good(),
    // Asked for in time by a machine that then stood still.
    (c) => c.paused('s-1', 8100, 11_900),
    (c) => c.effect(effect(5, 8000, 12_000)),
  ]);
  assert.deepEqual(violations, []);
  assert.equal(checker.apart.pausedSender, 1);
  const revoked = judge([
    ...good(),
    (c) => c.revoked('11', 10_000),
    (c) => c.effect(effect(5, 13_700)),
  ]);
  assert.deepEqual(revoked.violations, []);
});

test('keys are read as amid writes them, tokens as revisions', () => {
  const parts = ['ami', 'le\0ader', 'é'];
  const bytes = Buffer.from([
    ...[2, 0x61, 0x6d, 0x69, 0],
    ...[2, 0x6c, 0x65, 0, 0xff, 0x61, 0x64, 0x65, 0x72, 0],
    ...[2, 0xc3, 0xa9, 0],
  ]);
  assert.deepEqual(decodeKey(bytes), parts);
  assert.deepEqual(encodeStrings(['ami']), Buffer.from([2, 0x61, 0x6d, 0x69, 0]));
  const number = Buffer.alloc(9);
  number[0] = 3;
  number.writeDoubleBE(7, 1);
  number[1] ^= 0x80;
  assert.deepEqual(decodeKey(number), [7]);
  assert.equal(decodeKey(Buffer.from([9])), null);
  assert.equal(revisionOf(token(77)), 77);
});

test('a seed gives the same schedule again, another one a different', () => {
  const take = (seed) => {
    const rounds = roundsOf(seed);
    return JSON.stringify(Array.from({ length: 9 }, () => rounds.next().value));
  };
  assert.equal(take(42), take(42));
  assert.notEqual(take(42), take(43));
});
