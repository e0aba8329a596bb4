import { execFileSync } from 'node:child_process';
import { httpModule } from './__fixtures__/httpModule';
import {
  describeWithJco,
  startTestRunner,
  until,
  type TestRunner,
} from './__fixtures__/startTestRunner';

jest.setTimeout(600_000);

/** The full claim takes minutes: `WASI_MANY_MODULES=200`. */
const MODULES = Number(process.env.WASI_MANY_MODULES ?? 30);
/** Idle ones, one ahead, and those that start at the moment. */
const MAX_HOSTS = 8 + 1 + 4;

describeWithJco('a runner of many modules (needs the jco toolchain)', () => {
  let runner: TestRunner;

  beforeAll(async () => {
    runner = await startTestRunner();
  });
  afterAll(async () => {
    await runner?.close();
  });

  it(`bears ${MODULES} of them in one process, each with its own answer, and few host processes`, async () => {
    const image = await runner.pushed(
      'argument',
      httpModule({ body: 'environment' }),
    );
    const names = Array.from({ length: MODULES }, (_, at) => `module-${at}`);
    let most = 0;
    const count = () => {
      most = Math.max(most, hosts());
    };
    for (const name of names) {
      runner.create(name, { image, args: [name] });
    }
    for (const name of names) {
      await runner.whenReady(name);
      count();
    }
    for (const name of names) {
      const url = runner.get(name).status!.address!.url!;
      expect(await (await fetch(url)).text()).toBe(`${name}\n`);
    }
    count();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(MAX_HOSTS);
    await runner.removeModules();
    await until(() => hosts() <= 1);
    expect(hosts()).toBeLessThanOrEqual(1);
  });
});

function hosts(): number {
  return execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter(
      row =>
        row.trim().startsWith(`${process.pid} `) && row.includes('serve.mjs'),
    ).length;
}
