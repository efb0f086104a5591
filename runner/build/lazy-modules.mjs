// The esbuild plugin behind `import load from './x.js?lazy'`: see runner/prelude/lazy.js.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

const SUFFIX = '?lazy';

/** The engine takes a reserved word, get or set as the name of a method only in quotes. */
export function quoteMethodNames(text) {
  return text.replace(
    /([{,]\s*)(get|set|delete|return|throw|catch|finally|for|in|if|new|default)\(([^()]*)\) \{/g,
    '$1"$2"($3) {',
  );
}

/** What all texts that the engine runs are made with. */
export const engineOptions = {
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es5',
  // Method shorthand makes functions without prototype objects, new.target tells a call from a construction.
  supported: { 'object-extensions': true, 'new-target': true },
  minifySyntax: true,
  minifyIdentifiers: true,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
};

/** The modules that are in the bundle whether or not anything lazy is ever loaded. */
async function eagerModules(entry) {
  const result = await build({
    ...engineOptions,
    entryPoints: [entry],
    metafile: true,
    plugins: [
      {
        name: 'without-lazy',
        setup: (bundler) =>
          bundler.onResolve({ filter: /\?lazy$/ }, (args) => ({ path: args.path, external: true })),
      },
    ],
  });
  return new Set(Object.keys(result.metafile.inputs).map((path) => resolve(path)));
}

/** Names that a module imports from each specifier. */
function importsOf(source) {
  const found = [];
  for (const match of source.matchAll(/import\s*\{([^}]*)\}\s*from\s*'([^']+)'/g)) {
    const names = match[1].split(',').map((name) => name.trim());
    found.push({ specifier: match[2], names: names.filter(Boolean) });
  }
  return found;
}

class LazyModules {
  constructor(eager) {
    this.eager = eager;
  }

  /** Bundles one lazy module; what it takes of eager ones, and of other lazy loaders, is collected in `shared`. */
  async compile(path) {
    const shared = new Map();
    const take = (file, name) => {
      const key = `${relative('.', file)} ${name}`;
      const as = `shared_${createHash('sha256').update(key).digest('hex')}`;
      if (!shared.has(key)) shared.set(key, { file, name, as });
      return `$.${as}`;
    };
    const result = await build({
      ...engineOptions,
      // The text is escaped once, as a part of the program that holds it.
      charset: 'utf8',
      entryPoints: [path],
      plugins: [{ name: 'lazy-text', setup: (bundler) => this.takeShared(bundler, take) }],
    });
    // Modules arrive in any order: the short names follow that of their keys, so that builds agree.
    const items = [...shared.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    let text = result.outputFiles[0].text;
    items.forEach(([, item], index) => {
      text = text.replaceAll(item.as, `x${index}`);
      item.as = `x${index}`;
    });
    const ordered = new Map(items);
    return { text: this.toFunction(text, ordered), shared: [...ordered.values()] };
  }

  takeShared(bundler, take) {
    bundler.onResolve({ filter: /^\.{1,2}\// }, async (args) => {
      const path = resolve(args.resolveDir, args.path);
      if (path.endsWith(SUFFIX)) return { path, namespace: 'shared' };
      if (!this.eager.has(path)) return { path };
      const names = importsOf(await readFile(args.importer, 'utf8'))
        .filter((item) => resolve(args.resolveDir, item.specifier) === path)
        .flatMap((item) => item.names);
      return { path, namespace: 'shared', pluginData: names, suffix: `?${relative('.', args.importer)}` };
    });
    bundler.onLoad({ filter: /.*/, namespace: 'shared' }, (args) => {
      const names = args.pluginData ?? ['default'];
      const lines = names.map((item) => {
        const [name, local = name] = item.split(/\s+as\s+/);
        return name === 'default'
          ? `export default ${take(args.path, 'default')};`
          : `export var ${local === name ? name : name} = ${take(args.path, name)};`;
      });
      return { contents: lines.join('\n'), loader: 'js' };
    });
  }

  /** `export { a as b }` at the end becomes what the function returns; hidden names come from outside. */
  toFunction(code, shared) {
    const exported = /export\s*\{([^}]*)\};?\s*$/.exec(code);
    const members = (exported ? exported[1] : '')
      .split(',')
      .map((item) => item.trim().split(/\s+as\s+/))
      .filter(([name]) => name)
      .map(([name, as = name]) => `${as}:${name}`);
    const body = code.slice(0, exported ? exported.index : code.length);
    const hidden = body.replace(/\.(__H_\w+)|"(__H_\w+)"/g, (_, member, literal) => {
      const name = member ?? literal;
      if (!shared.has(name)) shared.set(name, { hidden: name, as: `x${shared.size}` });
      return member ? `[$.${shared.get(name).as}]` : `$.${shared.get(name).as}`;
    });
    const lines = quoteMethodNames(hidden)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('//'));
    return `(function($){"use strict";${lines.join('\n')}\nreturn{${members.join(',')}}})`;
  }
}

/** @param {string} entry the bundle's entry; @param {string} runtime the file that exports lazy() */
export async function lazyModulesPlugin(entry, runtime) {
  const modules = new LazyModules(await eagerModules(entry));
  return {
    name: 'lazy-modules',
    setup(bundler) {
      bundler.onResolve({ filter: /\?lazy$/ }, (args) => ({
        path: relative('.', resolve(args.resolveDir, args.path.slice(0, -SUFFIX.length))),
        namespace: 'lazy',
      }));
      bundler.onLoad({ filter: /.*/, namespace: 'lazy' }, async (args) => {
        const { text, shared } = await modules.compile(resolve(args.path));
        const imports = shared.map((item) => {
          if (item.hidden) return '';
          const from = JSON.stringify(item.file);
          return item.name === 'default'
            ? `import ${item.as} from ${from};`
            : `import { ${item.name} as ${item.as} } from ${from};`;
        });
        const members = shared.map((item) => `${item.as}: ${item.hidden ? `'${item.hidden}'` : item.as}`);
        return {
          contents: [
            `import { lazy } from ${JSON.stringify(resolve(runtime))};`,
            ...imports,
            `export default lazy(${JSON.stringify(text)}, { shared() { return { ${members.join(', ')} }; } }.shared);`,
          ].join('\n'),
          resolveDir: resolve(dirname(args.path)),
          loader: 'js',
        };
      });
    },
  };
}
