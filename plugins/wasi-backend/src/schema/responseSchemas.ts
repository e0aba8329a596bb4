import { foundArtifactFormats } from '@wasi-functions/backstage-plugin-wasi-common';
import { historyResponses } from './historyResponses';
import { syncResponses } from './syncResponses';
import {
  code,
  flag,
  list,
  number,
  object,
  ref,
  text,
  type OpenApiObject,
} from './openApiParts';

const values = { type: 'object', additionalProperties: text };

const problem = object({
  cluster: {
    ...text,
    description: 'Empty where the problem is one of the entity itself.',
  },
  code,
  message: text,
  remedy: text,
});

/** The bodies that the routes answer with, see `wasi-common/src/api`. @internal */
export const responseSchemas: Record<string, OpenApiObject> = {
  Error: object({
    error: object({
      name: text,
      message: text,
      'code?': code,
      'remedy?': text,
      'findings?': list(ref('Finding')),
      'conflicts?': list(ref('FieldChange')),
    }),
  }),
  Finding: object({
    code,
    severity: { type: 'string', enum: ['error', 'warning', 'info'] },
    message: text,
    remedy: text,
    'path?': text,
    'line?': number,
    'column?': number,
  }),
  ModuleRef: object({ cluster: text, namespace: text, name: text }),
  ClusterProblem: problem,
  WasmModule: {
    type: 'object',
    description:
      'A WasmModule of wasm.serving.knative.dev/v1alpha1, as its CustomResourceDefinition says.',
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: { type: 'object' },
      status: { type: 'object' },
    },
    required: ['metadata', 'spec'],
  },
  ModuleHealth: object({
    state: {
      type: 'string',
      enum: ['ready', 'idle', 'progressing', 'degraded', 'failed', 'unknown'],
    },
    'reason?': text,
    message: text,
    'code?': code,
    'remedy?': text,
  }),
  ModuleEvent: object({
    type: { type: 'string', enum: ['Normal', 'Warning'] },
    reason: text,
    message: text,
    count: number,
    'lastSeen?': { ...text, format: 'date-time' },
    'about?': object({ kind: text, name: text }),
  }),
  ModuleView: object({
    ref: ref('ModuleRef'),
    module: ref('WasmModule'),
    health: ref('ModuleHealth'),
    findings: list(ref('Finding')),
    events: list(ref('ModuleEvent')),
    observedAt: { ...text, format: 'date-time' },
    'clusterAheadMs?': {
      ...number,
      description:
        'By how much the clock of the cluster, which dated conditions and events, is ahead of that of the backend, where it is off.',
    },
  }),
  ModuleListAnswer: object({
    items: list(ref('ModuleView')),
    problems: list(ref('ClusterProblem')),
    missing: list(ref('ModuleRef')),
    'answeredAt?': { ...text, format: 'date-time' },
    'userTokens?': list(ref('UserTokenCluster')),
  }),
  UserTokenCluster: object({ cluster: text, provider: text, expected: flag }),
  ModuleInspection: object({
    kind: { type: 'string', enum: ['component', 'module'] },
    wasi: { type: 'string', enum: ['0.1', '0.2', '0.3', 'none'] },
    'wasiVersion?': text,
    size: number,
    'gzipSize?': number,
    digest: text,
    sections: list(object({ name: text, size: number })),
    imports: list(text),
    exports: list(text),
    'world?': text,
    producers: list(object({ field: text, name: text, version: text })),
    'language?': text,
    'toolchain?': text,
    capabilities: list(object({ kind: text, imports: list(text) })),
    entry: { type: 'string', enum: ['http', 'command', 'none'] },
  }),
  ArtifactView: object({
    image: text,
    'digest?': text,
    'size?': number,
    'format?': { type: 'string', enum: [...foundArtifactFormats] },
    'inspection?': ref('ModuleInspection'),
    annotations: values,
    'supplyChain?': ref('SupplyChainView'),
    'problem?': ref('Finding'),
  }),
  SupplyChainView: object({
    'signature?': object({
      state: { type: 'string', enum: ['trusted', 'untrusted', 'none'] },
      keys: list(text),
    }),
    'provenance?': object({
      'source?': text,
      'revision?': text,
      'builder?': text,
      signed: flag,
    }),
    'sbom?': object({ packages: number, signed: flag }),
  }),
  LogsAnswer: object({ lines: list(text) }),
  LogLine: object({
    line: text,
    'at?': { ...text, format: 'date-time' },
    'source?': { type: 'string', enum: ['module', 'runner'] },
  }),
  InvokeAnswer: object({
    status: number,
    headers: list({ type: 'array', prefixItems: [text, text] }),
    body: text,
    encoding: { type: 'string', enum: ['utf-8', 'base64'] },
    truncated: flag,
    durationMs: number,
    'cloudEvent?': object({
      mode: { type: 'string', enum: ['binary', 'structured'] },
      attributes: values,
    }),
    'sentEventId?': text,
  }),
  BackendInfo: object({
    runtimes: list(
      object({
        name: text,
        label: text,
        language: text,
        maturity: { type: 'string', enum: ['stable', 'experimental'] },
        available: flag,
        problems: list(ref('Finding')),
      }),
    ),
    clusters: list(
      object({
        name: text,
        'title?': text,
        'identity?': object({
          kind: {
            type: 'string',
            enum: ['impersonation', 'user-token', 'service-account'],
          },
          'name?': text,
        }),
        'userTokens?': text,
        'problem?': ref('ClusterProblem'),
      }),
    ),
    registries: list(text),
  }),
  ...historyResponses,
  ...syncResponses,
};
