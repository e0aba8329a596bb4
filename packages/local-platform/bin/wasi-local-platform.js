#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// In the repository the sources run as they are; a published package holds `dist` only.
const sources = join(__dirname, '..', 'src', 'main.ts');
if (existsSync(sources)) {
  require('@backstage/cli/config/nodeTransform.cjs');
}
const { main } = require(existsSync(sources) ? sources : '..');

main(process.argv.slice(2));
