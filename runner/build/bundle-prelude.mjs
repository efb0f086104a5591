// node bundle-prelude.mjs ENTRY OUTPUT.js
// Bundles the prelude's modules into one ES5 program whose completion value is the entry's `boot`.
import { build } from 'esbuild';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { engineOptions, lazyModulesPlugin, quoteMethodNames } from './lazy-modules.mjs';

const [entry, output] = process.argv.slice(2);
if (!entry || !output) {
  console.error('usage: node bundle-prelude.mjs ENTRY OUTPUT.js');
  process.exit(2);
}

const result = await build({
  ...engineOptions,
  entryPoints: [entry],
  plugins: [await lazyModulesPlugin(entry, join(dirname(entry), 'lazy.js'))],
});
const text = quoteMethodNames(result.outputFiles[0].text);
const exported = /\nexport \{\s*([\w$]+) as boot\s*\};\s*$/.exec(text) ?? /\nexport \{\s*(boot)\s*\};\s*$/.exec(text);
if (!exported) throw new Error(`${entry} must export boot and nothing else`);

// What is called with new or has its prototype spoken of; amid-jsc spares all other functions a prototype object.
const constructors = new Set();
for (const match of text.matchAll(/\bnew ([\w$]+)|(?<![\w$])([\w$]+)\.prototype\b/g)) {
  constructors.add(match[1] ?? match[2]);
}

await writeFile(
  output,
  `/* amid-jsc: lean ${[...constructors].join(',')}, */\n(function () {\n"use strict";\n` +
    `${text.slice(0, exported.index)}\nreturn ${exported[1]};\n})();\n`,
);
