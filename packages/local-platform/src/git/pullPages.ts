import { Router } from 'express';
import { visibleRepository } from './authentication';
import { asyncRoute, type GitHostContext } from './context';
import { html, page } from './html';
import {
  findPullRequest,
  listPullRequests,
  type PullRequest,
} from './PullRequests';

/**
 * Pages of pull requests, so that the portal's links to them lead somewhere.
 *
 * @internal
 */
export function pullPages(context: GitHostContext): Router {
  const router = Router();

  router.get(
    '/:owner/:repository/pulls',
    asyncRoute(async (request, response) => {
      const { gitdir, name, owner } = await visibleRepository(context, request);
      const pulls = (await listPullRequests(gitdir)).reverse();
      const title = `Pull requests of ${owner}/${name}`;
      response.send(
        page(
          title,
          html`<h1>${title}</h1>
            ${pulls.length > 0
              ? html`<ul>
                  ${pulls.map(
                    pull => html`<li>
                      <a href="/${owner}/${name}/pulls/${pull.number}"
                        >${pull.title}</a
                      >
                      ${stateOf(pull)}
                    </li>`,
                  )}
                </ul>`
              : html`<p>Nobody has asked for anything yet.</p>`}`,
        ),
      );
    }),
  );

  router.get(
    '/:owner/:repository/pulls/:number(\\d+)',
    asyncRoute(async (request, response) => {
      const { gitdir, name, owner } = await visibleRepository(context, request);
      const pull = await findPullRequest(gitdir, Number(request.params.number));
      const { base, head } = pull;
      response.send(
        page(
          pull.title,
          html`<h1>${pull.title}</h1>
            <p>
              <a href="/${owner}/${name}/pulls">${owner}/${name}</a>,
              ${stateOf(pull)}: <code>${head}</code> into <code>${base}</code>
            </p>
            <pre>${pull.body}</pre>
            <p>
              <code>git merge origin/${head}</code>, or
              <code
                >curl -u ${context.username} -X POST
                ${context.baseUrl()}/api/v1/repos/${owner}/${name}/pulls/${pull.number}/merge</code
              >
            </p>`,
        ),
      );
    }),
  );
  return router;
}

function stateOf({ state, merged }: PullRequest): string {
  return merged ? 'merged' : state;
}
