import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogSource } from '../LogSource';
import type { ResourceObjects } from '../objects/ResourceObjects';
import type { RequestUser } from '../rbac/PolicyRule';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import type { ResourceRegistry } from '../resources/ResourceRegistry';
import type { ResourcePath } from './parsePath';

/** What the handlers of the API share. */
export interface ApiContext {
  objects: ResourceObjects;
  registry: ResourceRegistry;
  logSource: LogSource;
  clock: () => Date;
  /** Aborts when the server closes. */
  closing: AbortSignal;
}

/** One request for a resource, by someone who may make it. */
export interface ApiRequest {
  api: ApiContext;
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  user: RequestUser;
  path: ResourcePath;
  definition: ResourceDefinition;
}
