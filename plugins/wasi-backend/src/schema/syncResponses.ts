import {
  code,
  flag,
  list,
  object,
  ref,
  text,
  type OpenApiObject,
} from './openApiParts';

const time = { ...text, format: 'date-time' };

/** The body that the routes of deploys from the catalog answer with. @internal */
export const syncResponses: Record<string, OpenApiObject> = {
  SyncView: object({
    enabled: flag,
    findings: list(ref('Finding')),
    targets: list(ref('SyncTarget')),
    'suspended?': object({ by: text, at: time, 'reason?': text }),
  }),
  SyncTarget: object({
    environment: text,
    ref: ref('ModuleRef'),
    mode: { type: 'string', enum: ['apply', 'pull-request', 'observe'] },
    state: {
      type: 'string',
      enum: ['in-step', 'progressing', 'drifted', 'failed', 'unknown'],
    },
    message: text,
    'code?': code,
    'remedy?': text,
    source: object({ url: text, 'revision?': text, 'overlay?': text }),
    drift: list(ref('FieldChange')),
    'pullRequest?': object({ url: text }),
    'managedBy?': text,
    'lastRunAt?': time,
    'nextRunAt?': time,
  }),
};
