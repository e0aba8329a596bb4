import { z } from 'zod';
import type { OpenRequest } from './RepositoryHost';

/** A pull request as GitHub and Gitea answer with it, as far as it is read. @internal */
export const hostRequestSchema = z.object({
  number: z.number(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullable(),
});

/** @internal */
export function toOpenRequest(
  request: z.output<typeof hostRequestSchema>,
): OpenRequest {
  return {
    number: request.number,
    url: request.html_url,
    title: request.title,
    body: request.body ?? '',
  };
}
