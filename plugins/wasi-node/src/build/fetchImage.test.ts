import {
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactFormatName } from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectBytes } from '../inspect';
import * as encode from '../inspect/__testUtils__/encode';
import { createModuleRegistry } from '../registry';
import { configWith } from '../registry/__fixtures__/modules';
import {
  digestOf,
  startScriptedRegistry,
  type Interception,
  type ScriptedRegistry,
} from '../registry/__fixtures__/scriptedRegistry';
import { createToolchains } from '../toolchains';
import { HTTP_COMPONENT } from './__testUtils__/buildTester';
import { createModuleBuilder } from './createModuleBuilder';

let workspace: string;
let registry: ScriptedRegistry;
let intercept: Interception;
let log: string[];

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'image-test-')));
  intercept = () => false;
  registry = await startScriptedRegistry(exchange => intercept(exchange));
  log = [];
});

afterEach(async () => {
  await registry.close();
  await rm(workspace, { recursive: true, force: true });
});

function config(maxModuleBytes = 1_000_000) {
  return {
    ...configWith([
      { host: registry.host, username: 'portal', password: 'secret' },
    ]),
    build: { timeoutMs: 60_000, maxOutputBytes: 1, maxModuleBytes },
  };
}

async function push(
  bytes: Buffer = HTTP_COMPONENT,
  format?: ArtifactFormatName,
): Promise<void> {
  const path = join(workspace, 'pushed.wasm');
  await writeFile(path, bytes);
  await createModuleRegistry(config()).push({
    path,
    reference: `${registry.host}/team/hello:1.0`,
    format,
    inspection: inspectBytes(bytes),
    annotations: {},
    created: '2026-01-02T03:04:05Z',
  });
  await rm(path);
  registry.seen.length = 0;
}

function build(
  source: string,
  options: {
    digest?: string;
    maxModuleBytes?: number;
    signal?: AbortSignal;
  } = {},
) {
  const wasiConfig = config(options.maxModuleBytes);
  return createModuleBuilder({
    config: wasiConfig,
    toolchains: createToolchains(wasiConfig, { searchPath: '' }),
    fetch: async url => {
      throw new Error(`nobody should ask for ${url}`);
    },
  }).build({
    directory: workspace,
    funcConfig: {
      name: 'hello',
      runtime: 'prebuilt-wasi',
      build: { builder: 'wasm', source, digest: options.digest },
      run: { args: [], envs: [], volumes: [] },
      deploy: { deployer: 'wasm', labels: [], annotations: {}, options: {} },
    },
    signal: options.signal,
    log: line => log.push(line),
  });
}

describe('a prebuilt module from a registry', () => {
  it('is pulled by tag into module.wasm', async () => {
    await push();

    const built = await build(`oci://${registry.host}/team/hello:1.0`);

    expect(built).toMatchObject({
      path: join(workspace, 'module.wasm'),
      size: HTTP_COMPONENT.length,
      durationMs: expect.any(Number),
      tools: {},
      unchanged: false,
    });
    expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
    expect(log).toContain(`Pull ${registry.host}/team/hello:1.0`);
  });

  it.each(['krustlet', 'compat', 'index'] as const)(
    'is pulled out of the format %s, too',
    async format => {
      await push(HTTP_COMPONENT, format);

      const built = await build(`oci://${registry.host}/team/hello:1.0`);

      expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
    },
  );

  it('is pulled by digest, and compared with the digest that func.yaml expects', async () => {
    await push();
    const manifest = digestOf(registry.manifests.get('1.0')!.bytes);
    const source = `oci://${registry.host}/team/hello@${manifest}`;

    await expect(
      build(source, { digest: digestOf(HTTP_COMPONENT) }),
    ).resolves.toMatchObject({ size: HTTP_COMPONENT.length });
    await expect(build(source, { digest: manifest })).rejects.toMatchObject({
      code: 'SOURCE_DIGEST_MISMATCH',
    });
  });

  it('is refused from a registry that is not allowed, before anything is sent', async () => {
    await expect(
      build('oci://registry.test/team/hello:1.0'),
    ).rejects.toMatchObject({
      code: 'REGISTRY_NOT_ALLOWED',
      message: `Registry registry.test is not one of those that are allowed: ${registry.host}`,
    });
    expect(registry.seen).toEqual([]);
  });

  it.each([
    ['oci://', 'is empty'],
    [
      'oci://https://ghcr.io/team/hello',
      'Image reference "https://ghcr.io/team/hello"',
    ],
    ['oci://ghcr.io/Team/hello', 'has upper-case letters in the repository'],
  ])('is refused with the reason for the reference %s', async (source, why) => {
    await expect(build(source)).rejects.toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
      message: expect.stringContaining(why),
    });
  });

  it('is not read with the credentials of the portal where others have to log in', async () => {
    await push();
    intercept = ({ request, response }) => {
      if (request.headers.authorization) {
        return false;
      }
      response.writeHead(401, { 'www-authenticate': 'Basic realm="team"' });
      response.end();
      return true;
    };

    await expect(
      build(`oci://${registry.host}/team/hello:1.0`),
    ).rejects.toMatchObject({
      code: 'IMAGE_NOT_ANONYMOUS',
      message: `${registry.host}/team/hello:1.0 is not there, or cannot be pulled without a login.`,
      remedy:
        'Check repository and tag, and that everybody may pull the image.',
    });
    expect(registry.seen.map(({ authorization }) => authorization)).toEqual(
      registry.seen.map(() => undefined),
    );
    expect(await readdir(workspace)).toEqual([]);
  });

  it('is refused where the tag does not exist', async () => {
    await expect(
      build(`oci://${registry.host}/team/hello:none`),
    ).rejects.toMatchObject({ code: 'IMAGE_NOT_ANONYMOUS' });
  });

  it('is refused when it is larger than configured', async () => {
    await push();

    await expect(
      build(`oci://${registry.host}/team/hello:1.0`, {
        maxModuleBytes: HTTP_COMPONENT.length - 1,
      }),
    ).rejects.toMatchObject({ code: 'MODULE_TOO_LARGE' });
    expect(await readdir(workspace)).toEqual([]);
  });

  it('is refused when it cannot be served, and nothing is left', async () => {
    await push(Buffer.from(encode.component()));

    await expect(
      build(`oci://${registry.host}/team/hello:1.0`),
    ).rejects.toMatchObject({ code: 'MODULE_NOT_HTTP' });
    expect(await readdir(workspace)).toEqual([]);
  });

  it('ends when the build is cancelled', async () => {
    await push();
    const controller = new AbortController();
    intercept = ({ url }) => {
      if (!url.pathname.includes('/blobs/')) {
        return false;
      }
      controller.abort();
      return true;
    };

    await expect(
      build(`oci://${registry.host}/team/hello:1.0`, {
        signal: controller.signal,
      }),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    expect(await readdir(workspace)).toEqual([]);
  });
});
