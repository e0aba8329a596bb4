import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import { hasCode } from '../platform/hasCode';
import { Authentication } from './authentication';
import type { GitHostContext } from './context';
import { giteaApi } from './giteaApi';
import { GitHostError } from './GitHostError';
import { html, page, STYLE } from './html';
import { PacketFormatError } from './packetLine';
import { pages } from './pages';
import { pullPages } from './pullPages';
import { RepositoryStore } from './RepositoryStore';
import { smartHttp } from './smartHttp';

/** Where the git host listens and who may push. @public */
export interface GitHostOptions {
  /** Folder of the repositories. */
  directory: string;
  /** Default: 127.0.0.1. */
  host?: string;
  /** 0 for any free port. */
  port: number;
  /** The one account: it may create, push and delete. */
  username: string;
  password: string;
  /** Largest push, and largest file in one, in bytes. Default: 104857600 (100 MiB). */
  maxPushBytes?: number;
}

/** A running git host. @public */
export interface GitHost {
  /** Address for clients, e.g. `http://localhost:7460`. */
  baseUrl: string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/**
 * Starts a git host: clone, fetch and push over smart HTTP, and the part of
 * Gitea's API that Backstage uses.
 *
 * @public
 */
export async function startGitHost(options: GitHostOptions): Promise<GitHost> {
  await mkdir(options.directory, { recursive: true });
  const repositories = new RepositoryStore(options.directory);
  await repositories.clean();
  let baseUrl = '';
  const server = createServer(
    createApp({
      repositories,
      authentication: new Authentication(options),
      username: options.username,
      maxPushBytes: options.maxPushBytes ?? 100 * 1024 * 1024,
      baseUrl: () => baseUrl,
    }),
  );
  server.listen(options.port, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://localhost:${portOf(server)}`;
  return {
    baseUrl,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createApp(context: GitHostContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; style-src 'self'",
    });
    next();
  });
  app.get('/assets/style.css', (_request, response) => {
    response.type('css').send(STYLE);
  });
  app.use('/api/v1', giteaApi(context));
  app.use(smartHttp(context));
  app.use(pullPages(context));
  app.use(pages(context));
  app.use((request, _response, next) => {
    next(new GitHostError(404, `There is nothing at ${request.path}.`));
  });
  app.use(answerError);
  return app;
}

function answerError(
  error: unknown,
  request: Request,
  response: Response,
  next: NextFunction,
): void {
  if (response.headersSent) {
    // Too late for an answer: express ends the connection.
    next(error);
    return;
  }
  const { message, status } = describe(error);
  response.status(status);
  if (status === 401) {
    response.set('WWW-Authenticate', 'Basic realm="local git host"');
  }
  if (wantsPage(request)) {
    response.send(page('Not shown', html`<h1>${message}</h1>`));
  } else if (request.path.startsWith('/api/')) {
    response.json({ message });
  } else {
    // Git prints a plain text answer to the person at the keyboard.
    response.type('text/plain').send(`${message}\n`);
  }
}

function describe(error: unknown): { status: number; message: string } {
  if (error instanceof GitHostError) {
    return { status: error.status, message: error.message };
  }
  if (error instanceof PacketFormatError) {
    return { status: 400, message: `Not a git request: ${error.message}.` };
  }
  if (isBodyError(error)) {
    return { status: error.status, message: error.message };
  }
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return {
      status: 507,
      message:
        "The git host's disk is full: free some space there and try again.",
    };
  }
  process.stderr.write(
    `git host: ${error instanceof Error ? error.stack : error}\n`,
  );
  return {
    status: 500,
    message: 'The git host failed; its log has the reason.',
  };
}

// What express' own body parser and router throw at bad input.
function isBodyError(error: unknown): error is Error & { status: number } {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status < 500
  );
}

function wantsPage(request: Request): boolean {
  return (
    request.method === 'GET' &&
    !request.path.startsWith('/api/') &&
    (request.headers.accept ?? '').includes('text/html')
  );
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The git host has no port.');
  }
  return address.port;
}
