module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    ...require('../../scripts/eslintImports.cjs')(
      'backstage-plugin-wasi-backend',
      'backstage-plugin-wasi-common',
      'backstage-plugin-wasi-node',
      'backstage-plugin-wasi-node/testing',
      'local-platform',
      'local-platform/testing',
    ),
    // Tests of the plugin from outside: the platform that it talks to is no plugin.
    '@backstage/no-mixed-plugin-imports': 'off',
  },
});
