// For programs that tests kill: from here on, this process does not live to see one of its renames.
const fs = require('node:fs/promises');
// eslint-disable-next-line @backstage/no-undeclared-imports -- for tests only
require('@backstage/cli/config/nodeTransform.cjs');

/** `last`: the number of that rename, as text; never, where it is absent. */
exports.dieAtRename = last => {
  const { rename } = fs;
  let renames = 0;
  fs.rename = async (...paths) => {
    renames += 1;
    if (renames === Number(last)) {
      process.kill(process.pid, 'SIGKILL');
    }
    return rename(...paths);
  };
};
