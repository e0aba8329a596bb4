// A registry in a process of its own, for tests that kill it:
// node registryProcess.js <folder> [<number of the rename that it does not live to see>]
const fs = require('node:fs/promises');
// eslint-disable-next-line @backstage/no-undeclared-imports -- for tests only
require('@backstage/cli/config/nodeTransform.cjs');

const [directory, lastRename] = process.argv.slice(2);
const { rename } = fs;
let renames = 0;
fs.rename = async (...paths) => {
  renames += 1;
  if (renames === Number(lastRename)) {
    process.kill(process.pid, 'SIGKILL');
  }
  return rename(...paths);
};

require('../startRegistry')
  .startRegistry({ directory })
  .then(({ host }) => process.stdout.write(`${host}\n`));
