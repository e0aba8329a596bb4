import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspectModule } from '../inspect';
import { createModuleRegistry } from '../registry';
import {
  hasDockerRegistry,
  startDockerRegistry,
} from '../registry/__fixtures__/dockerRegistry';
import { configWith } from '../registry/__fixtures__/modules';
import { createModuleEngine } from '../run';
import { commandBuilder } from './__testUtils__/commandBuilder';

jest.setTimeout(300_000);
const run = promisify(execFile);
const has = (tool: string, ...args: string[]) =>
  !spawnSync(tool, args, { stdio: 'ignore' }).error;
const all =
  hasDockerRegistry &&
  has('go', 'version') &&
  has('ko', 'version') &&
  has('skopeo', '--version');

(all ? describe : describe.skip)(
  'the image that ko made of a Go package (needs go, ko, skopeo and docker-registry)',
  () => {
    let directory: string;
    let registry: Awaited<ReturnType<typeof startDockerRegistry>>;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'beside-ko-'));
      registry = await startDockerRegistry(directory);
    });
    afterAll(async () => {
      await registry.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('gets the package for wasi/wasm, and is for linux what it was', async () => {
      const app = join(directory, 'app');
      cpSync(join(__dirname, '__fixtures__/koApp'), app, { recursive: true });
      const base = `${registry.host}/base:latest`;
      await copyBase(base);
      const reference = `${registry.host}/team/app:1.0.0`;
      await run(
        'ko',
        [
          'build',
          '--bare',
          '--insecure-registry',
          '--platform=linux/amd64,linux/arm64',
          '--sbom=none',
          '--tags=1.0.0',
          './cmd/app',
        ],
        {
          cwd: app,
          env: {
            ...process.env,
            KO_DOCKER_REPO: `${registry.host}/team/app`,
            KO_DEFAULTBASEIMAGE: base,
          },
        },
      );
      const before = await inspect(reference, 'linux', 'arm64');

      const { builder } = commandBuilder();
      const built = await builder.build({
        directory: app,
        language: 'go',
        target: 'wasip1',
        source: './cmd/app',
        log() {},
      });
      const client = createModuleRegistry(
        configWith([{ host: registry.host }]),
      );
      await client.push({
        path: built.path,
        reference,
        format: 'index',
        inspection: await inspectModule(built.path),
        annotations: {},
        created: '2026-01-02T03:04:05Z',
      });

      expect(await inspect(reference, 'linux', 'arm64')).toEqual(before);
      const { stdout } = await run('skopeo', [
        'inspect',
        '--tls-verify=false',
        '--raw',
        `docker://${reference}`,
      ]);
      expect(
        JSON.parse(stdout).manifests.map(
          ({ platform }: { platform: { os: string; architecture: string } }) =>
            `${platform.os}/${platform.architecture}`,
        ),
      ).toEqual(['linux/amd64', 'linux/arm64', 'wasi/wasm', 'wasip1/wasm']);

      const pulled = join(directory, 'pulled.wasm');
      await client.pull(reference, pulled, { maxBytes: 20_000_000 });
      const engine = createModuleEngine({
        jco: async () => undefined,
        cacheDirectory: join(directory, 'cache'),
      });
      expect(
        await engine.runCommand({
          modulePath: pulled,
          args: ['app'],
          env: {},
          directories: [],
          timeoutMs: 60_000,
        }),
      ).toEqual({
        exitCode: 0,
        stdout: 'hello from wasip1/wasm\n',
        stderr: '',
      });
      await engine.close();
    });

    async function inspect(reference: string, os: string, arch: string) {
      const { stdout } = await run('skopeo', [
        'inspect',
        '--tls-verify=false',
        `--override-os=${os}`,
        `--override-arch=${arch}`,
        `docker://${reference}`,
      ]);
      const { Layers, Architecture, Env } = JSON.parse(stdout);
      return { Layers, Architecture, Env };
    }

    /** An index of empty images: all that ko asks of a base. */
    async function copyBase(reference: string) {
      await run('skopeo', [
        'copy',
        '--all',
        '--dest-tls-verify=false',
        `oci:${join(__dirname, '__fixtures__/emptyBase')}`,
        `docker://${reference}`,
      ]);
    }
  },
);
