// Stands in for scripts/start.mjs in the test of its guard: one program, which starts
// another in a session of its own, as a build is.
import { join } from 'node:path';
import { startChild } from '../../scripts/lib/children.mjs';
import { recordStart } from '../../scripts/lib/earlierStart.mjs';

const directory = process.argv[2];
const { temporary } = await recordStart(directory);
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
startChild({
  command: process.execPath,
  args: [
    '-e',
    `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(
      STUBBORN,
    )}], { detached: true, stdio: 'ignore' }).on('spawn', () => console.log('up'));
    setInterval(() => {}, 1000);`,
  ],
  cwd: directory,
  env: process.env,
  logFile: join(directory, 'program.log'),
  temporary: join(temporary, 'program'),
  onLine: () => console.log(temporary),
});
