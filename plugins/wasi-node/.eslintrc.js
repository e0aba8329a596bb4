module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: require('../../scripts/eslintImports.cjs')(
    'backstage-plugin-wasi-common',
  ),
});
