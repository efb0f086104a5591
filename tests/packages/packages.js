// What the package tests share: the packages, built once, and running commands.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from '../integration/harness.js';

export { ROOT };
export const isRoot = process.getuid() === 0;

/** Runs a command and returns what it prints; a failure throws with all of its output. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  if (done.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')}: ${done.error ?? done.status}\n${done.stdout}\n${done.stderr}`,
    );
  }
  return done.stdout;
}

/** Builds both packages; returns their paths. */
export function buildPackages() {
  execFileSync(path.join(ROOT, 'packaging/build'), { stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = path.join(ROOT, 'build/packages');
  const find = (ending) =>
    path.join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(ending)),
    );
  return { deb: find('.deb'), rpm: find('.rpm') };
}
