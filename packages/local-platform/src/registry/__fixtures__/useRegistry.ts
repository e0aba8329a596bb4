import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startRegistry,
  type RegistryOptions,
  type RunningRegistry,
} from '../startRegistry';

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

export const sha256 = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** For the tests of the file that calls it: an empty registry for each, and the requests of a client. */
export function useRegistry() {
  const served = {
    directory: '',
    registry: {} as RunningRegistry,
    start,
    call,
    beginUpload,
    pushBlob,
    composeManifest,
    putManifest,
    errorOf,
  };

  beforeEach(async () => {
    served.directory = mkdtempSync(join(tmpdir(), 'wasi-local-registry-'));
    await start();
  });

  afterEach(async () => {
    await served.registry.close();
    rmSync(served.directory, { recursive: true, force: true });
  });

  async function start(options: Partial<RegistryOptions> = {}) {
    served.registry = await startRegistry({
      directory: served.directory,
      ...options,
    });
  }

  function call(method: string, path: string, init: RequestInit = {}) {
    return fetch(`http://${served.registry.host}${path}`, { method, ...init });
  }

  async function beginUpload(name: string): Promise<string> {
    const response = await call('POST', `/v2/${name}/blobs/uploads/`);
    expect(response.status).toBe(202);
    return response.headers.get('location')!;
  }

  async function pushBlob(name: string, bytes: Buffer): Promise<string> {
    const digest = sha256(bytes);
    const response = await call(
      'PUT',
      `${await beginUpload(name)}?digest=${digest}`,
      { body: bytes },
    );
    expect(response.status).toBe(201);
    return digest;
  }

  async function composeManifest(name: string, extra: object = {}) {
    const config = Buffer.from('{}');
    const layer = randomBytes(100);
    return Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: {
          mediaType: 'application/vnd.example+json',
          digest: await pushBlob(name, config),
          size: config.length,
        },
        layers: [
          {
            mediaType: 'application/wasm',
            digest: await pushBlob(name, layer),
            size: layer.length,
          },
        ],
        ...extra,
      }),
    );
  }

  function putManifest(
    name: string,
    reference: string,
    bytes: Buffer,
    contentType = manifestType,
  ) {
    return call('PUT', `/v2/${name}/manifests/${reference}`, {
      body: bytes,
      headers: { 'content-type': contentType },
    });
  }

  async function errorOf(response: Response) {
    const { errors } = (await response.json()) as {
      errors: { code: string }[];
    };
    return { status: response.status, code: errors[0].code };
  }

  return served;
}
