import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceFactory } from '@backstage/backend-plugin-api';
import type { TestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  startGitHost,
  startRegistry,
  type GitHost,
  type RunningRegistry,
} from '@wasi-functions/local-platform';
import { call, startLocalTarget } from '@wasi-functions/local-platform/testing';
import request from 'supertest';
import { startBackend, type ConfigData } from './startBackend';

const ACCOUNT = { username: 'portal', password: 'right horse' };
const MODULES = '/apis/wasm.serving.knative.dev/v1alpha1/namespaces';

/**
 * A git host, a registry, a Kubernetes API and a catalog, with the plugin
 * between them; all but the catalog are spoken to over the network.
 */
export class Site {
  readonly entities: Entity[] = [];
  readonly backends: TestBackend[] = [];

  private constructor(
    readonly directory: string,
    readonly git: GitHost,
    readonly registry: RunningRegistry,
    readonly kubernetes: Awaited<ReturnType<typeof startLocalTarget>>,
    readonly kubeconfig: string,
  ) {}

  static async open(): Promise<Site> {
    const directory = await mkdtemp(join(tmpdir(), 'sync-'));
    const [git, registry, kubernetes] = await Promise.all([
      startGitHost({ directory: join(directory, 'git'), port: 0, ...ACCOUNT }),
      startRegistry({ directory: join(directory, 'registry'), port: 0 }),
      startLocalTarget(),
    ]);
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, kubernetes.kubeconfig);
    const site = new Site(directory, git, registry, kubernetes, kubeconfig);
    await call(kubernetes, 'POST', '/api/v1/namespaces', {
      body: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop' },
      },
    });
    await site.api('POST', '/orgs/shop/repos', { name: 'pay' });
    return site;
  }

  async close(): Promise<void> {
    await Promise.all(this.backends.map(backend => backend.stop()));
    await Promise.all([
      this.git.close(),
      this.registry.close(),
      this.kubernetes.close(),
    ]);
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Starts the plugin; the services given take the place of the defaults. */
  async start(
    sync: object = {},
    services: ServiceFactory[] = [],
    more: object = {},
  ): Promise<TestBackend> {
    const backend = await startBackend({
      config: this.config(sync, more),
      entities: () => this.entities,
      services,
    });
    this.backends.push(backend);
    return backend;
  }

  /** Of a backend between all of it. */
  config(sync: object = {}, more: object = {}): ConfigData {
    return {
      ...more,
      integrations: {
        gitea: [
          {
            host: new URL(this.git.baseUrl).host,
            baseUrl: this.git.baseUrl,
            ...ACCOUNT,
          },
        ],
      },
      wasi: {
        toolchains: { directory: '/nowhere' },
        kubeconfig: this.kubeconfig,
        registries: [{ host: this.registry.host, insecure: true }],
        sync: {
          enabled: true,
          allow: [
            {
              sources: [`${this.git.baseUrl}/shop/*`],
              targets: ['*/shop'],
            },
          ],
          ...sync,
        },
      },
    };
  }

  /** An entity that asks to be deployed from the repository `shop/pay`. */
  addEntity(name: string, annotations: Record<string, string> = {}): void {
    this.entities.push({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: {
        name,
        namespace: 'default',
        annotations: {
          'backstage.io/managed-by-location': `url:${this.git.baseUrl}/shop/pay/src/branch/main/${name}/catalog-info.yaml`,
          'backstage.io/kubernetes-namespace': 'shop',
          'wasm.serving.knative.dev/auto-deploy': 'true',
          ...annotations,
        },
      },
      spec: { type: 'wasm-function', owner: 'shop', lifecycle: 'production' },
    });
  }

  /** Pushes a file to the repository's main branch. */
  async push(path: string, content: string): Promise<void> {
    const known = await this.file(path);
    await this.api(known ? 'PUT' : 'POST', `/repos/shop/pay/contents/${path}`, {
      branch: 'main',
      content: Buffer.from(content).toString('base64'),
      sha: known?.sha,
    });
  }

  async pushFunction(name: string, extra = ''): Promise<void> {
    await this.push(
      `${name}/func.yaml`,
      `name: ${name}
runtime: js-wasi
registry: ${this.registry.host}/shop
${extra}`,
    );
  }

  async file(
    path: string,
    branch = 'main',
  ): Promise<{ sha: string; text: string } | undefined> {
    const answer = await fetch(
      `${this.git.baseUrl}/api/v1/repos/shop/pay/contents/${path}?ref=${branch}`,
    );
    if (answer.status === 404) {
      return undefined;
    }
    const { sha, content } = (await answer.json()) as {
      sha: string;
      content: string;
    };
    return { sha, text: Buffer.from(content, 'base64').toString() };
  }

  /** Pushes a module of the name and answers its digest. */
  async pushImage(name: string, content = 'one'): Promise<string> {
    const base = `http://${this.registry.host}/v2/shop/${name}`;
    const module = componentOf(content);
    const blobs = [module, Buffer.from('{}')].map(bytes => ({
      bytes,
      digest: digestOf(bytes),
      size: bytes.length,
    }));
    for (const { bytes, digest } of blobs) {
      const started = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
      const location = new URL(started.headers.get('location')!, base);
      location.searchParams.set('digest', digest);
      await fetch(location, { method: 'PUT', body: new Uint8Array(bytes) });
    }
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: {
          mediaType: 'application/vnd.wasm.config.v0+json',
          digest: blobs[1].digest,
          size: blobs[1].size,
        },
        layers: [
          {
            mediaType: 'application/wasm',
            digest: blobs[0].digest,
            size: blobs[0].size,
          },
        ],
      }),
    );
    const put = await fetch(`${base}/manifests/latest`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: new Uint8Array(manifest),
    });
    if (!put.ok) {
      throw new Error(await put.text());
    }
    return digestOf(manifest);
  }

  async module(name: string): Promise<WasmModule | undefined> {
    const { code, body } = await call(
      this.kubernetes,
      'GET',
      `${MODULES}/shop/wasmmodules/${name}`,
    );
    return code === 200 ? body : undefined;
  }

  /** Changes a module as another tool does. */
  async applyAs(manager: string, name: string, body: object): Promise<number> {
    const { code } = await call(
      this.kubernetes,
      'PATCH',
      `${MODULES}/shop/wasmmodules/${name}?fieldManager=${manager}&force=true`,
      {
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: { name, namespace: 'shop' },
          ...body,
        },
      },
    );
    return code;
  }

  /** Of the git host. */
  async api(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.git.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(
          `${ACCOUNT.username}:${ACCOUNT.password}`,
        ).toString('base64')}`,
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  /** Of the plugin. */
  async wasi(
    method: 'get' | 'post',
    name: string,
    path: string,
    backend = this.backends[0],
  ) {
    const answer = await request(backend.server)
      [method](`/api/wasi/v1/entities/component/default/${name}/${path}`)
      .send();
    return answer.body;
  }
}

/** A component that exports what answers HTTP, with a custom section to tell it from others. */
function componentOf(content: string): Buffer {
  const handler = 'wasi:http/incoming-handler@0.2.3';
  return Buffer.concat([
    Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]),
    Buffer.from([0x0b, handler.length + 6, 0x01, 0x00, handler.length]),
    Buffer.from(handler),
    Buffer.from([0x05, 0x00, 0x00]),
    Buffer.from([0x00, content.length + 1, content.length]),
    Buffer.from(content),
  ]);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
