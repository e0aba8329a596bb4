import type { ResourcePermission } from '@backstage/plugin-permission-common';
import type { Request, Response } from 'express';
import { parseRequest } from '../schema/parseRequest';
import { writeQuerySchema } from '../schema/requests';
import type { PlannedWrite } from '../services/ModuleChange';
import type { AuthorisedCall, RouteContext } from './RouteContext';

/**
 * Answers with the plan of a write where `dryRun` is asked for, else makes it.
 *
 * @internal
 */
export async function changeModule<Answer>(
  context: RouteContext,
  req: Request,
  res: Response,
  about: {
    eventId: string;
    permission: ResourcePermission;
    /** Of what was done: 200 by default. */
    status?: number;
  },
  compose: (
    call: AuthorisedCall,
  ) => PlannedWrite<Answer> | Promise<PlannedWrite<Answer>>,
): Promise<void> {
  const { dryRun, ...options } = parseRequest(writeQuerySchema, req.query);
  const { eventId, permission, status = 200 } = about;
  const answer = await context.write(
    req,
    res,
    {
      eventId: dryRun ? 'module-plan' : eventId,
      permission,
      ...(options.force && { meta: { force: true } }),
    },
    async call => {
      const write = await compose(call);
      return dryRun ? write.plan() : write.perform(options);
    },
  );
  res.status(dryRun ? 200 : status).json(answer);
}
