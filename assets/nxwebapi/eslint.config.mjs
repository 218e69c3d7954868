import js from '@eslint/js';
import globals from 'globals';

// What finds faults, beyond the recommended rules; nothing of taste.
const strict = {
  'array-callback-return': 'error',
  'consistent-return': 'error',
  'default-case-last': 'error',
  eqeqeq: 'error',
  'no-alert': 'off', // the code of a pairing is asked by prompt
  'no-constructor-return': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-implicit-globals': 'error',
  'no-new-func': 'error',
  'no-param-reassign': 'error',
  'no-promise-executor-return': 'error',
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-shadow': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-vars': ['error', { ignoreRestSiblings: true }],
  'no-use-before-define': ['error', { functions: true, classes: false, variables: false }],
  'no-useless-assignment': 'error',
  'no-var': 'error',
  'no-void': 'error',
  'prefer-const': 'error',
  'prefer-promise-reject-errors': 'off', // a reason is a word here
  'require-atomic-updates': 'off',
  radix: 'off',
  strict: 'off',
};

export default [
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/nxWebApi.js'],
    languageOptions: { ecmaVersion: 2020, sourceType: 'script', globals: globals.browser },
    rules: { ...strict, strict: ['error', 'function'], 'no-restricted-globals': ['error', 'event', 'name', 'status'] },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.node },
    rules: strict,
  },
];
