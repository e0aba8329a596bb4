import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDatabase } from './checkDatabase';
import { checkDeploys } from './checkDeploys';
import { checkEnd } from './checkEnd';
import { checkMcp } from './checkMcp';
import { checkPages } from './checkPages';
import { checkSignIn } from './checkSignIn';
import { Checks } from './Checks';
import { makeBundle } from './makeBundle';
import { missingPrograms } from './missingPrograms';
import { Portal } from './Portal';
import { startSurroundings } from './startSurroundings';

async function main(): Promise<number> {
  const missing = await missingPrograms();
  if (missing.length > 0) {
    console.log(`SKIPPED: not found: ${missing.join(', ')}. See README.md.`);
    console.log('0 passed, 0 failed');
    return 0;
  }
  const checks = new Checks();
  const directory = await mkdtemp(join(tmpdir(), 'wasi-production-'));
  // The portal's own user walks through it.
  await chmod(directory, 0o755);
  const endings: (() => Promise<void>)[] = [
    () => rm(directory, { recursive: true, force: true }),
  ];
  const end = async () => {
    for (const ending of endings.splice(0).reverse()) {
      await ending();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => end().then(() => process.exit(130)));
  }
  try {
    console.log('Building the portal …');
    const app =
      process.env.WASI_PRODUCTION_APP ?? (await makeBundle(directory));
    console.log('Starting what it is deployed beside …');
    const surroundings = await startSurroundings(directory);
    endings.push(() => surroundings.close());
    const portal = new Portal({
      ...surroundings,
      app,
      directory,
      configs: ['app-config.production.yaml'],
    });
    endings.push(() => portal.kill());
    console.log('Starting the portal …');
    await portal.start();
    const people = await checkSignIn(checks, portal, surroundings);
    endings.push(() => people.close());
    await checkDeploys(checks, surroundings, people);
    await checkPages(checks, portal, surroundings, people);
    await checkMcp(checks, portal, people);
    await checkDatabase(checks, surroundings, people);
    await checkEnd(checks, portal, surroundings, people);
  } catch (error) {
    checks.failed('the run', error);
  } finally {
    await end();
  }
  return checks.report();
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error);
    process.exit(1);
  },
);
