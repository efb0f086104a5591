/**
 * Builds the compiler bundle: node runner/build/compiler.mjs runner/compiler/index.js OUTPUT.js
 * TypeScript is cut down to what the modules of runner/compiler/ mention (typescript.mjs); the result is one ES5 program
 * whose completion value is `compile`. Nothing of the machine, the path or the time gets into it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { pruneTypescript } from "./typescript.mjs";

const [entry, output] = process.argv.slice(2);
if (!entry || !output) {
  console.error("usage: node compiler.mjs ENTRY.js OUTPUT.js");
  process.exit(2);
}

/** A module's text without its comments, which name types that do not exist at run time. */
function code(path) {
  return readFileSync(path, 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

/** Every `ts.name` that our modules say. */
function usedNames(folder) {
  const names = new Set();
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) usedNames(path).forEach((name) => names.add(name));
    else if (item.name.endsWith(".js")) {
      for (const match of code(path).matchAll(/\bts\.(\w+)/g)) names.add(match[1]);
    }
  }
  return names;
}


const typescriptPlugin = {
  name: "pruned-typescript",
  setup(bundler) {
    bundler.onResolve({ filter: /^typescript$/ }, () => ({ path: "typescript", namespace: "pruned" }));
    bundler.onLoad({ filter: /.*/, namespace: "pruned" }, () => {
      const source = readFileSync(createRequire(import.meta.url).resolve("typescript"), "utf8");
      const roots = [...usedNames(dirname(entry))].sort();
      return { contents: `${pruneTypescript(source, roots)}\nexport default ts;\n`, loader: "js" };
    });
  },
};

const result = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "amidCompiler",
  footer: { js: "amidCompiler.compile;" },
  target: "es5",
  supported: { "object-extensions": true },
  minify: true,
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
  plugins: [typescriptPlugin],
});
writeFileSync(output, result.outputFiles[0].text);
