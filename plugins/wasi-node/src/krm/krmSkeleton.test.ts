/* eslint-disable jest/no-standalone-expect -- what is skipped depends on the tools of this machine */
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandBuilder } from '../command/__testUtils__/commandBuilder';
import { inspectModule } from '../inspect';
import { createModuleRegistry } from '../registry';
import {
  hasDockerRegistry,
  startDockerRegistry,
} from '../registry/__fixtures__/dockerRegistry';
import { configWith } from '../registry/__fixtures__/modules';
import { createModuleEngine } from '../run';
import { runFolderPipeline } from './runFolderPipeline';

jest.setTimeout(300_000);
const run = promisify(execFile);
const TEMPLATE = join(__dirname, '../../../../templates/krm-function');
const hasGo = !spawnSync('go', ['version'], { stdio: 'ignore' }).error;

(hasGo ? describe : describe.skip)(
  'the function of the template (needs go)',
  () => {
    let directory: string;
    const modules: Record<string, string> = {};
    const engine = createModuleEngine({
      jco: async () => undefined,
      cacheDirectory: tmpdir(),
    });

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'krm-skeleton-'));
      cpSync(join(TEMPLATE, 'skeleton'), join(directory, 'function'), {
        recursive: true,
      });
      const { builder } = commandBuilder();
      for (const target of ['js', 'wasip1'] as const) {
        const { path } = await builder.build({
          directory: join(directory, 'function'),
          language: 'go',
          target,
          output: `dist/${target}.wasm`,
          log() {},
        });
        modules[target] = path;
      }
    });
    afterAll(async () => {
      await engine.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const render = (
      modulePath: string,
      folder: string,
      configMap?: Record<string, string>,
    ) =>
      runFolderPipeline({
        engine,
        pipeline: {
          mutators: [{ name: 'set-team', modulePath, configMap }],
          validators: [],
        },
        directory: folder,
        log() {},
      });

    it.each(['js', 'wasip1'])(
      'does the same for %s: labels, and keeps the comments',
      async target => {
        const folder = join(directory, `example-${target}`);
        cpSync(join(TEMPLATE, 'skeleton/example'), folder, { recursive: true });
        expect(await render(modules[target], folder, { team: 'blue' })).toEqual(
          { resources: 1, results: [], changed: ['deployment.yaml'] },
        );
        expect(readFileSync(join(folder, 'deployment.yaml'), 'utf8')).toBe(
          `# What the function is tried on.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels:
    team: blue
spec:
  selector:
    matchLabels: { app: shop }
  template:
    metadata:
      labels: { app: shop }
    spec:
      containers:
        - name: shop
          image: registry.example.com/shop:1.0.0 # pinned on purpose
`,
        );
      },
    );

    it.each(['js', 'wasip1'])(
      'says for %s what is wrong, and changes nothing',
      async target => {
        const folder = join(directory, `wrong-${target}`);
        cpSync(join(TEMPLATE, 'skeleton/example'), folder, { recursive: true });
        await expect(render(modules[target], folder)).rejects.toMatchObject({
          code: 'KRM_FUNCTION_FAILED',
          message: expect.stringMatching(
            /^set-team: .*name the labels in configMap/,
          ),
        });
      },
    );

    (hasDockerRegistry ? it : it.skip)(
      "is kept by Debian's registry as kpt keeps it, and comes back from there (needs docker-registry)",
      async () => {
        const place = join(directory, 'data');
        mkdirSync(place);
        const registry = await startDockerRegistry(place);
        const client = createModuleRegistry(
          configWith([{ host: registry.host }]),
        );
        const reference = `${registry.host}/team/set-team:1.0.0`;
        await client.push({
          path: modules.js,
          reference,
          format: 'kpt',
          inspection: await inspectModule(modules.js),
          annotations: {},
          created: '2026-01-02T03:04:05Z',
        });
        const pulled = join(directory, 'pulled.wasm');
        await client.pull(reference, pulled, { maxBytes: 20_000_000 });
        await registry.stop();
        const folder = join(directory, 'package');
        mkdirSync(folder);
        writeFileSync(
          join(folder, 'service.yaml'),
          'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels:\n    team: red\n',
        );
        expect(await render(pulled, folder, { team: 'blue' })).toMatchObject({
          changed: ['service.yaml'],
          results: [{ severity: 'warning', message: 'label team was red' }],
        });
      },
    );

    it('passes its own tests', async () => {
      const { stdout } = await run('go', ['test', './...'], {
        cwd: join(directory, 'function'),
        env: { ...process.env, GOFLAGS: '' },
      });
      expect(stdout).toMatch(/^ok\s/m);
    });
  },
);
