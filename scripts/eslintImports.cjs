/**
 * ESLint rules that keep imports between the packages of this repository going one way:
 * common ← node ← backend, scaffolder-actions; common ← frontend.
 *
 * Unlike `no-restricted-imports`, which Backstage's configuration narrows for
 * tests, this rule holds everywhere.
 */
module.exports = function onlyImports(...allowed) {
  return {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              '@wasi-functions/**',
              ...allowed.map(name => `!@wasi-functions/${name}`),
            ],
            message: `Of this repository, this package may import ${
              allowed.join(', ') || 'nothing'
            }: see its .eslintrc.js.`,
          },
        ],
      },
    ],
  };
};
