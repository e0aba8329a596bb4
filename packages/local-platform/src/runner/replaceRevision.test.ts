import { get as sendGet, type IncomingMessage } from 'node:http';
import { httpModule } from './__fixtures__/httpModule';
import {
  describeWithJco,
  startTestRunner,
  until,
  type TestRunner,
} from './__fixtures__/startTestRunner';

jest.setTimeout(180_000);
const LARGE_BYTES = 16 * 1024 * 1024;

describeWithJco('a runner over time (needs the jco toolchain)', () => {
  let runner: TestRunner;

  beforeAll(async () => {
    runner = await startTestRunner();
  });
  afterEach(async () => {
    await runner.removeModules();
  });
  afterAll(async () => {
    await runner?.close();
  });

  function change(name: string, spec: object): void {
    const module = runner.get(name);
    runner.store.update('wasmmodules', {
      ...module,
      spec: { ...module.spec, ...spec },
    });
  }

  it('answers every request while its module is replaced again and again', async () => {
    const image = await runner.pushed(
      'argument',
      httpModule({ body: 'environment' }),
    );
    runner.create('steady', { image, args: ['0'] });
    const url = await runner.whenReady('steady');
    const answers: string[] = [];
    let going = true;
    const asking = (async () => {
      while (going) {
        const response = await fetch(url);
        answers.push(`${response.status} ${await response.text()}`);
      }
    })();
    for (const args of [['1'], ['2'], ['3']]) {
      change('steady', { args });
      expect(await runner.whenReady('steady')).toBe(url);
      await until(() => answers.includes(`200 ${args[0]}\n`));
    }
    going = false;
    await asking;
    expect([...new Set(answers)]).toEqual([
      '200 0\n',
      '200 1\n',
      '200 2\n',
      '200 3\n',
    ]);
    await until(() => runner.podsOf('steady').length === 1);
  });

  it('lets an answer that is under way end where it began', async () => {
    runner.create('stream', {
      image: await runner.pushed('large', httpModule({ body: 'large' })),
    });
    const url = await runner.whenReady('stream');
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sendGet(url, { agent: false }, resolve).once('error', reject);
    });
    // Not read yet, so that the old revision is still busy when it is replaced.
    change('stream', {
      image: await runner.pushed('hello', httpModule({})),
    });
    await runner.whenReady('stream');
    expect(await (await fetch(url)).text()).toBe('hello\n');
    let bytes = 0;
    for await (const chunk of answer) {
      bytes += chunk.length;
    }
    expect({ bytes, complete: answer.complete }).toEqual({
      bytes: LARGE_BYTES,
      complete: true,
    });
    await until(() => runner.podsOf('stream').length === 1);
  });

  it('tells after a restart what a module had printed, by the same pod', async () => {
    runner.create('printer', {
      image: await runner.pushed(
        'printer',
        httpModule({ print: 'printed\\n' }),
      ),
    });
    const url = await runner.whenReady('printer');
    await (await fetch(url)).text();
    const [{ metadata }] = runner.podsOf('printer');
    await until(async () => (await runner.readLog(metadata.name)).length === 1);
    await runner.restart();
    await until(() => runner.podsOf('printer').length === 1);
    expect(runner.podsOf('printer')[0].metadata.name).toBe(metadata.name);
    await until(async () => (await runner.readLog(metadata.name)).length === 1);
    expect(await runner.readLog(metadata.name)).toEqual(['printed']);
  });
});
