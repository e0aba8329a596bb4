// A registry in a process of its own, for tests that kill it:
// node registryProcess.js <folder> [<number of the rename that it does not live to see>]
const { dieAtRename } = require('../../__fixtures__/dieAtRename');

const [directory, lastRename] = process.argv.slice(2);
dieAtRename(lastRename);

require('../startRegistry')
  .startRegistry({ directory })
  .then(({ host }) => process.stdout.write(`${host}\n`));
