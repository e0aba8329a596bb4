import type { ServerResponse, IncomingMessage } from 'node:http';
import {
  aggregated,
  coreVersions,
  group,
  groupList,
  resourceList,
} from '../discovery/discovery';
import { openApiDocument, openApiIndex } from '../openapi/openapi';
import type { ResourceRegistry } from '../resources/ResourceRegistry';
import { PageNotFound } from '../status/PageNotFound';
import { methodNotAllowed } from '../status/refusals';
import { negotiate } from './negotiate';
import { sendJson } from './sendJson';

const AGGREGATED = {
  as: 'APIGroupDiscoveryList',
  group: 'apidiscovery.k8s.io',
  version: 'v2',
};

/** As Go names them. */
const ARCHITECTURES: Partial<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
};

/** The Kubernetes release whose behaviour is followed. */
const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.2+wasi-local-platform',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${
    ARCHITECTURES[process.arch] ?? process.arch
  }`,
};

/** Everything besides resources: discovery, OpenAPI, version and health. */
export function handleDocument(options: {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  registry: ResourceRegistry;
}): void {
  const { request, response, registry } = options;
  const path = options.path.replace(/\/+$/, '');
  if (/^\/(healthz|livez|readyz)$/.test(path)) {
    response
      .writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' })
      .end('ok');
    return;
  }
  if (path === '/api' || path === '/apis') {
    sendRoot(options, path.slice(1) as 'api' | 'apis');
    return;
  }
  const document = documentAt(path, registry);
  if (!document) {
    throw new PageNotFound();
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw methodNotAllowed();
  }
  negotiate(request.headers.accept, []);
  sendJson(response, 200, document);
}

function documentAt(path: string, registry: ResourceRegistry) {
  const parts = path.split('/').slice(1);
  switch (parts.join('/')) {
    case 'version':
      return VERSION;
    case '':
      return {
        paths: ['/api', '/apis', '/healthz', '/openapi/v3', '/version'],
      };
    case 'openapi/v3':
      return openApiIndex(registry);
    default:
  }
  const isOpenApi = parts[0] === 'openapi' && parts[1] === 'v3';
  const [root, ...rest] = isOpenApi ? parts.slice(2) : parts;
  const names = root === 'api' ? ['', ...rest] : rest;
  if ((root !== 'api' && root !== 'apis') || names.length > 2) {
    return undefined;
  }
  const [name, version] = names;
  if (isOpenApi) {
    return openApiDocument(registry, { group: name, version });
  }
  return version === undefined
    ? group(registry, name)
    : resourceList(registry, { group: name, version });
}

function sendRoot(
  {
    request,
    response,
    registry,
  }: {
    request: IncomingMessage;
    response: ServerResponse;
    registry: ResourceRegistry;
  },
  root: 'api' | 'apis',
): void {
  if (negotiate(request.headers.accept, [AGGREGATED]).as) {
    sendJson(response, 200, aggregated(registry, root), {
      contentType: `application/json;g=${AGGREGATED.group};v=${AGGREGATED.version};as=${AGGREGATED.as}`,
    });
    return;
  }
  sendJson(
    response,
    200,
    root === 'api' ? coreVersions() : groupList(registry),
  );
}
