import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handleBlob } from './blobRoutes';
import { BlobStore } from './BlobStore';
import { collectGarbage } from './collectGarbage';
import { handleReferrers, handleTags } from './discoveryRoutes';
import { checkLogin, type RegistryCredentials } from './login';
import { handleManifest } from './manifestRoutes';
import { ManifestStore } from './ManifestStore';
import { RegistryError } from './RegistryError';
import {
  methodNotAllowed,
  sendError,
  sendJson,
  type RegistryExchange,
} from './RegistryExchange';
import { RegistryFolder } from './RegistryFolder';
import { parseRegistryPath } from './registryPath';
import { handleUpload, handleUploads } from './uploadRoutes';
import { UploadSessions } from './UploadSessions';

/** @public */
export interface RegistryOptions {
  /** Folder that keeps the content; created when missing. */
  directory: string;
  /** Address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** Default: 0, any free port. */
  port?: number;
  /** Account to ask for. Default: none, everybody may read and write. */
  credentials?: RegistryCredentials;
  /** Largest blob in bytes. Default: 1 GiB. */
  maxBlobBytes?: number;
}

/** @public */
export interface RunningRegistry {
  /** Host and port as an image reference begins with, e.g. `localhost:7450`. */
  host: string;
  /** Stops listening, and breaks off what is running. */
  close(): Promise<void>;
}

interface Stores {
  blobs: BlobStore;
  uploads: UploadSessions;
  manifests: ManifestStore;
}

const longestUploadMs = 30 * 60 * 1000;

/**
 * Starts an OCI registry (distribution specification 1.1) that keeps its content on disk.
 *
 * @public
 */
export async function startRegistry(
  options: RegistryOptions,
): Promise<RunningRegistry> {
  const folder = new RegistryFolder(options.directory);
  await folder.prepare();
  await collectGarbage(folder);
  const blobs = new BlobStore(folder);
  const stores: Stores = {
    blobs,
    uploads: new UploadSessions(folder, options.maxBlobBytes ?? 1024 ** 3),
    manifests: new ManifestStore(folder, blobs),
  };
  const server = createServer((request, response) => {
    // Not `URL`, which throws at some of what a client can send.
    const [pathname, query = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const exchange: RegistryExchange = {
      request,
      response,
      query: new URLSearchParams(query),
      method: request.method ?? 'GET',
    };
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    response.setHeader('x-content-type-options', 'nosniff');
    answer(exchange, pathname, {
      stores,
      credentials: options.credentials,
    }).catch(error => fail(exchange, error));
  });
  server.requestTimeout = longestUploadMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `localhost:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function answer(
  exchange: RegistryExchange,
  pathname: string,
  {
    stores,
    credentials,
  }: { stores: Stores; credentials?: RegistryCredentials },
): Promise<void> {
  const path = parseRegistryPath(pathname);
  checkLogin(exchange, path, credentials);
  switch (path?.kind) {
    case 'base':
      if (!['GET', 'HEAD'].includes(exchange.method)) {
        throw methodNotAllowed('GET, HEAD');
      }
      sendJson(exchange, 200, {});
      return;
    case 'blob':
      await handleBlob(exchange, stores.blobs, path);
      return;
    case 'uploads':
      await handleUploads(exchange, stores, path.name);
      return;
    case 'upload':
      await handleUpload(exchange, stores, path);
      return;
    case 'manifest':
      await handleManifest(exchange, stores.manifests, path);
      return;
    case 'tags':
      await handleTags(exchange, stores.manifests, path.name);
      return;
    case 'referrers':
      await handleReferrers(exchange, stores.manifests, path);
      return;
    default:
      throw new RegistryError(404, 'UNSUPPORTED', 'no such endpoint');
  }
}

function fail(exchange: RegistryExchange, error: unknown): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) {
    // The client went away, or the file broke off in the middle: only ending the
    // connection tells it so.
    response.destroy();
    return;
  }
  // What the client goes on sending would otherwise block the connection for ever.
  exchange.request.resume();
  if (error instanceof RegistryError) {
    sendError(exchange, error);
    return;
  }
  const { code, stack } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    sendError(
      exchange,
      new RegistryError(
        507,
        'UNKNOWN',
        "the registry's disk is full: free some space there and push again",
      ),
    );
    return;
  }
  process.stderr.write(`registry: ${stack ?? error}\n`);
  sendError(
    exchange,
    // The code is enough, paths are not the client's business.
    new RegistryError(500, 'UNKNOWN', `internal error (${code ?? 'bug'})`),
  );
}
