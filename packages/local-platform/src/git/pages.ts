import { Router } from 'express';
import { visibleRepository } from './authentication';
import { asyncRoute, type GitHostContext } from './context';
import { html, type Markup, page } from './html';
import { ObjectReader, type TreeEntry } from './ObjectReader';
import { headBranch, listReferences } from './references';
import {
  defaultBranch,
  type FileNode,
  readPath,
  resolveCommit,
} from './repositoryFiles';
import type { Repository } from './RepositoryStore';
import { isText, sendRaw } from './sendRaw';

const MAX_SHOWN_BYTES = 512 * 1024;

/**
 * Small pages, so that the portal's links to repositories lead somewhere.
 *
 * @internal
 */
export function pages(context: GitHostContext): Router {
  const router = Router();

  router.get(
    ['/', '/:owner'],
    asyncRoute(async (request, response) => {
      const { owner } = request.params;
      const signedIn = context.authentication.isSignedIn(request);
      const found = await context.repositories.list(owner);
      const visible = found.filter(
        repository => signedIn || !repository.private,
      );
      if (owner && visible.length === 0) {
        response.status(404);
      }
      response.send(listPage(owner ?? 'Repositories', visible));
    }),
  );

  router.get(
    [
      '/:owner/:repository/raw/:kind(branch|tag|commit)/:reference/*',
      '/:owner/:repository/raw/:reference/*',
    ],
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const commit = await resolveCommit(objects, request.params.reference);
      await sendRaw(response, objects, commit, request.params[0]);
    }),
  );

  router.get(
    '/:owner/:repository/_edit/:reference/*',
    asyncRoute(async (request, response) => {
      // There is no editor here; the portal's "edit" link shows the file.
      const { owner, repository, reference } = request.params;
      const path = request.params[0].split('/').map(encodeURIComponent);
      response.redirect(
        `/${encodeURIComponent(owner)}/${encodeURIComponent(
          repository,
        )}/src/branch/${encodeURIComponent(reference)}/${path.join('/')}`,
      );
    }),
  );

  router.get(
    [
      '/:owner/:repository',
      '/:owner/:repository/src/:kind(branch|tag|commit)/:reference',
      '/:owner/:repository/src/:kind(branch|tag|commit)/:reference/*',
    ],
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const { reference } = request.params;
      const references = await listReferences(objects);
      const head = await headBranch(repository.gitdir);
      if (!reference && !references.some(({ name }) => name === head)) {
        response.send(emptyPage(context, repository));
        return;
      }
      const commit = await resolveCommit(objects, reference);
      const path = (request.params[0] ?? '').replace(/\/+$/, '');
      const node = await readPath(objects, commit, path);
      const base = `/${repository.owner}/${repository.name}`;
      const shown = reference ?? (await defaultBranch(repository.gitdir));
      const kind = request.params.kind ?? 'branch';
      response.send(
        page(
          [repository.owner, repository.name, path].filter(Boolean).join('/'),
          html`${header(context, repository)}
            <p class="path">
              ${breadcrumbs({ base, kind, reference: shown, path })}
            </p>
            ${await content(objects, node, { base, kind, shown, path })}
            <p class="note">
              Commit <code>${commit.oid.slice(0, 10)}</code> by
              ${commit.author.name},
              ${new Date(commit.author.timestamp * 1000).toISOString()}:
              ${commit.message.split('\n')[0]}
            </p>`,
        ),
      );
    }),
  );
  return router;
}

function listPage(title: string, repositories: Repository[]): string {
  const rows = repositories.map(
    ({ description, name, owner }) =>
      html`<li>
        <a href="/${owner}/${name}">${owner}/${name}</a> ${description}
      </li>`,
  );
  return page(
    title,
    html`<h1>${title}</h1>
      ${rows.length > 0
        ? html`<ul>
            ${rows}
          </ul>`
        : html`<p>No repository yet. A template of the portal makes one.</p>`}`,
  );
}

function emptyPage(context: GitHostContext, repository: Repository): string {
  return page(
    `${repository.owner}/${repository.name}`,
    html`${header(context, repository)}
      <p>This repository is empty. Push a commit to it.</p>`,
  );
}

function header(context: GitHostContext, repository: Repository): Markup {
  const { description, name, owner } = repository;
  return html`<h1>
      <a href="/${owner}">${owner}</a> /
      <a href="/${owner}/${name}">${name}</a>
    </h1>
    <p>${description}</p>
    <p>
      <code>git clone ${context.baseUrl()}/${owner}/${name}.git</code>
    </p>`;
}

function breadcrumbs(options: {
  base: string;
  kind: string;
  reference: string;
  path: string;
}): Markup {
  const { base, kind, path, reference } = options;
  const root = `${base}/src/${kind}/${encodeURIComponent(reference)}`;
  const parts = path.split('/').filter(Boolean);
  return html`<a href="${root}">${reference}</a>${parts.map(
      (part, index) =>
        html` /
          <a
            href="${root}/${parts
              .slice(0, index + 1)
              .map(encodeURIComponent)
              .join('/')}"
            >${part}</a
          >`,
    )}`;
}

async function content(
  objects: ObjectReader,
  node: FileNode,
  at: { base: string; kind: string; shown: string; path: string },
): Promise<Markup> {
  const path = at.path.split('/').filter(Boolean).map(encodeURIComponent);
  const under = (area: string) =>
    [
      `${at.base}/${area}/${at.kind}`,
      encodeURIComponent(at.shown),
      ...path,
    ].join('/');
  if (node.type === 'directory') {
    const readme = node.entries.find(({ path: name }) =>
      /^readme(\.md)?$/i.test(name),
    );
    return html`<ul class="files">
        ${sorted(node.entries).map(
          entry =>
            html`<li>
              <a href="${under('src')}/${encodeURIComponent(entry.path)}"
                >${entry.path}${entry.type === 'tree' ? '/' : ''}</a
              >
            </li>`,
        )}
      </ul>
      ${readme
        ? html`<pre>
${Buffer.from(await objects.blob(readme.oid)).toString('utf8')}</pre
          >`
        : html``}`;
  }
  const bytes = await objects.blob(node.oid);
  const raw = html`<p>
    <a href="${under('raw')}">Raw</a>, ${bytes.length} bytes
  </p>`;
  return isText(bytes) && bytes.length <= MAX_SHOWN_BYTES
    ? html`${raw}
        <pre>${Buffer.from(bytes).toString('utf8')}</pre>`
    : html`${raw}
        <p>This file is not shown: it is not text, or too long.</p>`;
}

function sorted(entries: TreeEntry[]): TreeEntry[] {
  return [...entries].sort(
    (left, right) =>
      Number(right.type === 'tree') - Number(left.type === 'tree') ||
      left.path.localeCompare(right.path),
  );
}
