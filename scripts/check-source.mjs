// Checks what the compiler does not: which room may include which, that every header stands on its
// own, and that no file has grown beyond what one noun needs. Prints each fault; exit 1 if any.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_WARN = 60;

// Room -> rooms whose headers it may include, besides its own. A room is a folder; "boot" is
// supervisor/*.c and *.h except config.h, which belongs to "config".
const MAY_INCLUDE = {
  common: [],
  proto: ['common'],
  wallet: ['common'],
  config: ['common'],
  loop: ['common'],
  http: ['loop', 'common'],
  curl: ['loop', 'common'],
  etcd: ['curl', 'loop', 'common'],
  fetch: ['curl', 'http', 'loop', 'common'],
  files: ['common'],
  kv: ['etcd', 'loop', 'config', 'common'],
  cluster: ['kv', 'loop', 'config', 'common'],
  modules: ['common'],
  auth: ['journal', 'kv', 'loop', 'wallet', 'config', 'common'],
  journal: ['kv', 'loop', 'config', 'common'],
  serve: ['http', 'loop', 'config', 'common'],
  broker: [
    'cluster',
    'record',
    'serve',
    'http',
    'fetch',
    'files',
    'kv',
    'journal',
    'auth',
    'wallet',
    'loop',
    'config',
    'common',
    'proto',
  ],
  registry: ['record', 'kv', 'journal', 'auth', 'loop', 'config', 'common', 'proto'],
  lifecycle: [
    'cluster',
    'modules',
    'record',
    'registry',
    'broker',
    'files',
    'serve',
    'kv',
    'auth',
    'wallet',
    'journal',
    'loop',
    'config',
    'common',
    'proto',
  ],
  api: [
    'cluster',
    'record',
    'registry',
    'lifecycle',
    'broker',
    'http',
    'kv',
    'auth',
    'wallet',
    'journal',
    'loop',
    'config',
    'common',
    'proto',
  ],
  boot: [
    'curl',
    'cluster',
    'modules',
    'record',
    'api',
    'serve',
    'registry',
    'lifecycle',
    'broker',
    'fetch',
    'files',
    'http',
    'kv',
    'auth',
    'wallet',
    'journal',
    'loop',
    'config',
    'common',
    'proto',
  ],
  runner: ['common', 'proto', 'wallet'],
  ctl: ['common'],
};

const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '..',
);
process.chdir(root);

const faults = [];
const warnings = [];

function roomOf(file) {
  const parts = file.split('/');
  if (parts[0] !== 'supervisor') return parts[0];
  if (parts.length > 2) return parts[1];
  return /^config(_\w+)?\.[ch]$/.test(parts[1]) ? 'config' : 'boot';
}

/** The record's type knows no room; whoever deals with a worker may name it. */
function roomOfHeader(file) {
  return /^supervisor\/registry\/(worker|permissions)\.h$/.test(file) ? 'record' : roomOf(file);
}

function checkIncludes(file, lines) {
  const room = roomOf(file);
  if (room === 'tests') return;
  const may = MAY_INCLUDE[room];
  if (may === undefined) {
    faults.push(`${file}: the room "${room}" has no line in scripts/check-source.mjs`);
    return;
  }
  lines.forEach((line, index) => {
    const match = /^\s*#\s*include\s+"([^"]+)"/.exec(line);
    if (match === null || !existsSync(match[1])) return;
    const target = roomOfHeader(match[1]);
    if (target !== room && !may.includes(target)) {
      faults.push(`${file}:${index + 1}: ${room} must not include ${target} (${match[1]})`);
    }
  });
}

function checkSizes(file, lines) {
  if (lines.length > FILE_LINES_MAX) {
    faults.push(`${file}: ${lines.length} lines; more than ${FILE_LINES_MAX} asks for a split`);
  }
  if (!file.endsWith('.c')) return;
  let start = -1;
  lines.forEach((line, index) => {
    if (line === '{') start = index;
    if (line === '}' && start >= 0) {
      const length = index - start + 1;
      if (length > FUNCTION_LINES_WARN) {
        warnings.push(`${file}:${start}: a function of ${length} lines`);
      }
      start = -1;
    }
  });
}

function checkHeaders(headers) {
  const commands = JSON.parse(readFileSync('build/compile_commands.json', 'utf8'));
  const words = commands.flatMap(({ command }) => command.split(' '));
  const flags = words.flatMap((word, at) => (word === '-isystem' ? [word, words[at + 1]] : []));
  const withHooks = headers.filter((file) =>
    readFileSync(file, 'utf8').includes('AMID_TEST_HOOKS'),
  );
  for (const [hooks, some] of [
    [[], headers],
    [['-DAMID_TEST_HOOKS=1'], withHooks],
  ]) {
    const run = spawnSync(
      'cc',
      [
        ...['-std=c17', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-D_GNU_SOURCE', '-I.'],
        '-DAMID_PACKAGED_DUK_CONFIG="/usr/share/duktape/duk_config.h"',
        ...hooks,
        ...new Set(
          flags.filter((flag) => flag !== '-isystem').map((folder) => `-isystem${folder}`),
        ),
        ...['-x', 'c', ...some],
      ],
      { encoding: 'utf8' },
    );
    if (run.status !== 0) faults.push(`headers that do not stand on their own:\n${run.stderr}`);
  }
}

const ours = ['common', 'proto', 'runner', 'supervisor', 'ctl', 'tests'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((file) => `${folder}/${file}`)
    .filter((file) => /\.(c|h|js|mjs)$/.test(file)),
);
for (const file of ours) {
  const lines = readFileSync(file, 'utf8').replace(/\n$/, '').split('\n');
  checkSizes(file, lines);
  if (/\.[ch]$/.test(file)) checkIncludes(file, lines);
}
checkHeaders(
  ours.filter(
    (file) =>
      /^(common|proto|runner|supervisor|ctl)\/.*\.h$/.test(file) &&
      !file.startsWith('runner/duktape/'),
  ),
);

for (const warning of warnings) console.log(`warning: ${warning}`);
for (const fault of faults) console.error(fault);
console.log(
  `source check: ${ours.length} files, ${warnings.length} warnings, ${faults.length} faults`,
);
process.exit(faults.length === 0 ? 0 : 1);
