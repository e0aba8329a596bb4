import {
  code,
  list,
  number,
  object,
  ref,
  text,
  type OpenApiObject,
} from './openApiParts';

const time = { ...text, format: 'date-time' };

/** The bodies that the routes of the history answer with. @internal */
export const historyResponses: Record<string, OpenApiObject> = {
  Deployment: object({
    id: text,
    entity: text,
    ref: ref('ModuleRef'),
    action: {
      type: 'string',
      enum: ['create', 'update', 'redeploy', 'rollback', 'delete'],
    },
    origin: {
      type: 'string',
      enum: ['template', 'catalog', 'portal', 'api', 'mcp', 'cluster'],
    },
    actor: text,
    state: {
      type: 'string',
      enum: ['running', 'succeeded', 'failed', 'superseded', 'unknown'],
    },
    'message?': text,
    'code?': code,
    'remedy?': text,
    image: text,
    'digest?': text,
    'size?': number,
    'generation?': number,
    'rollbackOf?': text,
    startedAt: time,
    'endedAt?': time,
  }),
  DeploymentListAnswer: object({
    items: list(ref('Deployment')),
    'next?': text,
  }),
  DeploymentView: object({
    deployment: ref('Deployment'),
    'module?': ref('WasmModule'),
    changes: list(ref('FieldChange')),
  }),
  FieldChange: object({
    path: text,
    kind: { type: 'string', enum: ['added', 'removed', 'changed'] },
    'before?': text,
    'after?': text,
    'owner?': text,
    'newOwner?': text,
  }),
  DeploymentDiffAnswer: object({ changes: list(ref('FieldChange')) }),
  DeploymentReportAnswer: object({ id: text }),
  PlanAnswer: object({
    ref: ref('ModuleRef'),
    action: { type: 'string', enum: ['create', 'update', 'none', 'delete'] },
    'module?': ref('WasmModule'),
    changes: list(ref('FieldChange')),
    conflicts: list(ref('FieldChange')),
    findings: list(ref('Finding')),
    basis: {
      ...text,
      description:
        'Sent as `basis` with the write, that is refused where what this was planned over has changed since.',
    },
  }),
};
