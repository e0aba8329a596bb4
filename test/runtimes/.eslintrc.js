module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    ...require('../../scripts/eslintImports.cjs')(
      'backstage-plugin-wasi-common',
      'backstage-plugin-wasi-node',
    ),
    // Claims are functions, so that a module is built once for all of them.
    'jest/no-export': 'off',
    'jest/expect-expect': 'off',
    // Never in a build.
    'no-restricted-syntax': 'off',
  },
});
