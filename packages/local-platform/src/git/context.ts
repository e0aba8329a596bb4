import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Authentication } from './authentication';
import type { RepositoryStore } from './RepositoryStore';

/** What the routes of the git host share. @internal */
export interface GitHostContext {
  repositories: RepositoryStore;
  authentication: Authentication;
  /** Name of the one account. */
  username: string;
  /** Largest push, in bytes. */
  maxPushBytes: number;
  /** Address under which clients reach the git host. */
  baseUrl(): string;
}

/** Hands what an async route throws to express, which does not look at promises. @internal */
export function asyncRoute(
  route: (request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    route(request, response).catch(next);
  };
}
