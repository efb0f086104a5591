/** The feature groups of docs/javascript.md: title and the beginnings of the names of their programs. */
const GROUPS = [
  [
    'Types, conversions, equality',
    'lang-types lang-comparison lang-numbers builtin-equality builtin-typeof builtin-hash',
  ],
  [
    'Operators, assignment, order of evaluation',
    'lang-operators lang-eval lang-comma lang-nullish lang-optional lang-less lang-property',
  ],
  [
    'Statements, loops, labels, exceptions',
    'lang-statements lang-loops lang-labels lang-switch lang-exceptions lang-error builtin-control',
  ],
  [
    'Lexis: comments, semicolons, line ends, strict and sloppy code',
    'lang-asi lang-comments lang-crlf lang-strict lang-sloppy lang-lexis',
  ],
  [
    'Scopes, closures, hoisting, use before declaration',
    'lang-closures lang-scope lang-tdz lang-hoisting lang-const lang-enum',
  ],
  [
    'Functions, arguments, this, names',
    'lang-functions lang-function lang-arrow lang-default lang-this lang-spread builtin-function',
  ],
  ['Object literals, getters, prototypes', 'lang-objects lang-getter builtin-object builtin-label'],
  ['Classes', 'lang-classes builtin-class'],
  ['Destructuring', 'lang-destructuring'],
  [
    'Iterators and generators',
    'lang-iterators lang-generators builtin-iterator builtin-generators',
  ],
  [
    'Async functions, async iteration, coroutines',
    'lang-async lang-coroutines builtin-async builtin-sleep',
  ],
  ['Promises, microtasks, timers', 'builtin-promise builtin-microtask builtin-timers'],
  [
    'Templates and strings',
    'lang-templates lang-strings builtin-string builtin-template builtin-text builtin-parsing',
  ],
  ['Regular expressions', 'lang-regex builtin-regexp'],
  ['Arrays', 'builtin-array builtin-sort'],
  [
    'Typed arrays, ArrayBuffer, DataView',
    'builtin-typedarray builtin-dataview builtin-arraybuffer',
  ],
  ['Map, Set and the weak collections', 'builtin-map builtin-set builtin-weak'],
  ['Numbers and Math', 'builtin-number builtin-math'],
  ['Dates', 'builtin-date'],
  ['JSON and structured clones', 'lang-json builtin-json builtin-structured'],
  ['Errors', 'builtin-error builtin-domexception'],
  [
    'Symbols, Proxy, Reflect',
    'lang-symbols lang-proxy builtin-symbol builtin-proxy builtin-reflect',
  ],
  ['Global functions and the shapes of built-ins', 'builtin-global builtin-shape builtin-builtin'],
  ['Web platform: URL, events, text, crypto', 'web'],
  ['TypeScript', 'typescript'],
  ['Differences, one program each', 'known'],
  ['Refusals, one program each', 'refused'],
];

/** @returns {string} the title of the group that a program belongs to */
export function groupOf(name) {
  const found = GROUPS.find(([, starts]) =>
    starts.split(' ').some((start) => name.startsWith(start)),
  );
  if (found === undefined) throw new Error(`${name} belongs to no group of groups.mjs`);
  return found[0];
}

export const TITLES = GROUPS.map(([title]) => title);
