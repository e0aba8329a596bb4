import { z } from 'zod';
import type { FoundArtifactFormat } from '../artifactFormats';
import { catalogue, type WasiErrorCode } from '../diagnosis';
import type { Finding } from '../diagnosis';
import type { ModuleInspection } from '../inspection';
import type { ModuleEvent, ModuleHealth, WasmModule } from '../wasmModule';
import { fieldChangeSchema, type FieldChange } from './deployments';

/**
 * Names one module: which cluster, which namespace, which name.
 *
 * @public
 */
export interface ModuleRef {
  cluster: string;
  namespace: string;
  name: string;
}

/**
 * A module as the portal shows it.
 *
 * @public
 */
export interface ModuleView {
  ref: ModuleRef;
  /** The resource, with secret-looking env values replaced by {@link MASKED_VALUE} and without managedFields. */
  module: WasmModule;
  health: ModuleHealth;
  /** What the real controller and runner will not do with it. */
  findings: Finding[];
  events: ModuleEvent[];
  /** When the backend last heard from the cluster, RFC 3339. */
  observedAt: string;
  /** By how much the cluster's clock is ahead of the backend's, in milliseconds, where it is off. */
  clusterAheadMs?: number;
}

/**
 * Why one cluster has nothing to say.
 *
 * @public
 */
export interface ClusterProblem {
  cluster: string;
  code: WasiErrorCode;
  message: string;
  remedy: string;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/modules`.
 *
 * @public
 */
export interface ModuleListAnswer {
  items: ModuleView[];
  /** One per cluster that could not answer; travels beside the data. */
  problems: ClusterProblem[];
  /** Refs that the entity names and no cluster has. */
  missing: ModuleRef[];
  /** By the backend's clock, RFC 3339: that of a browser may be off. */
  answeredAt?: string;
  /** Clusters that were not read, for they take only users' tokens and took none. */
  userTokens?: UserTokenCluster[];
}

/**
 * A cluster that shows modules only to who sends a token of their own.
 *
 * @public
 */
export interface UserTokenCluster {
  cluster: string;
  /** Whose token it takes, e.g. `google` or `oidc.okta`. */
  provider: string;
  /** The entity names the cluster, or leaves open which ones have its modules. */
  expected: boolean;
}

/**
 * What is known of where an image comes from, and what is in it.
 *
 * @public
 */
export interface SupplyChainView {
  /** Whether a trusted key signed the image; absent without keys to check by. */
  signature?: {
    state: 'trusted' | 'untrusted' | 'none';
    /** Names of the keys that signed it. */
    keys: string[];
  };
  /** What is said of how it was built; proven only if `signed`. */
  provenance?: {
    source?: string;
    revision?: string;
    /** Who says so. */
    builder?: string;
    /** By a trusted key. */
    signed: boolean;
  };
  sbom?: {
    /** Without those that are needed for development alone. */
    packages: number;
    /** By a trusted key. */
    signed: boolean;
  };
}

/**
 * Answer of `GET …/modules/:cluster/:moduleNamespace/:moduleName/artifact`.
 *
 * @public
 */
export interface ArtifactView {
  image: string;
  /** Digest of the manifest. */
  digest?: string;
  /** Bytes of the layer, from the manifest. */
  size?: number;
  /** How the registry holds the module; known once it was read. */
  format?: FoundArtifactFormat;
  inspection?: ModuleInspection;
  /** Tag, entity, commit and builder, as the manifest's annotations say. */
  annotations: Record<string, string>;
  /** Absent where it is not known. */
  supplyChain?: SupplyChainView;
  /** Why there is no inspection. */
  problem?: Finding;
}

/**
 * Answer of `GET …/logs`.
 *
 * @public
 */
export interface LogsAnswer {
  /** Oldest first. */
  lines: string[];
}

/**
 * The CloudEvent that a module answered with.
 *
 * @public
 */
export interface CloudEventAnswer {
  /** `binary`: in the headers; `structured`: in the body. */
  mode: 'binary' | 'structured';
  /** `id`, `source`, `specversion`, `type` and what else the event says of itself, by the names of the specification. */
  attributes: Record<string, string>;
}

/**
 * One line of `GET …/logs?follow=true`, which answers with one JSON object a line
 * and an empty line now and then to say that it is still there.
 *
 * @public
 */
export interface LogLine {
  line: string;
  /** When it was written, RFC 3339. */
  at?: string;
  /** Who wrote it; absent for what the portal says of the log. */
  source?: 'module' | 'runner';
}

/**
 * Answer of `POST …/invoke`: what the function answered.
 *
 * @public
 */
export interface InvokeAnswer {
  status: number;
  headers: [string, string][];
  /** Text, or base64 where `encoding` says so. */
  body: string;
  encoding: 'utf-8' | 'base64';
  /** True where the body was cut at the limit (1 MiB). */
  truncated: boolean;
  durationMs: number;
  /** Absent where the answer is none, or not one that is valid. */
  cloudEvent?: CloudEventAnswer;
  /** The `id` of the CloudEvent that was sent. */
  sentEventId?: string;
}

/**
 * As whom a cluster is called for a user of the portal.
 *
 * @public
 */
export interface ClusterIdentity {
  /**
   * `impersonation`: as the user, by the rights of the portal's account to impersonate;
   * `user-token`: by the user's own token; `service-account`: as the portal's account.
   */
  kind: 'impersonation' | 'user-token' | 'service-account';
  /** What the cluster takes the caller for, where it is known, e.g. `jane` or `system:serviceaccount:backstage:backstage`. */
  name?: string;
}

/**
 * A cluster of the configuration, and why it cannot be used if so.
 *
 * @public
 */
export interface ClusterView {
  name: string;
  title?: string;
  /** As whom this cluster is called for the user who asks. */
  identity?: ClusterIdentity;
  /**
   * It takes only users' own tokens of this provider, e.g. `google` or `oidc.okta`;
   * the page sends them as `CLUSTER_TOKENS_HEADER`.
   */
  userTokens?: string;
  problem?: ClusterProblem;
}

/**
 * One runtime and whether this backend can build it.
 *
 * @public
 */
export interface RuntimeView {
  name: string;
  label: string;
  language: string;
  maturity: 'stable' | 'experimental';
  /** False where a tool is missing or no recipe exists; `problems` says which. */
  available: boolean;
  problems: Finding[];
}

/**
 * Answer of `GET /v1/info`: what this backend can build, and where to.
 *
 * @public
 */
export interface BackendInfo {
  runtimes: RuntimeView[];
  clusters: ClusterView[];
  /** Prefixes that templates may push to, e.g. `localhost:5000/functions`. */
  registries: string[];
}

/**
 * Stands for an env value that must not reach the browser.
 *
 * A module sent back with it keeps the value the cluster has.
 *
 * @public
 */
export const MASKED_VALUE = '••••••••';

// What the type String of the specification allows:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
const eventText = z
  .string()
  .min(1)
  .max(2048)
  .regex(
    /^[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]*$/u,
    'has a character that no CloudEvent may have',
  );

/**
 * A CloudEvent to send in binary mode, its data being the body of the request.
 *
 * @public
 */
export const cloudEventSchema = z.strictObject({
  type: eventText,
  /** A URI reference, e.g. `/orders` or `https://shop.example.com/`. */
  source: eventText.regex(/^[^\s<>"{}|\\^`]+$/, 'must be a URI reference'),
  /** Made up where it is left out. */
  id: eventText.optional(),
  subject: eventText.optional(),
  /** Media type of the body. */
  dataContentType: z
    .string()
    .max(256)
    .regex(
      /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/,
      'must be a media type',
    )
    .optional(),
});

/**
 * Body of `POST …/invoke`.
 *
 * @public
 */
export const invokeRequestSchema = z
  .strictObject({
    /** GET by default, POST for a CloudEvent. */
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      .optional(),
    /** Path with query, starts with one slash. */
    path: z
      .string()
      .max(8192)
      .regex(/^\/(?!\/)/, 'must start with one slash')
      .default('/'),
    headers: z.record(z.string().max(256), z.string().max(8192)).default({}),
    body: z
      .string()
      .max(1024 * 1024)
      .optional(),
    cloudEvent: cloudEventSchema.optional(),
  })
  .transform(request => ({
    ...request,
    method: request.method ?? (request.cloudEvent ? 'POST' : 'GET'),
  }));

/**
 * A request to a function, as a client writes it: what has a default may be left out.
 *
 * @public
 */
export type InvokeRequest = z.input<typeof invokeRequestSchema>;

/**
 * The part of an error answer that a client reads.
 *
 * @public
 */
export interface ErrorBody {
  error: {
    name: string;
    message: string;
    code?: WasiErrorCode;
    remedy?: string;
    /** Fields of others that a write would have taken. */
    conflicts?: FieldChange[];
  };
}

/**
 * Reads an {@link ErrorBody}; a code of a later version is left out.
 *
 * @public
 */
export const errorBodySchema: z.ZodType<ErrorBody> = z.looseObject({
  error: z.looseObject({
    name: z.string(),
    message: z.string(),
    code: z
      .string()
      .refine((code): code is WasiErrorCode => code in catalogue)
      .optional()
      .catch(undefined),
    remedy: z.string().optional(),
    conflicts: z.array(fieldChangeSchema).optional().catch(undefined),
  }),
});

/**
 * Signals channel on which the backend tells that modules or clusters changed; the message
 * is a {@link ModulesChangedSignal}, the data is fetched again.
 *
 * @public
 */
export const MODULES_CHANGED_CHANNEL = 'wasi:modules';

/**
 * Message on {@link MODULES_CHANGED_CHANNEL}.
 *
 * @public
 */
export type ModulesChangedSignal = {
  /** `cluster/namespace/name` of the modules that changed. */
  modules: string[];
  /** Set where too many changed to name them; `modules` is empty then. */
  many?: true;
  /** Set where one of them came, or may belong to other entities than before. */
  moved?: true;
  /** Clusters whose problem came, went or is another one. */
  clusters?: string[];
};
