import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { RunningTarget } from './registryTarget';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const EMPTY = 'application/vnd.oci.empty.v1+json';

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
  urls?: string[];
}

export interface Answer {
  status: number;
  header(name: string): string | undefined;
  body: Buffer;
  json(): any;
}

/** Speaks the distribution API, and nothing of one registry's own. */
export class RegistryUnderTest {
  /** A repository of this run alone. */
  readonly name = `wasi-conformance/${randomUUID()}`;
  readonly otherName = `wasi-conformance/${randomUUID()}`;
  private readonly target: RunningTarget;

  constructor(target: RunningTarget) {
    this.target = target;
  }

  /** The same registry with repositories that nobody wrote to yet. */
  another(): RegistryUnderTest {
    return new RegistryUnderTest(this.target);
  }

  /** A path below `/v2/`, or the address out of a `Location`. */
  async call(
    method: string,
    location: string,
    init: { headers?: Record<string, string>; body?: Uint8Array } = {},
  ): Promise<Answer> {
    const base = `${this.target.url}/v2/`;
    const url = new URL(location, base);
    const response = await fetch(url, {
      method,
      body: init.body,
      headers: {
        ...(this.target.authorization && url.origin === new URL(base).origin
          ? { authorization: this.target.authorization }
          : {}),
        ...(init.body && { 'content-type': 'application/octet-stream' }),
        ...init.headers,
      },
    });
    const body = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      header: name => response.headers.get(name) ?? undefined,
      body,
      json: () => JSON.parse(body.toString('utf8')),
    };
  }

  async beginUpload(name = this.name): Promise<string> {
    const answer = await this.call('POST', `${name}/blobs/uploads/`);
    requireStatus(answer, 202);
    return locationOf(answer);
  }

  async pushBlob(bytes: Uint8Array, name = this.name): Promise<string> {
    const digest = digestOf(bytes);
    const answer = await this.call(
      'PUT',
      withDigest(await this.beginUpload(name), digest),
      { body: bytes },
    );
    requireStatus(answer, 201);
    return digest;
  }

  /** Pushes a config and a layer, and answers a manifest of them. */
  async composeManifest(extra: object = {}): Promise<Buffer> {
    const config = Buffer.from(JSON.stringify({ id: randomUUID() }));
    const layer = randomBytes(64);
    return document({
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: await this.pushBlob(config),
        size: config.length,
      },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest: await this.pushBlob(layer),
          size: layer.length,
        },
      ],
      ...extra,
    });
  }

  /** Pushes the empty blob and answers an artifact manifest with it as config and layer. */
  async composeArtifact(extra: object = {}): Promise<Buffer> {
    const empty = {
      mediaType: EMPTY,
      digest: await this.pushBlob(Buffer.from('{}')),
      size: 2,
    };
    return document({ config: empty, layers: [empty], ...extra });
  }

  async putManifest(
    reference: string,
    bytes: Buffer,
    mediaType = MANIFEST,
  ): Promise<Answer> {
    return this.call('PUT', `${this.name}/manifests/${reference}`, {
      body: bytes,
      headers: { 'content-type': mediaType },
    });
  }

  async getManifest(reference: string, method = 'GET'): Promise<Answer> {
    return this.call(method, `${this.name}/manifests/${reference}`, {
      headers: { accept: `${MANIFEST}, ${INDEX}` },
    });
  }
}

export function document(content: object): Buffer {
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, ...content }),
  );
}

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function requireStatus(answer: Answer, status: number): void {
  if (answer.status !== status) {
    throw new Error(
      `The registry answered ${answer.status}, not ${status}: ${answer.body}`,
    );
  }
}

export function locationOf(answer: Answer): string {
  const location = answer.header('location');
  expect(location).toBeTruthy();
  return location!;
}

/** The session's own query stays: a location is not ours to take apart. */
export function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
}

/** The codes of an error document, whose form is checked. */
export function errorCodes(answer: Answer): string[] {
  const { errors } = answer.json() as { errors: { code: string }[] };
  expect(errors.length).toBeGreaterThan(0);
  for (const { code } of errors) {
    expect(code).toMatch(/^[A-Z_]+$/);
  }
  return errors.map(({ code }) => code);
}
