module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    ...require('../../scripts/eslintImports.cjs')(
      'backstage-plugin-wasi-common',
      'backstage-plugin-wasi-node',
      'backstage-plugin-wasi-node/testing',
      'local-platform',
      'local-platform/testing',
    ),
  },
});
