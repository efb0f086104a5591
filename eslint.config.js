import js from '@eslint/js';

const node = {
  AbortController: 'readonly',
  AbortSignal: 'readonly',
  Buffer: 'readonly',
  URL: 'readonly',
  clearInterval: 'readonly',
  clearTimeout: 'readonly',
  console: 'readonly',
  fetch: 'readonly',
  performance: 'readonly',
  process: 'readonly',
  setImmediate: 'readonly',
  setInterval: 'readonly',
  setTimeout: 'readonly',
  TextDecoder: 'readonly',
  TextEncoder: 'readonly',
};

// What runs in Duktape is bundled, not transpiled: only what the engine itself parses may appear.
const notInDuktape = [
  'ArrowFunctionExpression',
  'AssignmentPattern',
  'AwaitExpression',
  'ChainExpression',
  'ClassDeclaration',
  'ClassExpression',
  'ForOfStatement',
  'ObjectPattern',
  'ArrayPattern',
  'RestElement',
  'SpreadElement',
  'TemplateLiteral',
  'VariableDeclaration[kind!="var"]',
  'YieldExpression',
  'Literal[bigint]',
].map((selector) => ({ selector, message: 'Duktape does not parse this.' }));

export default [
  {
    ignores: [
      'build/',
      'build-*/',
      'node_modules/',
      'var/',
      // Programs whose text is the test: they are compiled by amid, not run by node.
      'tests/language/cases/',
      'tests/language/programs/',
      'tests/integration/fixtures/',
      'tests/bench/workers/',
    ],
  },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'object-shorthand': ['error', 'methods'],
      'prefer-const': 'error',
    },
  },
  {
    files: ['runner/prelude/**/*.js', 'runner/compiler/**/*.js'],
    languageOptions: { globals: {} },
    rules: {
      'no-restricted-syntax': ['error', ...notInDuktape],
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      'no-var': 'off',
      'object-shorthand': 'off',
      'prefer-const': 'off',
    },
  },
];
