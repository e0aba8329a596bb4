import type { WasiErrorCode } from '../diagnosis';

/**
 * A failure that is recognised by what the runner, Knative or the controller says.
 *
 * @internal
 */
export interface FailureCause {
  code: WasiErrorCode;
  /** For a portal user, without the raw text. */
  summary: string;
  remedy?: string;
}

/** No message of a cluster is longer; some patterns take time by the square of it. */
const MAX_LENGTH = 10_000;

type KnownCause = FailureCause & { says: RegExp };

/**
 * What oci-distribution 0.11 and Wasmtime 34 print in the runner. Telling enough
 * to be looked for in a log, which holds the module's own lines too. The first
 * that matches decides, so the special ones stand before the general.
 */
const RUNNER_CAUSES: KnownCause[] = [
  {
    says: /Not authorized: url|Authentication failure:/,
    code: 'IMAGE_NOT_ANONYMOUS',
    summary: 'the registry asks for a login, and the runner pulls without',
  },
  {
    says: /no entry found in image index manifest/i,
    code: 'IMAGE_INDEX_UNSUPPORTED',
    summary: "the image is an index without an entry for the runner's platform",
  },
  {
    says: /Incompatible layer media type:|expected to have one layer|No layers to pull/i,
    code: 'IMAGE_LAYOUT_UNSUPPORTED',
    summary: 'the image is no single-layer WebAssembly artifact',
  },
  {
    says: /Image manifest not found:|Registry error: url/,
    code: 'MODULE_IMAGE_PULL_FAILED',
    summary: 'the image cannot be pulled',
  },
  {
    says: /attempted to parse a wasm module with a component parser/i,
    code: 'MODULE_IS_CORE',
    summary: 'the file is a core module, and the runner takes components',
  },
  {
    says: /matching implementation was not found in the linker/i,
    code: 'MODULE_IMPORT_UNSUPPORTED',
    summary: 'the module imports something that the runner does not have',
  },
  {
    says: /no exported instance named/i,
    code: 'MODULE_NOT_HTTP',
    summary: 'the module does not export wasi:http/incoming-handler',
  },
  {
    says: /failed to parse WebAssembly|magic header not detected|WebAssembly translation error|Invalid input WebAssembly code/,
    code: 'MODULE_FAILED_TO_COMPILE',
    summary: 'the module does not compile',
  },
  {
    says: /Dir mount host path does not exist:/i,
    code: 'MOUNT_PATH_INVALID',
    summary: 'a mounted directory does not exist in the pod',
  },
  {
    says: /guest never invoked/i,
    code: 'MODULE_RUN_FAILED',
    summary: 'the module ended without answering the request',
  },
];

/**
 * What Knative, the controller and the API server say in conditions and events;
 * too general to be looked for in a log.
 */
const CLUSTER_CAUSES: KnownCause[] = [
  {
    says: /OOMKilled|out of memory|exit(ed with)? (status|code):? 137/i,
    code: 'MODULE_OUT_OF_MEMORY',
    summary: 'the runner was killed for lack of memory',
    remedy:
      'Raise `deploy.options.resources.limits.memory`; compiling takes more than running.',
  },
  {
    says: /http: server gave HTTP response to HTTPS client|InvalidContentType|wrong version number/i,
    code: 'MODULE_IMAGE_PULL_FAILED',
    summary: 'the registry speaks plain HTTP, and is pulled from by HTTPS',
    remedy:
      'Add the registry to `insecure-registries` in the ConfigMap config-runner.',
  },
  {
    says: /\bUNAUTHORIZED\b|authentication required/i,
    code: 'IMAGE_NOT_ANONYMOUS',
    summary: 'the registry asks for a login, and the runner pulls without',
  },
  {
    says: /MANIFEST_UNKNOWN|NAME_UNKNOWN|manifest unknown|error sending request for url|dns error|tcp connect error/i,
    code: 'MODULE_IMAGE_PULL_FAILED',
    summary: 'the image cannot be pulled',
  },
  {
    says: /unexpected end[- ]of[- ]file|failed to compile|invalid wasm/i,
    code: 'MODULE_FAILED_TO_COMPILE',
    summary: 'the module does not compile',
  },
  {
    says: /valueFrom is not yet supported/i,
    code: 'ENV_VALUE_FROM_UNSUPPORTED',
    summary: 'an env value comes from a Secret or ConfigMap',
  },
  {
    says: /undefined volume reference/i,
    code: 'VOLUME_UNDEFINED',
    summary: 'a mount names a volume that does not exist',
  },
  {
    says: /volume with name \S+ not mounted/i,
    code: 'VOLUME_NOT_MOUNTED',
    summary: 'a volume is not mounted',
  },
  {
    says: /autoscaling annotations must be put under|autoscaling\.knative\.dev/i,
    code: 'AUTOSCALING_ANNOTATION',
    summary: 'Knative refuses its autoscaling annotation',
  },
  {
    says: /(persistent volume claim|hostPath|csi|ephemeral|image).* (is disabled|support is off|must not set)|must not set the field\(s\): \S*(persistentVolumeClaim|hostPath)/i,
    code: 'VOLUME_KIND_DISABLED',
    summary: 'Knative has this kind of volume switched off',
  },
  {
    says: /exceeded quota/i,
    code: 'NAMESPACE_QUOTA_EXCEEDED',
    summary: 'the quota of the namespace is used up',
  },
  {
    says: /could not find the requested resource \(\w+ services\.serving\.knative\.dev/i,
    code: 'KNATIVE_MISSING',
    summary: 'the cluster has no Knative Serving, which runs it',
  },
  {
    says: /is forbidden:/i,
    code: 'CLUSTER_FORBIDDEN',
    summary: 'the controller may not create the Knative Service',
    remedy: 'Grant it the verb that the message names.',
  },
  {
    says: /we do not own|not owned by|already exists/i,
    code: 'MODULE_SERVICE_UNAVAILABLE',
    summary:
      'a Knative Service of this name exists and belongs to something else',
    remedy: 'Deploy under another name, or delete that Service.',
  },
];

/**
 * Recognises a failure by what a condition or an event says, else by the log.
 *
 * @internal
 */
export function findFailureCause(
  message: string,
  logTail: readonly string[] = [],
): FailureCause | undefined {
  const start = message.slice(0, MAX_LENGTH);
  const found =
    [...RUNNER_CAUSES, ...CLUSTER_CAUSES].find(({ says }) =>
      says.test(start),
    ) ??
    RUNNER_CAUSES.find(({ says }) =>
      logTail.some(line => says.test(line.slice(0, MAX_LENGTH))),
    );
  if (!found) {
    return undefined;
  }
  const { says: _, ...cause } = found;
  return cause;
}
