import { z } from 'zod';
import {
  foundArtifactFormats,
  type ArtifactView,
  type BackendInfo,
  type ClusterProblem,
  type Finding,
  type InvokeAnswer,
  type LogsAnswer,
  type ModuleInspection,
  type ModuleRef,
  type ModuleView,
  type SupplyChainView,
  type WasiErrorCode,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** A newer backend may know codes that this page does not: they are shown as they come. */
export const codeSchema = z.custom<WasiErrorCode>(
  code => typeof code === 'string',
);

export const findingSchema: z.ZodType<Finding> = z.looseObject({
  code: codeSchema,
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  remedy: z.string(),
});

export const moduleRefSchema: z.ZodType<ModuleRef> = z.object({
  cluster: z.string(),
  namespace: z.string(),
  name: z.string(),
});

const clusterProblemSchema: z.ZodType<ClusterProblem> = z.object({
  cluster: z.string(),
  code: codeSchema,
  message: z.string(),
  remedy: z.string(),
});

const moduleOutline = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ image: z.string() }),
});

const inspectionOutline = z.looseObject({
  size: z.number(),
  gzipSize: z.number().optional(),
  language: z.string().optional(),
  toolchain: z.string().optional(),
  sections: z.array(z.looseObject({ name: z.string(), size: z.number() })),
  imports: z.array(z.string()),
  exports: z.array(z.string()),
  producers: z.array(z.looseObject({ name: z.string() })),
  capabilities: z.array(z.looseObject({ kind: z.string() })),
});

export const moduleSchema = z.custom<WasmModule>(
  value => moduleOutline.safeParse(value).success,
  'is not a WasmModule',
);

/** One row of the list; the list itself keeps what is good. */
export const moduleViewSchema: z.ZodType<ModuleView> = z.object({
  ref: moduleRefSchema,
  module: moduleSchema,
  health: z.looseObject({
    state: z
      .enum(['ready', 'idle', 'progressing', 'degraded', 'failed', 'unknown'])
      .catch('unknown'),
    reason: z.string().optional(),
    message: z.string(),
    code: codeSchema.optional(),
    remedy: z.string().optional(),
  }),
  findings: z.array(findingSchema),
  events: z.array(
    z.object({
      type: z.enum(['Normal', 'Warning']).catch('Normal'),
      reason: z.string(),
      message: z.string(),
      count: z.number(),
      lastSeen: z.string().optional(),
    }),
  ),
  observedAt: z.string(),
  clusterAheadMs: z.number().optional(),
});

/** Outline of the list, whose rows are parsed one by one. */
export const moduleListOutlineSchema = z.object({
  items: z.array(z.unknown()),
  problems: z.array(clusterProblemSchema),
  missing: z.array(moduleRefSchema),
  answeredAt: z.string().optional(),
  userTokens: z
    .array(
      z.object({
        cluster: z.string(),
        provider: z.string(),
        expected: z.boolean(),
      }),
    )
    .optional(),
});

const supplyChainSchema: z.ZodType<SupplyChainView> = z.object({
  signature: z
    .object({
      state: z.enum(['trusted', 'untrusted', 'none']),
      keys: z.array(z.string()),
    })
    .optional(),
  provenance: z
    .object({
      source: z.string().optional(),
      revision: z.string().optional(),
      builder: z.string().optional(),
      signed: z.boolean(),
    })
    .optional(),
  sbom: z.object({ packages: z.number(), signed: z.boolean() }).optional(),
});

/** Answer of `GET …/artifact`. */
export const artifactViewSchema: z.ZodType<ArtifactView> = z.object({
  image: z.string(),
  digest: z.string().optional(),
  size: z.number().optional(),
  // A format of a newer backend is not worth losing the rest.
  format: z.enum(foundArtifactFormats).optional().catch(undefined),
  inspection: z
    .custom<ModuleInspection>(
      value => inspectionOutline.safeParse(value).success,
      'is not an inspection',
    )
    .optional(),
  annotations: z.record(z.string(), z.string()),
  supplyChain: supplyChainSchema.optional().catch(undefined),
  problem: findingSchema.optional(),
});

/** Answer of `GET …/logs`. */
export const logsAnswerSchema: z.ZodType<LogsAnswer> = z.object({
  lines: z.array(z.string()),
});

/** Answer of `POST …/invoke`. */
export const invokeAnswerSchema: z.ZodType<InvokeAnswer> = z.object({
  status: z.number(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
  encoding: z.enum(['utf-8', 'base64']),
  truncated: z.boolean(),
  durationMs: z.number(),
  cloudEvent: z
    .object({
      mode: z.enum(['binary', 'structured']),
      attributes: z.record(z.string(), z.string()),
    })
    .optional(),
  sentEventId: z.string().optional(),
});

/** Answer of `GET /v1/info`. */
export const backendInfoSchema: z.ZodType<BackendInfo> = z.object({
  runtimes: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      language: z.string(),
      maturity: z.enum(['stable', 'experimental']).catch('experimental'),
      available: z.boolean(),
      problems: z.array(findingSchema),
    }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      title: z.string().optional(),
      identity: z
        .object({
          kind: z.enum(['impersonation', 'user-token', 'service-account']),
          name: z.string().optional(),
        })
        .optional(),
      userTokens: z.string().optional(),
      problem: clusterProblemSchema.optional(),
    }),
  ),
  registries: z.array(z.string()),
});
