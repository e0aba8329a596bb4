// A git host in a process of its own, for tests that kill it:
// node gitHostProcess.js <folder> <number of the rename that it does not live to see>
const { dieAtRename } = require('../../__fixtures__/dieAtRename');

const [directory, lastRename] = process.argv.slice(2);
dieAtRename(lastRename);

require('../startGitHost')
  .startGitHost({ directory, port: 0, username: 'wasi', password: 'secret' })
  .then(({ baseUrl }) => process.stdout.write(`${baseUrl}\n`));
