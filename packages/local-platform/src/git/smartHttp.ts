import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Request, Router } from 'express';
import { advertiseReferences, type GitService } from './advertiseReferences';
import { visibleRepository } from './authentication';
import { asyncRoute, type GitHostContext } from './context';
import { GitHostError } from './GitHostError';
import { receivePack } from './receivePack';
import type { Repository } from './RepositoryStore';
import { uploadPack } from './uploadPack';

// A fetch names commits only; what comes in bulk is a push.
const MAX_FETCH_BYTES = 8 * 1024 * 1024;

/**
 * Clone, fetch and push: https://git-scm.com/docs/http-protocol
 *
 * @internal
 */
export function smartHttp(context: GitHostContext): Router {
  const router = Router();

  router.get(
    '/:owner/:repository/info/refs',
    asyncRoute(async (request, response) => {
      const service = serviceOf(request.query.service);
      const repository = await openRepository(context, request, service);
      response
        .type(`application/x-${service}-advertisement`)
        .set('Cache-Control', 'no-cache')
        .send(await advertiseReferences(repository, service));
    }),
  );

  router.post(
    '/:owner/:repository/git-upload-pack',
    asyncRoute(async (request, response) => {
      const repository = await openRepository(
        context,
        request,
        'git-upload-pack',
      );
      const body = await readBody(request, MAX_FETCH_BYTES);
      response
        .type('application/x-git-upload-pack-result')
        .set('Cache-Control', 'no-cache');
      await pipeline(Readable.from(uploadPack(repository, body)), response);
    }),
  );

  router.post(
    '/:owner/:repository/git-receive-pack',
    asyncRoute(async (request, response) => {
      const repository = await openRepository(
        context,
        request,
        'git-receive-pack',
      );
      const body = await readBody(request, context.maxPushBytes);
      const answer = await context.repositories.exclusively(repository, () =>
        receivePack(repository, body, context.maxPushBytes),
      );
      response
        .type('application/x-git-receive-pack-result')
        .set('Cache-Control', 'no-cache')
        .send(answer);
    }),
  );

  return router;
}

function serviceOf(value: unknown): GitService {
  if (value === 'git-upload-pack' || value === 'git-receive-pack') {
    return value;
  }
  throw new GitHostError(
    400,
    'Only smart HTTP is spoken here: ask for git-upload-pack or git-receive-pack.',
  );
}

async function openRepository(
  context: GitHostContext,
  request: Request,
  service: GitService,
): Promise<Repository> {
  const { owner, repository: name } = request.params;
  const isPush = service === 'git-receive-pack';
  if (isPush) {
    context.authentication.requireSignIn(request);
  }
  const repository = await context.repositories.find(
    owner,
    name.replace(/\.git$/, ''),
  );
  // Git offers its credentials only after a 401, so a repository that is not
  // there and a private one look alike to the anonymous.
  if (!repository || repository.private) {
    context.authentication.requireSignIn(request);
  }
  return visibleRepository(context, request);
}

async function readBody(request: Request, limit: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new GitHostError(
      415,
      `Content-Encoding ${encoding} is not read here.`,
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > limit) {
        throw new GitHostError(
          413,
          `The request is larger than ${limit} bytes.`,
        );
      }
      chunks.push(chunk);
    }
  };
  if (encoding === 'gzip') {
    await pipeline(request, createGunzip(), collect);
  } else {
    await collect(request);
  }
  return Buffer.concat(chunks);
}
