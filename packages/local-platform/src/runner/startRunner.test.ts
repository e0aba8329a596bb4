import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpModule } from './__fixtures__/httpModule';
import {
  describeWithJco,
  startTestRunner,
  until,
  type TestRunner,
} from './__fixtures__/startTestRunner';

jest.setTimeout(120_000);

describeWithJco('startRunner (needs the jco toolchain)', () => {
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

  it('makes a module answer at its address', async () => {
    const image = await runner.pushed('hello', httpModule({}));
    runner.create('hello', { image });
    const url = await runner.whenReady('hello');
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(runner.get('hello').status).toEqual({
      observedGeneration: 1,
      address: { url: expect.stringMatching(/^http:\/\/localhost:\d+$/) },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: expect.any(String),
        },
      ],
    });
    expect(runner.eventsOf('hello')).toEqual([
      {
        reason: 'InsecureRegistry',
        message: `Image "${image}" will be fetched over plain HTTP (matched insecure registry)`,
      },
    ]);
  });

  it('gives the module env, and the last of two with one name wins', async () => {
    runner.create('environment', {
      image: await runner.pushed(
        'environment',
        httpModule({ body: 'environment' }),
      ),
      env: [
        { name: 'A', value: 'first' },
        { name: 'B', value: 'two words' },
        { name: 'A', value: 'last' },
      ],
      args: ['one', 'two'],
    });
    const url = await runner.whenReady('environment');
    expect(await (await fetch(url)).text()).toBe(
      'A=last\nB=two words\none\ntwo\n',
    );
  });

  it('shows the log of a module by its pod, and follows it', async () => {
    runner.create('printer', {
      image: await runner.pushed(
        'printer',
        httpModule({ print: 'printed\\n' }),
      ),
    });
    const url = await runner.whenReady('printer');
    const [pod] = runner.store.list('pods', 'default');
    expect(pod.metadata.labels).toMatchObject({
      'serving.knative.dev/service': 'printer',
      'serving.knative.dev/revision': 'printer-00001',
    });
    await (await fetch(url)).text();
    const lines: string[] = [];
    const abort = new AbortController();
    const following = (async () => {
      for await (const line of runner
        .logSource()
        .read('default', pod.metadata.name, {
          follow: true,
          signal: abort.signal,
        })) {
        lines.push(line);
      }
    })();
    await (await fetch(url)).text();
    await until(() => lines.length === 2);
    abort.abort();
    await following;
    expect(lines).toEqual(['printed', 'printed']);
  });

  it('says in an event that valueFrom is not supported, and in the condition no more than the real controller', async () => {
    runner.create('secretive', {
      image: 'localhost:1/none:v1',
      env: [
        {
          name: 'TOKEN',
          valueFrom: { secretKeyRef: { name: 'token', key: 'value' } },
        },
      ],
    });
    await until(() => runner.ready('secretive') !== undefined);
    expect(runner.ready('secretive')).toMatchObject({
      status: 'False',
      reason: 'ServiceUnavailable',
      message: 'Service "secretive" wasn\'t found.',
    });
    expect(runner.eventsOf('secretive')).toEqual([
      {
        reason: 'InternalError',
        message:
          'failed to build runner config: env var TOKEN: valueFrom is not yet supported',
      },
    ]);
  });

  it('fails the revision where the image is not there, with the runner’s words', async () => {
    runner.create('absent', {
      image: `${runner.registry.host}/test/absent:v1`,
    });
    await until(() => runner.ready('absent')?.reason === 'RevisionFailed');
    expect(runner.ready('absent')).toMatchObject({
      status: 'False',
      message: `Revision "absent-00001" failed with message: Container failed with: Error: Registry error: url http://${runner.registry.host}/v2/test/absent/manifests/v1, envelope: OCI API errors: [OCI API error: manifest unknown].`,
    });
  });

  it('starts a module by itself once its image is there', async () => {
    const digest = await runner.pushed('hello', httpModule({}));
    runner.create('late', { image: `${runner.registry.host}/test/late:v1` });
    await until(() => runner.ready('late')?.reason === 'RevisionFailed');
    const [before] = runner.store.list('pods', 'default');
    const source = digest.replace('/test/hello@', '/v2/test/hello/manifests/');
    const manifest = await fetch(`http://${source}`);
    const found = JSON.parse(await manifest.clone().text());
    for (const blob of [found.config.digest, found.layers[0].digest]) {
      await fetch(
        `http://${runner.registry.host}/v2/test/late/blobs/uploads/?mount=${blob}&from=test/hello`,
        { method: 'POST' },
      );
    }
    await fetch(`http://${runner.registry.host}/v2/test/late/manifests/v1`, {
      method: 'PUT',
      headers: { 'content-type': manifest.headers.get('content-type')! },
      body: await manifest.text(),
    });
    const url = await runner.whenReady('late');
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(
      runner.store.list('pods', 'default').map(({ metadata }) => metadata.name),
    ).toEqual([before.metadata.name]);
  });

  it('keeps the port and drops no request when the module changes', async () => {
    runner.create('change', {
      image: await runner.pushed('hello', httpModule({})),
    });
    const url = await runner.whenReady('change');
    const answers = new Set<string>();
    let going = true;
    const asking = (async () => {
      while (going) {
        const response = await fetch(url);
        answers.add(`${response.status} ${await response.text()}`);
      }
    })();
    const module = runner.get('change');
    runner.store.update('wasmmodules', {
      ...module,
      spec: {
        image: await runner.pushed('other', httpModule({ data: 'other\\n' })),
      },
    });
    expect(await runner.whenReady('change')).toBe(url);
    await until(() => answers.has('200 other\n'));
    going = false;
    await asking;
    expect([...answers]).toEqual(['200 hello\n', '200 other\n']);
    await until(() => runner.store.list('pods').length === 1);
    expect(
      runner.store
        .list('pods')
        .map(
          ({ metadata }) => metadata.labels?.['serving.knative.dev/revision'],
        ),
    ).toEqual(['change-00002']);
  });

  it('marks a module that keeps outgrowing its memory, and leaves its neighbour alone', async () => {
    runner.create('neighbour', {
      image: await runner.pushed('hello', httpModule({})),
    });
    runner.create('growth', {
      image: await runner.pushed('growth', httpModule({ body: 'grow' })),
      resources: { limits: { memory: '96Mi' } },
    });
    const [url, other] = [
      await runner.whenReady('growth'),
      await runner.whenReady('neighbour'),
    ];
    await until(async () => {
      await (await fetch(url)).text().catch(() => '');
      return runner.ready('growth')?.reason === 'RevisionFailed';
    });
    expect(runner.ready('growth')?.message).toContain('OOMKilled');
    expect(await (await fetch(other)).text()).toBe('hello\n');
    expect(runner.ready('neighbour')?.status).toBe('True');
  });

  it('mounts a Secret for the module to read', async () => {
    runner.store.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mounted', namespace: 'default' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    } as never);
    runner.create('mount', {
      image: await runner.pushed('hello', httpModule({})),
      volumes: [{ name: 'keys', secret: { secretName: 'mounted' } }],
      volumeMounts: [{ name: 'keys', mountPath: '/keys' }],
    });
    await runner.whenReady('mount');
    const [pod] = runner.store.list('pods', 'default');
    expect(
      await readFile(
        join(
          runner.directory,
          'runner/volumes/default~mount',
          pod.metadata.name,
          'keys/token',
        ),
        'utf8',
      ),
    ).toBe('s3cret');
  });

  it('stops answering when the module is deleted', async () => {
    runner.create('gone', {
      image: await runner.pushed('hello', httpModule({})),
    });
    const url = await runner.whenReady('gone');
    runner.store.delete('wasmmodules', 'default', 'gone');
    await until(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    await until(() => runner.store.list('pods').length === 0);
    expect(runner.store.list('pods')).toEqual([]);
  });

  it('answers at the same port after a restart', async () => {
    runner.create('restart', {
      image: await runner.pushed('hello', httpModule({})),
    });
    const url = await runner.whenReady('restart');
    await runner.restart();
    await until(() => runner.store.list('pods').length === 1);
    await until(() =>
      fetch(url).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(await runner.whenReady('restart')).toBe(url);
  });
});
