import type { IncomingMessage, ServerResponse } from 'node:http';
import { reviews } from '../rbac/accessReviews';
import type { Authenticator } from '../rbac/Authenticator';
import type { AccountTokens } from '../rbac/AccountTokens';
import { requirePath } from '../rbac/authorize';
import type { Authorizer } from '../rbac/Authorizer';
import { impersonated } from '../rbac/impersonation';
import type { Verb } from '../resources/ResourceDefinition';
import { PageNotFound } from '../status/PageNotFound';
import {
  badRequest,
  methodNotAllowed,
  notFound,
  pathNotFound,
  verbNotSupported,
} from '../status/refusals';
import { handleWatch } from '../watch/handleWatch';
import type { ApiContext, ApiRequest } from './ApiRequest';
import { handleDelete, handleDeleteCollection } from './handleDelete';
import { handleDocument } from './handleDocuments';
import { handleLog } from './handleLog';
import { handlePatch } from './handlePatch';
import { handleTokenRequest } from './handleTokenRequest';
import { handleCreate, handleUpdate } from './handleWrites';
import { handleList } from './listObjects';
import { negotiate } from './negotiate';
import { parseResourcePath, type ResourcePath } from './parsePath';
import { readObject } from './readObject';
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
  const user = impersonated(
    request,
    authenticator.authenticate(request.headers.authorization),
    { authorizer, rulesOf: name => authenticator.rulesOf(name) },
  );
  const path = parseResourcePath(pathname);
  if (!path) {
    requirePath(user, pathname);
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
    const { object } = await readObject(request, review);
    const now = api.clock();
    sendJson(response, 201, review.answer(object, { user, authorizer, now }));
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
    verb: verb ?? '',
    namespace: namespaceOf(path),
  });
  const definition = api.registry.find(path.group, path.version, path.resource);
  if (!definition) {
    throw path.group ? new PageNotFound() : pathNotFound();
  }
  const outside =
    definition.namespaced &&
    !path.namespace &&
    (path.name !== '' || verb === 'create');
  if (outside && definition.custom) {
    throw new PageNotFound();
  }
  if (!isServed(definition, path)) {
    throw path.name && definition.custom
      ? notFound({ group: path.group, resource: path.resource }, path.name)
      : pathNotFound();
  }
  if (!verb || !isTaken(definition, path, verb)) {
    throw definition.custom
      ? verbNotSupported(
          { group: path.group, resource: path.resource },
          verb ?? '',
        )
      : methodNotAllowed();
  }
  if (outside) {
    throw pathNotFound();
  }
  await handlerOf(path.subresource === 'log' ? 'log' : verb)({
    ...options,
    definition,
  });
}

/** Whether a part of a resource takes a verb. */
function isTaken(
  definition: ApiRequest['definition'],
  path: ResourcePath,
  verb: Verb,
): boolean {
  switch (path.subresource) {
    case '':
      // The name of what is created stands in what is sent.
      return (
        definition.verbs.includes(verb) &&
        (definition.custom || verb !== 'create' || !path.name)
      );
    case 'log':
      return verb === 'get';
    default:
      return ['get', 'update', 'patch'].includes(verb);
  }
}

function handlerOf(
  verb: Verb | 'log',
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

/** What a method does to a resource; undefined for one that does nothing. */
function verbOf(
  request: IncomingMessage,
  path: ResourcePath,
  query: URLSearchParams,
): Verb | undefined {
  // As Go reads a flag of a query: whatever is not false is true.
  const watch = query.get('watch');
  const watches = watch !== null && !/^(false|0)$/i.test(watch);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (watches) {
        return 'watch';
      }
      return path.name ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name ? 'delete' : 'deletecollection';
    default:
      return undefined;
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
