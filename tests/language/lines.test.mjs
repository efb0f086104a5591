/** The promise held here: an error at run time names the owner's line, whatever the construct became. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program =
  process.env.AMID_EXEC ??
  ['build-asan', 'build'].map((build) => join(root, build, 'bin', 'amid-exec')).find(existsSync);

/** name → [line of the error, script] */
const scripts = {
  'object literal': [
    5,
    'const a = 1;\nfunction f(x) {\n  const y = {\n    a: 1,\n    b: x.nope.deep,\n  };\n}\nf({});',
  ],
  'class field': [
    3,
    'class A {\n  #x = 1;\n  field = this.other.thing;\n  constructor() { this.z = 1; }\n}\nnew A();',
  ],
  'loop with closure': [
    4,
    'for (const x of [1]) {\n  const f = () => x;\n  await null;\n  throw new Error(String(f()));\n}',
  ],
  'after an await': [
    4,
    'async function deep() {\n  await null;\n  const o = null;\n  return o.foo;\n}\nawait deep();',
  ],
  generator: [
    3,
    'const g = function* () {\n  yield 1;\n  yield missing;\n};\nfor (const v of g()) String(v);',
  ],
  'derived constructor': [
    4,
    'class B extends Error {\n  constructor(m) {\n    super(m);\n    null.boom;\n  }\n}\nnew B();',
  ],
  'arrow of a callback': [3, '[1].map(\n  (x) =>\n    x.foo.bar,\n);'],
  destructuring: [3, 'switch (1) {\n  case 1: {\n    const { a: { b } } = {};\n  }\n}'],
  timer: [
    2,
    "setTimeout(() => {\n  throw new Error('late');\n}, 1);\nawait new Promise((r) => setTimeout(r, 50));",
  ],
  'after types': [
    6,
    'type T = { a: number };\ninterface Q {\n  z: string;\n}\nconst v: T | null = null;\nv!.a;',
  ],
};

test(
  'errors name the line',
  { skip: program === undefined && 'amid-exec is not built' },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'amid-lines-'));
    try {
      for (const [name, [line, script]] of Object.entries(scripts)) {
        const file = join(folder, 'script.js');
        writeFileSync(file, script);
        const { stdout } = spawnSync(program, ['--lines', file], { encoding: 'utf8' });
        await context.test(name, () => assert.match(stdout, new RegExp(`\\[line ${line}\\]`)));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
