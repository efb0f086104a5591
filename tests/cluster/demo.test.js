// ./run --cluster does what it says, also without a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../integration/harness.js';

test('./run --cluster --check: the leader is killed, another takes over, all ends', async () => {
  const child = spawn(path.join(ROOT, 'run'), ['--cluster', '--check'], { cwd: ROOT });
  const pieces = [];
  child.stdout.on('data', (piece) => pieces.push(piece));
  child.stderr.on('data', (piece) => pieces.push(piece));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const text = Buffer.concat(pieces).toString('utf8');
  assert.equal(code, 0, text);
  assert.match(text, /check: s-000\d took over from s-000\d and stayed/);
});
