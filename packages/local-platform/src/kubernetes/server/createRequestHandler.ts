import type { IncomingMessage, ServerResponse } from 'node:http';
import { reviews } from '../rbac/accessReviews';
import type { Authenticator } from '../rbac/Authenticator';
import type { AccountTokens } from '../rbac/AccountTokens';
import type { Authorizer } from '../rbac/Authorizer';
import { impersonated } from '../rbac/impersonation';
import { PageNotFound } from '../status/PageNotFound';
import {
  badRequest,
  methodNotAllowed,
  notFound,
  pathNotFound,
} from '../status/refusals';
import { handleWatch } from '../watch/handleWatch';
import type { ApiContext, ApiRequest } from './ApiRequest';
import { handleDelete, handleDeleteCollection } from './handleDelete';
import { handleDocument, isPublicPath } from './handleDocuments';
import { handleLog } from './handleLog';
import { handlePatch } from './handlePatch';
import { handleTokenRequest } from './handleTokenRequest';
import { handleCreate, handleUpdate } from './handleWrites';
import { handleList } from './listObjects';
import { negotiate } from './negotiate';
import { parseResourcePath, type ResourcePath } from './parsePath';
import { readObject } from './readBody';
import { Representer } from './represent';
import { sendError, sendJson } from './sendJson';

/** Answers every request to the API; a failure is told as a `Status`. */
export function createRequestHandler(options: {
  api: ApiContext;
  authenticator: Authenticator;
  authorizer: Authorizer;
  accountTokens: AccountTokens;
  /** Hears of errors that are defects. */
  report: (error: unknown) => void;
}): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    // A client that goes away in the middle of an answer is no failure of ours.
    response.on('error', () => response.destroy());
    answer(options, request, response).catch(error =>
      sendError(response, error, options.report),
    );
  };
}

async function answer(
  options: {
    api: ApiContext;
    authenticator: Authenticator;
    authorizer: Authorizer;
    accountTokens: AccountTokens;
  },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { api, authenticator, authorizer } = options;
  const url = new URL(request.url ?? '/', 'https://localhost');
  const pathname = decode(url.pathname);
  if (isPublicPath(pathname)) {
    handleDocument({
      request,
      response,
      path: pathname,
      registry: api.registry,
    });
    return;
  }
  const user = impersonated(
    request,
    authenticator.authenticate(request.headers.authorization),
    { authorizer, rulesOf: name => authenticator.rulesOf(name) },
  );
  const path = parseResourcePath(pathname);
  if (!path) {
    handleDocument({
      request,
      response,
      path: pathname,
      registry: api.registry,
    });
    return;
  }
  const review = reviews.find(
    one =>
      one.group === path.group &&
      one.version === path.version &&
      one.plural === path.resource,
  );
  if (review) {
    requireMethod(request, 'POST');
    authorizer.requireAllowed(user, { ...path, verb: 'create' });
    negotiate(request.headers.accept, []);
    const sent = await readObject(request);
    sendJson(response, 201, review.answer(sent, user, authorizer));
    return;
  }
  const resourceRequest = {
    api,
    request,
    response,
    user,
    path,
    query: url.searchParams,
  };
  if (path.resource === 'serviceaccounts' && path.subresource === 'token') {
    authorizer.requireAllowed(user, { ...path, verb: 'create' });
    await handleTokenRequest(resourceRequest, options.accountTokens);
    return;
  }
  await answerResource(resourceRequest, authorizer);
}

async function answerResource(
  options: Omit<ApiRequest, 'definition'>,
  authorizer: Authorizer,
): Promise<void> {
  const { api, request, path, query, user } = options;
  const verb = verbOf(request, path, query);
  authorizer.requireAllowed(user, {
    ...path,
    verb,
    namespace: namespaceOf(path),
  });
  const definition = api.registry.find(path.group, path.version, path.resource);
  if (!definition) {
    throw path.group ? new PageNotFound() : pathNotFound();
  }
  if (!isServed(definition, path)) {
    throw path.name
      ? notFound({ group: path.group, resource: path.resource }, path.name)
      : pathNotFound();
  }
  const onItself = path.subresource === '';
  const status = path.subresource === 'status';
  if (
    (onItself && !definition.verbs.includes(verb)) ||
    (status && !['get', 'update', 'patch'].includes(verb)) ||
    (path.subresource === 'log' && verb !== 'get')
  ) {
    throw methodNotAllowed();
  }
  if (
    definition.namespaced &&
    !path.namespace &&
    (path.name || verb === 'create')
  ) {
    throw methodNotAllowed();
  }
  await handlerOf(path.subresource === 'log' ? 'log' : verb)({
    ...options,
    definition,
  });
}

function handlerOf(
  verb: ReturnType<typeof verbOf> | 'log',
): (apiRequest: ApiRequest) => void | Promise<void> {
  switch (verb) {
    case 'create':
      return handleCreate;
    case 'delete':
      return handleDelete;
    case 'deletecollection':
      return handleDeleteCollection;
    case 'get':
      return handleGet;
    case 'list':
      return handleList;
    case 'log':
      return handleLog;
    case 'patch':
      return handlePatch;
    case 'update':
      return handleUpdate;
    case 'watch':
      return handleWatch;
    default:
      throw new Error(`Unknown verb ${verb satisfies never}`);
  }
}

function handleGet(apiRequest: ApiRequest): void {
  const { api, response, definition, path } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  const object = api.objects.get(definition, path.namespace, path.name);
  sendJson(response, 200, representer.object(object));
}

/** @throws KubernetesStatusError 405 */
function verbOf(
  request: IncomingMessage,
  path: ResourcePath,
  query: URLSearchParams,
) {
  const watches = ['true', '1'].includes(query.get('watch') ?? '');
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (watches) {
        return 'watch';
      }
      return path.name ? 'get' : 'list';
    case 'POST':
      if (path.name) {
        throw methodNotAllowed();
      }
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name ? 'delete' : 'deletecollection';
    default:
      throw methodNotAllowed();
  }
}

function isServed(
  definition: ApiRequest['definition'],
  { subresource, namespace, name }: ResourcePath,
): boolean {
  if (namespace && !definition.namespaced) {
    return false;
  }
  return (
    subresource === '' ||
    (name !== '' && (definition.subresources as string[]).includes(subresource))
  );
}

/** Rights on a namespace are judged in that namespace. */
function namespaceOf(path: ResourcePath): string {
  return path.group === '' && path.resource === 'namespaces'
    ? path.name
    : path.namespace;
}

function requireMethod(request: IncomingMessage, method: string): void {
  if (request.method !== method) {
    throw methodNotAllowed();
  }
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw badRequest('the path of the request is not encoded properly');
  }
}
