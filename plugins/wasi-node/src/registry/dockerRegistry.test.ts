import { execFile, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseFuncYaml } from '@wasi-functions/backstage-plugin-wasi-common';
import { describeWithJco, SKELETONS, TOOLCHAINS } from '../__testUtils__/jco';
import { createModuleBuilder } from '../build';
import { inspectModule } from '../inspect';
import { createToolchains } from '../toolchains';
import { createModuleRegistry } from './createModuleRegistry';
import {
  hasDockerRegistry,
  startDockerRegistry,
} from './__fixtures__/dockerRegistry';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from './__fixtures__/modules';

const run = promisify(execFile);
const hasSkopeo = !spawnSync('skopeo', ['--version']).error;

// `user` with the password `pass:word`, as `htpasswd -B` writes it.
const htpasswd =
  'user:$2y$05$abcdefghijklmnopqrstuuDIEddBSuRWBBEY6g5zv60IAP5bSSfki';

(hasDockerRegistry ? describe : describe.skip)(
  "against Debian's docker-registry",
  () => {
    let module: ModuleOnDisk;
    let registry: { host: string; stop(): Promise<void> };

    beforeEach(async () => {
      module = writeModule(3_000_000);
      registry = await startDockerRegistry(module.directory);
    });

    afterEach(async () => {
      await registry.stop();
      module.remove();
    });

    it('pushes a module and reads it back, and sends nothing the second time', async () => {
      const client = createModuleRegistry(
        configWith([{ host: registry.host }]),
      );
      const push = {
        path: module.path,
        reference: `${registry.host}/team/hello:1.0`,
        inspection: module.inspection,
        annotations: { 'org.opencontainers.image.version': '1.0' },
        created: '2026-01-02T03:04:05Z',
      };
      const pushed = await client.push(push);
      expect(pushed).toEqual({
        image: `${registry.host}/team/hello@${pushed.digest}`,
        digest: expect.stringMatching(/^sha256:[a-f0-9]{64}$/),
        layerDigest: module.inspection.digest,
        size: module.bytes.length,
        uploadedBytes: expect.any(Number),
        format: 'wasm',
        runnerImage: pushed.image,
      });
      expect(pushed.uploadedBytes).toBeGreaterThan(module.bytes.length);
      await expect(
        client.push({ ...push, created: '2027-01-01T00:00:00Z' }),
      ).resolves.toEqual({ ...pushed, uploadedBytes: 0 });

      await expect(client.describe(push.reference)).resolves.toEqual({
        image: pushed.image,
        digest: pushed.digest,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        index: false,
        artifactType: 'application/vnd.wasm.config.v0+json',
        configMediaType: 'application/vnd.wasm.config.v0+json',
        layers: [
          {
            mediaType: 'application/wasm',
            digest: module.inspection.digest,
            size: module.bytes.length,
            annotations: { 'org.opencontainers.image.title': 'hello.wasm' },
          },
        ],
        annotations: {
          'org.opencontainers.image.created': '2026-01-02T03:04:05.000Z',
          'org.opencontainers.image.version': '1.0',
        },
      });
      const target = join(module.directory, 'pulled.wasm');
      await expect(
        client.pull(pushed.image, target, { maxBytes: 10_000_000 }),
      ).resolves.toEqual({
        digest: module.inspection.digest,
        size: module.bytes.length,
        manifestDigest: pushed.digest,
        format: 'wasm',
      });
      expect(readFileSync(target).equals(module.bytes)).toBe(true);
      await expect(client.canPullAnonymously(pushed.image)).resolves.toBe(true);
    });

    it('deletes a module by its digest, with the tags that name it', async () => {
      const client = createModuleRegistry(
        configWith([{ host: registry.host }]),
      );
      const { image } = await client.push({
        path: module.path,
        reference: `${registry.host}/team/hello:1.0`,
        inspection: module.inspection,
        annotations: {},
        created: '2026-01-02T03:04:05Z',
      });
      await client.delete(image);
      await expect(
        client.describe(`${registry.host}/team/hello:1.0`),
      ).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
      await expect(client.delete(image)).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
      });
    });

    (hasSkopeo ? describe : describe.skip)('and skopeo', () => {
      it('leaves a module that skopeo reads byte for byte', async () => {
        const client = createModuleRegistry(
          configWith([{ host: registry.host }]),
        );
        const pushed = await client.push({
          path: module.path,
          reference: `${registry.host}/team/hello:1.0`,
          inspection: module.inspection,
          annotations: {},
          created: '2026-01-02T03:04:05Z',
        });
        const copy = join(module.directory, 'copy');
        await run('skopeo', [
          'copy',
          '--src-tls-verify=false',
          `docker://${pushed.image}`,
          `dir:${copy}`,
        ]);
        const layer = readFileSync(join(copy, pushed.layerDigest.slice(7)));
        expect(layer.equals(module.bytes)).toBe(true);
      });

      describeWithJco('and jco', () => {
        it.each(['wat-wasi', 'js-wasi'])(
          'leaves a %s module that was built here, byte for byte',
          async runtime => {
            const directory = join(module.directory, runtime);
            cpSync(join(SKELETONS, runtime), directory, { recursive: true });
            const config = configWith([{ host: registry.host }]);
            config.toolchains.directory = TOOLCHAINS;
            config.build.timeoutMs = 120_000;
            config.build.maxOutputBytes = 1024 * 1024;
            config.build.maxModuleBytes = 50 * 1024 * 1024;
            const built = await createModuleBuilder({
              config,
              toolchains: createToolchains(config),
            }).build({
              directory,
              funcConfig: parseFuncYaml(
                `name: hello\nruntime: ${runtime}\nregistry: ${registry.host}\n`,
              ).config!,
              log: () => {},
            });
            const pushed = await createModuleRegistry(config).push({
              path: built.path,
              reference: `${registry.host}/hello:1.0`,
              inspection: await inspectModule(built.path),
              annotations: {},
              created: '2026-01-02T03:04:05Z',
            });
            const copy = join(module.directory, 'copy');
            await run('skopeo', [
              'copy',
              '--src-tls-verify=false',
              `docker://${pushed.image}`,
              `dir:${copy}`,
            ]);
            const layer = readFileSync(join(copy, pushed.layerDigest.slice(7)));
            expect(layer.equals(readFileSync(built.path))).toBe(true);
          },
          120_000,
        );
      });
    });
  },
);

(hasDockerRegistry ? describe : describe.skip)(
  "against Debian's docker-registry with accounts",
  () => {
    let module: ModuleOnDisk;
    let registry: { host: string; stop(): Promise<void> };

    beforeEach(async () => {
      module = writeModule();
      registry = await startDockerRegistry(module.directory, htpasswd);
    });

    afterEach(async () => {
      await registry.stop();
      module.remove();
    });

    const push = (password?: string) =>
      createModuleRegistry(
        configWith([
          {
            host: registry.host,
            ...(password && { username: 'user', password }),
          },
        ]),
      ).push({
        path: module.path,
        reference: `${registry.host}/team/hello:1.0`,
        inspection: module.inspection,
        annotations: {},
        created: '2026-01-02T03:04:05Z',
      });

    it('pushes with the configured account, and only with it', async () => {
      await expect(push()).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHENTICATED',
      });
      await expect(push('wrong')).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHENTICATED',
        message: expect.stringContaining('does not accept the configured'),
      });
      const pushed = await push('pass:word');
      await expect(
        createModuleRegistry(
          configWith([{ host: registry.host }]),
        ).canPullAnonymously(pushed.image),
      ).resolves.toBe(false);
    });
  },
);
