// `npm start`: installs what is missing, then runs the local platform, the backend and
// the frontend until Ctrl-C. Plain Node.js: it runs before anything is installed.
import { join, resolve } from 'node:path';
import { killChildren, stopChildren } from './lib/children.mjs';
import { recordStart, settleEarlierStart } from './lib/earlierStart.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { ensureToolchains } from './lib/ensureToolchains.mjs';
import { checkPorts, readPorts } from './lib/ports.mjs';
import { root } from './lib/root.mjs';
import { startPortal } from './lib/startPortal.mjs';
import { UserError } from './lib/UserError.mjs';

const directory = resolve(
  process.env.WASI_LOCAL_DIRECTORY ?? join(root, '.local'),
);
let stopping = false;
let record;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => stop(signal));
}

// npm hands SIGTERM to a shell of its own, which dies of it and passes nothing on.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) {
  setInterval(() => {
    if (process.ppid !== parent && !stopping) {
      stop('SIGTERM');
    }
  }, 500).unref();
}

try {
  const ports = readPorts();
  // Before the install, which may take minutes.
  await settleEarlierStart(directory);
  await checkPorts(ports);
  record = await recordStart(directory);
  await ensureInstalled({ logDirectory: join(directory, 'logs') });
  await ensureToolchains({ logDirectory: join(directory, 'logs') });
  const portal = await startPortal({
    directory,
    ports,
    temporary: record.temporary,
  });
  console.log(`\nThe portal answers at ${portal.url}`);
  console.log(`Logs: ${join(directory, 'logs')}. Stop with Ctrl-C.`);
  await portal.failed;
} catch (error) {
  if (!stopping) {
    console.error(
      `\n${error instanceof UserError ? error.message : error.stack}`,
    );
    stopping = true;
    await stopChildren();
    await record?.end();
    process.exit(1);
  }
}

async function stop(signal) {
  if (stopping) {
    // npm passes Ctrl-C on, so it arrives twice: only wait no longer for stragglers
    // when it is not the echo of the first.
    if (Date.now() - stopping > 1_000) {
      killChildren();
    }
    return;
  }
  stopping = Date.now();
  console.log('\nStopping …');
  await stopChildren();
  await record?.end();
  process.exit(signal === 'SIGTERM' ? 0 : 130);
}
