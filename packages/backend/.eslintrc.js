module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: require('../../scripts/eslintImports.cjs')(
    'backstage-plugin-wasi-backend',
    'backstage-plugin-scaffolder-backend-module-wasi',
  ),
});
