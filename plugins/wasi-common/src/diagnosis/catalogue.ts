/**
 * One known failure: its cause in a user's words, the next step, and the
 * `@backstage/errors` name that decides the HTTP status.
 *
 * @public
 */
export interface CatalogueEntry {
  /** A short noun phrase for headings. */
  title: string;
  /** What to do next, in one or two sentences. */
  remedy: string;
  errorName:
    | 'InputError'
    | 'AuthenticationError'
    | 'NotAllowedError'
    | 'NotFoundError'
    | 'ConflictError'
    | 'NotImplementedError'
    | 'ServiceUnavailableError';
}

function entry(
  errorName: CatalogueEntry['errorName'],
  title: string,
  remedy: string,
): CatalogueEntry {
  return { errorName, title, remedy };
}

/**
 * The error catalogue: every failure the plugin set knows, keyed by its stable code.
 *
 * Serves the user interface, the action logs and the documentation alike.
 *
 * @public
 */
export const catalogue = {
  // func.yaml
  FUNC_YAML_MISSING: entry(
    'NotFoundError',
    'No func.yaml',
    'Add a func.yaml to the folder, or name its path.',
  ),
  FUNC_YAML_TOO_LARGE: entry(
    'InputError',
    'func.yaml is too large',
    'Keep func.yaml below 256 KiB.',
  ),
  FUNC_YAML_SYNTAX: entry(
    'InputError',
    'func.yaml is not valid YAML',
    'Correct the YAML at the line named.',
  ),
  FUNC_YAML_INVALID: entry(
    'InputError',
    'func.yaml has a wrong value',
    'Correct the field named.',
  ),
  FUNC_YAML_UNKNOWN_FIELD: entry(
    'InputError',
    'func.yaml has an unknown field',
    'Correct the spelling, or remove the field.',
  ),
  FUNC_FIELD_NOT_MAPPED: entry(
    'InputError',
    'func.yaml field without effect',
    'Remove the field; a WasmModule has nothing like it.',
  ),
  RUNTIME_UNKNOWN: entry(
    'InputError',
    'Unknown runtime',
    'Choose one of the WASI runtimes, such as js-wasi or rust-wasi.',
  ),
  RUNTIME_DETECTED: entry(
    'InputError',
    'Runtime told by the sources',
    'Write it into func.yaml as `runtime`, so that it stays when files are added.',
  ),
  RUNTIME_AMBIGUOUS: entry(
    'InputError',
    'Sources of several runtimes',
    'Name one of them as `runtime` in func.yaml.',
  ),
  RUNTIME_CONTRADICTED: entry(
    'InputError',
    'Sources of another runtime',
    'Correct `runtime` in func.yaml, or name the source as `build.source`.',
  ),
  BUILD_ENV_REFUSED: entry(
    'InputError',
    'Variable that a build does not get',
    'Use another name, or write the value into the sources.',
  ),
  BUILDER_INCOMPATIBLE: entry(
    'InputError',
    'Builder does not fit the runtime',
    'Remove `build.builder`; it is inferred from the runtime.',
  ),
  DEPLOYER_INCOMPATIBLE: entry(
    'InputError',
    'Deployer does not fit the runtime',
    'Remove `deploy.deployer`; it is inferred from the runtime.',
  ),
  NOT_A_WASI_FUNCTION: entry(
    'InputError',
    'Not a WASI function',
    'Use a `*-wasi` runtime; container functions are deployed with func itself.',
  ),
  NAME_INVALID: entry(
    'InputError',
    'Invalid name',
    'Use lower-case letters, digits and dashes, at most 63 characters, starting with a letter.',
  ),
  IMAGE_REFERENCE_INVALID: entry(
    'InputError',
    'Invalid image reference',
    'Write it as registry/repository:tag or registry/repository@sha256:digest, in lower case.',
  ),
  IMAGE_UNKNOWN: entry(
    'InputError',
    'No image',
    'Set `registry` or `image` in func.yaml.',
  ),
  NETWORK_PATTERN_INVALID: entry(
    'InputError',
    'Invalid network pattern',
    'Write host:port, *:port, host:* or [v6]:port.',
  ),
  NETWORK_PATTERN_NEVER_MATCHES: entry(
    'InputError',
    'Network pattern that never matches',
    'Give a host name with an exact port, or an address.',
  ),
  NETWORK_PATTERN_BROAD: entry(
    'InputError',
    'Broad network permission',
    'Name the hosts and ports that the module needs.',
  ),
  NETWORK_INHERIT: entry(
    'InputError',
    'All network access allowed',
    'Replace `inherit` by the patterns that the module needs.',
  ),
  NETWORK_IPV6_PATTERN: entry(
    'InputError',
    'IPv6 pattern',
    'Nothing to do today; a future controller may refuse it.',
  ),
  OUTGOING_HTTP_NOT_LIMITED: entry(
    'InputError',
    'Outgoing HTTP is not limited by network permissions',
    'Add a NetworkPolicy for the namespace if outgoing HTTP must be limited.',
  ),
  DNS_LOOKUP_ALWAYS_ALLOWED: entry(
    'InputError',
    'DNS lookup is allowed all the same',
    'Leave out `network` altogether to switch DNS lookup off.',
  ),
  // preflight
  ARGS_WITHOUT_PROGRAM_NAME: entry(
    'InputError',
    'Arguments reach the module without a program name',
    'Put a name for the program in front, if the module skips its first argument.',
  ),
  ENV_VALUE_FROM_UNSUPPORTED: entry(
    'InputError',
    'Env from a Secret or ConfigMap is not supported',
    'Mount the Secret or ConfigMap as a volume and read the file.',
  ),
  ENV_LOCAL_UNRESOLVED: entry(
    'InputError',
    'Local environment variable is not set',
    'Give the value when deploying, or write it into func.yaml.',
  ),
  ENV_DUPLICATE: entry(
    'InputError',
    'Environment variable set twice',
    'Keep one of them; the last one wins.',
  ),
  VOLUME_UNDEFINED: entry(
    'InputError',
    'Mount without its volume',
    'Declare the volume, or remove the mount.',
  ),
  VOLUME_NOT_MOUNTED: entry(
    'InputError',
    'Volume that is not mounted',
    'Mount the volume, or remove it.',
  ),
  VOLUME_KIND_DISABLED: entry(
    'InputError',
    'Volume kind is off in Knative by default',
    'Use a secret, configMap, projected or emptyDir volume, or have the feature flag set.',
  ),
  MOUNT_PATH_INVALID: entry(
    'InputError',
    'Mount path is not allowed',
    'Use an absolute path of its own, other than /, /dev and /dev/log.',
  ),
  MOUNT_READ_ONLY_FORCED: entry(
    'InputError',
    'Mount is read-only',
    'Use an emptyDir volume where the module must write.',
  ),
  MOUNT_SUBPATH_FILE: entry(
    'InputError',
    'A subPath that is a file cannot be opened',
    'Mount the directory instead.',
  ),
  AUTOSCALING_ANNOTATION: entry(
    'InputError',
    'Autoscaling annotation is refused by Knative',
    'Remove the annotation; a WasmModule cannot set scaling today.',
  ),
  LABELS_ONLY_ON_CREATE: entry(
    'InputError',
    'Labels and annotations reach the Service on creation only',
    'Delete and create the module to change them.',
  ),
  RESOURCES_LIMIT_POD_ONLY: entry(
    'InputError',
    'Resources limit the pod, not the module',
    'Leave room for compiling the module in the memory limit.',
  ),
  MEMORY_LIMIT_TOO_LOW: entry(
    'InputError',
    'Memory limit below what compiling takes',
    'Raise `deploy.options.resources.limits.memory`.',
  ),
  IMAGE_TAG_NOT_PINNED: entry(
    'InputError',
    'Image named by tag',
    'Deploy the digest: a pushed tag does not roll out again.',
  ),
  IMAGE_NOT_ANONYMOUS: entry(
    'InputError',
    'Image cannot be pulled anonymously',
    'Make the repository public: the runner pulls without credentials.',
  ),
  IMAGE_LAYOUT_UNSUPPORTED: entry(
    'InputError',
    'Artifact that the runner cannot pull',
    'Push the module as a CNCF Wasm OCI artifact: one layer of type application/wasm.',
  ),
  IMAGE_INDEX_UNSUPPORTED: entry(
    'InputError',
    'Image index that the runner resolves by its own platform',
    "Name the digest of the index's wasm entry.",
  ),
  FORMAT_NOT_PULLED: entry(
    'InputError',
    'Format that the runtime cannot pull',
    'Push the module in a format that the runtime pulls.',
  ),
  FORMAT_UNFIT: entry(
    'InputError',
    'Format that the module is of no use in',
    'Push the module as a CNCF Wasm artifact.',
  ),
  IMAGE_WITHOUT_MODULE: entry(
    'InputError',
    'No WebAssembly module in the image',
    'Name an image that holds a module, or the digest of the entry that does.',
  ),
  IMAGE_TAG_TAKEN: entry(
    'ConflictError',
    'The tag names something else',
    'Push to another tag.',
  ),
  IMAGE_IN_USE: entry(
    'ConflictError',
    'The image is deployed',
    'Undeploy the modules that name it first.',
  ),
  ARCHIVE_INVALID: entry(
    'InputError',
    'Archive or layout that cannot be read',
    'Make it again, for instance with `skopeo copy`.',
  ),
  // modules
  MODULE_NOT_WASM: entry(
    'InputError',
    'Not a WebAssembly file',
    'Choose a .wasm file.',
  ),
  MODULE_TRUNCATED: entry(
    'InputError',
    'The .wasm file ends too early',
    'Build or download it again.',
  ),
  MODULE_TOO_LARGE: entry(
    'InputError',
    'The module is too large',
    'Strip debug information, or raise `wasi.build.maxModuleBytes`.',
  ),
  MODULE_OVER_BUDGET: entry(
    'InputError',
    'The module is larger than its budget',
    'Depend on less, set `build.optimize: size` in func.yaml, or raise the budget.',
  ),
  MODULE_IS_CORE: entry(
    'InputError',
    'A core module where a component is needed',
    'Build for wasm32-wasip2, or wrap the module as a component.',
  ),
  MODULE_NOT_HTTP: entry(
    'InputError',
    'The component does not answer HTTP',
    'Export wasi:http/incoming-handler@0.2.',
  ),
  MODULE_IMPORT_UNSUPPORTED: entry(
    'InputError',
    'The module imports what the runner lacks',
    'Import only WASI 0.2 (cli, clocks, filesystem, http, io, random, sockets); compose the component with one that exports the others, for example by `wac plug`.',
  ),
  MODULE_WASI_TOO_NEW: entry(
    'InputError',
    'The module needs a newer WASI than the runner has',
    'Build against WASI 0.2.3.',
  ),
  MODULE_CAPABILITY_NOT_GRANTED: entry(
    'InputError',
    'The module asks for something it was not granted',
    'Grant it in func.yaml, or remove the use.',
  ),
  MODULE_FAILED_TO_COMPILE: entry(
    'InputError',
    'The module does not compile',
    'Rebuild it for the right target.',
  ),
  MODULE_RUN_FAILED: entry(
    'InputError',
    'The module failed when run',
    "Read the module's output, correct the source and build again.",
  ),
  MODULE_RUN_TIMEOUT: entry(
    'ServiceUnavailableError',
    'The module did not answer in time',
    'Look for a loop or a call that waits; raise the timeout if it needs longer.',
  ),
  MODULE_RUN_ABORTED: entry(
    'ConflictError',
    'The run was cancelled',
    'Start it again.',
  ),
  // KRM functions
  KRM_RESOURCES_INVALID: entry(
    'InputError',
    'Resources that cannot be read',
    'Correct the file named, or name the folder that holds resources alone.',
  ),
  KRM_FUNCTION_FAILED: entry(
    'InputError',
    'A KRM function refused the resources',
    'Correct the resources named by its results, or its configMap.',
  ),
  KRM_OUTPUT_INVALID: entry(
    'InputError',
    'A KRM function answered no resource list',
    'Use a module that reads a ResourceList and writes one, and nothing else.',
  ),
  KRM_CHANGE_REFUSED: entry(
    'InputError',
    'A KRM function changed what it may not',
    'Take the function out of the pipeline, or make it a mutator.',
  ),
  // build
  TOOLCHAIN_MISSING: entry(
    'InputError',
    'A tool is missing',
    'Install the tools named on the machine that builds.',
  ),
  TOOLCHAIN_VERSION: entry(
    'InputError',
    'A tool has the wrong version',
    'Install the version named.',
  ),
  BUILD_NOT_SUPPORTED: entry(
    'NotImplementedError',
    'This runtime is not built here yet',
    'Build the module elsewhere and deploy it as prebuilt-wasi.',
  ),
  BUILD_FAILED: entry(
    'InputError',
    'The build failed',
    "Read the tool's output, correct the source and try again.",
  ),
  BUILD_TIMEOUT: entry(
    'InputError',
    'The build took too long',
    'Make the build smaller, or raise `wasi.build.timeoutSeconds`.',
  ),
  BUILD_OUTPUT_LIMIT: entry(
    'InputError',
    'The build printed too much',
    'Make the build quieter, or raise `wasi.build.maxOutputBytes`.',
  ),
  BUILD_DISK_LIMIT: entry(
    'InputError',
    'The build takes too much disk space',
    "Remove large files from the function's folder, or raise `wasi.build.maxWorkspaceBytes`.",
  ),
  BUILD_PROCESS_LIMIT: entry(
    'InputError',
    'The build started too many processes',
    'Make the build start fewer programs at once.',
  ),
  BUILD_MEMORY_LIMIT: entry(
    'InputError',
    'The build takes too much memory',
    'Make the build need less memory at once, or raise `wasi.build.maxMemoryBytes`.',
  ),
  BUILD_RUNNER_UNAVAILABLE: entry(
    'ServiceUnavailableError',
    'Builds cannot run where they are configured to',
    'Have an operator of the portal correct `wasi.build`.',
  ),
  BUILD_KILLED: entry(
    'ServiceUnavailableError',
    'The build was killed',
    'Try again; where it happens again, the machine that builds has too little memory.',
  ),
  BUILD_NO_MODULE: entry(
    'InputError',
    'The build left no module',
    'Check the build command and its output path.',
  ),
  BUILD_ABORTED: entry(
    'ConflictError',
    'The build was cancelled',
    'Start it again.',
  ),
  SOURCE_MISSING: entry(
    'InputError',
    'A source file is missing',
    'Add the file named.',
  ),
  SOURCE_PATH_ESCAPES: entry(
    'InputError',
    'A path leaves the workspace',
    'Use a path inside the workspace.',
  ),
  SOURCE_URL_NOT_ALLOWED: entry(
    'NotAllowedError',
    'Download from there is not allowed',
    'Have the host added to `wasi.prebuilt.allowedHosts`.',
  ),
  SOURCE_DOWNLOAD_FAILED: entry(
    'ServiceUnavailableError',
    'The module could not be downloaded',
    'Check the address and try again.',
  ),
  SOURCE_DIGEST_MISMATCH: entry(
    'InputError',
    'The download is not what was expected',
    'Check the digest and the source.',
  ),
  FILE_EXISTS: entry(
    'ConflictError',
    'The file exists already',
    'Choose another name, or remove the file.',
  ),
  FILE_NOT_WRITTEN: entry(
    'ServiceUnavailableError',
    'A file cannot be written',
    'Make room on the disk of the backend, and check that it may write there.',
  ),
  // registry
  REGISTRY_NOT_ALLOWED: entry(
    'NotAllowedError',
    'Registry is not allowed',
    'Choose an allowed registry, or have it added to `wasi.registries`.',
  ),
  REGISTRY_UNREACHABLE: entry(
    'ServiceUnavailableError',
    'Registry cannot be reached',
    'Check the address and that the registry is running, then try again.',
  ),
  REGISTRY_UNAUTHENTICATED: entry(
    'AuthenticationError',
    'Registry asks for a login',
    'Configure credentials for this host under `wasi.registries`.',
  ),
  REGISTRY_FORBIDDEN: entry(
    'NotAllowedError',
    'Registry refuses this account',
    'Ask for push rights on the repository.',
  ),
  REGISTRY_NOT_FOUND: entry(
    'NotFoundError',
    'Not in the registry',
    'Check repository, tag and digest.',
  ),
  REGISTRY_RATE_LIMITED: entry(
    'ServiceUnavailableError',
    'Registry asks to slow down',
    'Try again later.',
  ),
  REGISTRY_TOO_LARGE: entry(
    'InputError',
    'Registry refuses the size',
    'Make the module smaller, or raise the limit of the registry or its proxy.',
  ),
  REGISTRY_DIGEST_MISMATCH: entry(
    'ServiceUnavailableError',
    'Registry answered with other bytes',
    'Try again; if it stays, the registry or a proxy is broken.',
  ),
  REGISTRY_UNEXPECTED: entry(
    'ServiceUnavailableError',
    'Unexpected answer from the registry',
    'Try again; if it stays, check that the address is an OCI registry.',
  ),
  REGISTRY_ABORTED: entry(
    'ConflictError',
    'The transfer was cancelled',
    'Start it again; what the registry has is not sent again.',
  ),
  CREDENTIALS_INVALID: entry(
    'InputError',
    'Registry credentials cannot be read',
    'Correct the configured credentials.',
  ),
  // supply chain
  SIGNING_KEY_INVALID: entry(
    'InputError',
    'Key that cannot be used',
    'Use a key on the curve P-256 in PEM, as openssl writes it; see docs/supply-chain.md.',
  ),
  VERIFICATION_CONFIG_INVALID: entry(
    'InputError',
    'Verification cannot be done as configured',
    'Correct `wasi.verification`.',
  ),
  LOCK_FILE_INVALID: entry(
    'InputError',
    'A lock file cannot be read',
    'Write it anew with the package manager of the language.',
  ),
  ATTESTATION_MISMATCH: entry(
    'InputError',
    'The image holds another module',
    'Attest the image that the module was pushed as.',
  ),
  IMAGE_NOT_SIGNED: entry(
    'NotAllowedError',
    'Image without a signature',
    'Deploy an image that was signed: by the template of this portal, or by `cosign sign --key`.',
  ),
  IMAGE_SIGNATURE_UNTRUSTED: entry(
    'NotAllowedError',
    'No signature that is trusted',
    'Sign the image with a trusted key, or have its key added to `wasi.verification.publicKeys`.',
  ),
  IMAGE_PROVENANCE_MISSING: entry(
    'NotAllowedError',
    'Image without signed provenance',
    'Deploy an image that a template of this portal built, or attest its provenance with a trusted key.',
  ),
  IMAGE_NOT_VERIFIED: entry(
    'ServiceUnavailableError',
    'The signature could not be checked',
    'Check that the registry is running and answers, then try again.',
  ),
  // cluster
  CLUSTER_UNKNOWN: entry(
    'NotFoundError',
    'Unknown cluster',
    'Choose one of the configured clusters.',
  ),
  CLUSTER_NOT_CONFIGURED: entry(
    'NotFoundError',
    'No cluster is configured',
    'Configure `kubernetes.clusterLocatorMethods` or `wasi.kubeconfig`.',
  ),
  CLUSTER_UNREACHABLE: entry(
    'ServiceUnavailableError',
    'Cluster cannot be reached',
    'Check that the API server is running and its address is right.',
  ),
  CLUSTER_UNAUTHENTICATED: entry(
    'ServiceUnavailableError',
    'Cluster does not accept our credentials',
    'Renew the token or certificate of the cluster in the configuration.',
  ),
  CLUSTER_FORBIDDEN: entry(
    'NotAllowedError',
    'Cluster refuses this',
    'Grant the verb on wasmmodules to the account named.',
  ),
  CLUSTER_USER_REFUSED: entry(
    'NotAllowedError',
    'User has no name in the cluster',
    'Ask the administrator of the portal for another account, or to change `wasi.identity`.',
  ),
  CLUSTER_IMPERSONATION_FORBIDDEN: entry(
    'ServiceUnavailableError',
    'Portal may not act as its users',
    'Give the account of the portal the right to impersonate the user and the groups named, as in deploy/rbac/impersonation.yaml.',
  ),
  CLUSTER_TOKEN_MISSING: entry(
    'NotAllowedError',
    'Cluster takes only tokens of users',
    'Sign in to the provider of the cluster, and try again.',
  ),
  CLUSTER_BUSY: entry(
    'ServiceUnavailableError',
    'Cluster has too much to do',
    'Try again later.',
  ),
  CLUSTER_UNEXPECTED: entry(
    'ServiceUnavailableError',
    'Unexpected answer from the cluster',
    'Try again; if it stays, read the message of the API server.',
  ),
  CRD_MISSING: entry(
    'ServiceUnavailableError',
    'The cluster does not know WasmModules',
    'Install knative-serving-wasm in the cluster.',
  ),
  KNATIVE_MISSING: entry(
    'ServiceUnavailableError',
    'The cluster does not know Knative',
    'Install Knative Serving in the cluster, which knative-serving-wasm runs modules with.',
  ),
  EVENTS_NOT_READ: entry(
    'ServiceUnavailableError',
    'Events were not read',
    'Read them with kubectl.',
  ),
  MODULE_NOT_FOUND: entry(
    'NotFoundError',
    'No such WasmModule',
    'Check cluster, namespace and name.',
  ),
  MODULE_EXISTS: entry(
    'ConflictError',
    'A WasmModule of this name exists',
    'Choose another name, or change the existing one.',
  ),
  MODULE_OWNED_BY_OTHER: entry(
    'ConflictError',
    'The module belongs to another entity',
    'Choose another name.',
  ),
  MODULE_INVALID: entry(
    'InputError',
    'The cluster refuses this WasmModule',
    'Correct the fields named.',
  ),
  MODULE_CONFLICT: entry(
    'ConflictError',
    'Somebody else changed the module',
    'Load it again and repeat the change.',
  ),
  FIELD_MANAGER_CONFLICT: entry(
    'ConflictError',
    'Another tool owns these fields',
    'Change them with that tool, or deploy with `force`.',
  ),
  NAMESPACE_MISSING: entry(
    'NotFoundError',
    'No such namespace',
    'Create the namespace, or choose another.',
  ),
  NAMESPACE_TERMINATING: entry(
    'ConflictError',
    'The namespace is being deleted',
    'Wait until it is gone and create it anew, or choose another.',
  ),
  // module health
  MODULE_NOT_OBSERVED: entry(
    'ServiceUnavailableError',
    'The controller has not looked at it yet',
    'Wait; if it stays, check that the knative-serving-wasm controller is running.',
  ),
  MODULE_STARTING: entry(
    'ServiceUnavailableError',
    'The module is starting',
    'Wait for it to become ready.',
  ),
  MODULE_SERVICE_UNAVAILABLE: entry(
    'ServiceUnavailableError',
    'The Knative Service is missing or not ready',
    'Read the events: the cause is there if it was refused.',
  ),
  KNATIVE_SERVICE_TAKEN: entry(
    'ConflictError',
    'A Knative Service of somebody else has this name',
    'Choose another name for the module, or have that Service deleted first.',
  ),
  MODULE_REVISION_FAILED: entry(
    'ServiceUnavailableError',
    'The revision failed',
    'Read the message and the last log lines.',
  ),
  MODULE_IMAGE_PULL_FAILED: entry(
    'ServiceUnavailableError',
    'The image cannot be pulled',
    'Check reference, that it can be pulled anonymously, and the insecure-registry setting.',
  ),
  MODULE_OUT_OF_MEMORY: entry(
    'ServiceUnavailableError',
    'The module ran out of memory',
    'Raise the memory limit.',
  ),
  MODULE_CRASHED: entry(
    'ServiceUnavailableError',
    'The runner ends again and again',
    'Read the last log lines: they say why it ended.',
  ),
  MODULE_UNSCHEDULABLE: entry(
    'ServiceUnavailableError',
    'No node has room for the module',
    'Lower `deploy.options.resources.requests`, or have nodes added.',
  ),
  MODULE_VOLUME_FAILED: entry(
    'ServiceUnavailableError',
    'A volume cannot be mounted',
    'Create the Secret or ConfigMap that the message names, in the namespace of the module.',
  ),
  NAMESPACE_QUOTA_EXCEEDED: entry(
    'ServiceUnavailableError',
    'The quota of the namespace is used up',
    'Free resources in the namespace, or have its quota raised.',
  ),
  RUNNER_IMAGE_PULL_FAILED: entry(
    'ServiceUnavailableError',
    'The image of the runner cannot be pulled',
    'Have the administrators of the cluster make the image that the message names reachable for its nodes.',
  ),
  MODULE_DELETING: entry(
    'ConflictError',
    'The module is being deleted',
    'Wait until it is gone.',
  ),
  MODULE_DELETED: entry(
    'NotFoundError',
    'The module was deleted',
    'Deploy it again.',
  ),
  MODULE_NOT_READY_IN_TIME: entry(
    'ServiceUnavailableError',
    'The module did not become ready in time',
    'Read the last condition and log lines.',
  ),
  MODULE_WAIT_ABORTED: entry(
    'ConflictError',
    'Waiting was cancelled',
    'Start it again; nothing was undone.',
  ),
  MODULE_UNKNOWN_CONDITION: entry(
    'ServiceUnavailableError',
    'An unknown condition',
    'Read its reason and message.',
  ),
  // entity and access
  ENTITY_NOT_FOUND: entry(
    'NotFoundError',
    'No such entity',
    'Check the entity reference.',
  ),
  ENTITY_NOT_LINKED: entry(
    'NotFoundError',
    'The entity names no module',
    'Add the annotation wasm.serving.knative.dev/module.',
  ),
  PERMISSION_DENIED: entry(
    'NotAllowedError',
    'Not permitted',
    'Ask the owner of the entity, or an administrator, for the permission named.',
  ),
  LOG_FOLLOWERS_TOO_MANY: entry(
    'ServiceUnavailableError',
    'Too many logs are followed at once',
    'Close the log on other pages, then try again.',
  ),
  INVOKE_NOT_READY: entry(
    'ConflictError',
    'The module has no address yet',
    'Wait until it is ready.',
  ),
  INVOKE_FAILED: entry(
    'ServiceUnavailableError',
    'The module could not be called',
    'Read its logs and conditions.',
  ),
  SIGN_IN_REQUIRED: entry(
    'AuthenticationError',
    'Not signed in',
    'Sign in to the portal again.',
  ),
  BACKEND_UNREACHABLE: entry(
    'ServiceUnavailableError',
    'The portal backend cannot be reached',
    'Check your connection and that the backend is running, then try again.',
  ),
  BACKEND_UNEXPECTED: entry(
    'ServiceUnavailableError',
    'Unexpected answer of the portal backend',
    'Check that the wasi backend plugin is installed, in the same version as this page.',
  ),
  MODULE_LINK_INVALID: entry(
    'InputError',
    'The entity names its module wrongly',
    'Write the annotation as [cluster/][namespace/]name, several separated by commas.',
  ),
  INPUT_INVALID: entry(
    'InputError',
    'Invalid request',
    'Correct the fields named.',
  ),
  // git host
  REPOSITORY_EXISTS: entry(
    'ConflictError',
    'The repository exists already',
    'Choose another name, or remove the repository first.',
  ),
  GIT_HOST_FAILED: entry(
    'ServiceUnavailableError',
    'The git host does not answer as it should',
    'Once the git host answers, use Retry: the run goes on from this step.',
  ),
  // deploys from the catalog
  SYNC_ANNOTATION_INVALID: entry(
    'InputError',
    'Annotation of a deploy from the catalog that cannot be read',
    'Correct the annotation named in catalog-info.yaml.',
  ),
  SYNC_DISABLED: entry(
    'NotImplementedError',
    'This portal deploys nothing from the catalog',
    'Have an operator of the portal set `wasi.sync.enabled`.',
  ),
  SYNC_NOT_ALLOWED: entry(
    'NotAllowedError',
    'Not allowed to be deployed from the catalog',
    'Have an operator of the portal allow it under `wasi.sync.allow`.',
  ),
  SYNC_NOT_ASKED: entry(
    'NotFoundError',
    'The entity is not deployed from the catalog',
    'Add the annotation wasm.serving.knative.dev/auto-deploy: "true" to the entity.',
  ),
  SYNC_SOURCE_REFUSED: entry(
    'NotAllowedError',
    'func.yaml outside of the repository',
    'Keep func.yaml in the repository of catalog-info.yaml, and name its path relative to that file.',
  ),
  SYNC_SOURCE_UNREADABLE: entry(
    'ServiceUnavailableError',
    'func.yaml cannot be read',
    'Check that the git host answers and that `integrations` lets the portal read the repository.',
  ),
  SYNC_TIMEOUT: entry(
    'ServiceUnavailableError',
    'A deploy from the catalog took too long',
    'It is tried again; check that git host, registry and cluster answer.',
  ),
  SYNC_FAILED: entry(
    'ServiceUnavailableError',
    'A deploy from the catalog failed',
    "It is tried again; if it stays, read the backend's log.",
  ),
  PULL_REQUEST_UNSUPPORTED: entry(
    'NotImplementedError',
    'No pull requests on this git host',
    'Use the mode `apply` or `observe`, or keep the repository on GitHub or Gitea.',
  ),
  PULL_REQUEST_FAILED: entry(
    'ServiceUnavailableError',
    'The pull request could not be made',
    'Check that the account of `integrations` may push branches and open pull requests.',
  ),
  // writes of clients that repeat their calls
  IDEMPOTENCY_KEY_REUSED: entry(
    'ConflictError',
    'The idempotency key was used for something else',
    'Use a new key for each change, and the same key only for the same input.',
  ),
  WRITE_UNDER_WAY: entry(
    'ConflictError',
    'The write is under way',
    'Repeat the call with the same key in a moment.',
  ),
  // database
  DATABASE_LOCKED: entry(
    'ServiceUnavailableError',
    'The tables of the plugin cannot be made',
    'Start the backend again once no other one is starting.',
  ),
  // deploy history
  HISTORY_UNAVAILABLE: entry(
    'ServiceUnavailableError',
    'The deploy history cannot be written',
    'Try again in a moment; if it stays, check the database of the portal.',
  ),
  DEPLOYMENT_NOT_FOUND: entry(
    'NotFoundError',
    'No such deployment',
    'Reload the history; old deployments are removed after a while.',
  ),
  DEPLOYMENT_INTERRUPTED: entry(
    'ServiceUnavailableError',
    'The deployment was interrupted',
    'Nothing was changed in the cluster: deploy again.',
  ),
  DEPLOYMENT_OUTCOME_UNKNOWN: entry(
    'ServiceUnavailableError',
    'How the deployment ended is not known',
    'Look at what runs now, and deploy again where it is not what you want.',
  ),
  DEPLOYMENT_NOT_RESTORABLE: entry(
    'ConflictError',
    'Nothing to roll back to',
    'Choose a deployment that created or changed the module.',
  ),
  SECRET_NOT_KEPT: entry(
    'ConflictError',
    'A secret value that the history does not keep',
    'Write the value itself, or move it into a Secret; `wasi.history.encryptionKeys` lets the history keep such values.',
  ),
  // local platform
  LOCAL_STATE_DAMAGED: entry(
    'ServiceUnavailableError',
    'State of the local platform is damaged',
    'Stop the local platform, delete its `.local` folder and start it again.',
  ),
  LOCAL_PLATFORM_RUNNING: entry(
    'ConflictError',
    'A local platform runs already',
    'End it first: Ctrl-C where it was started.',
  ),
  LOCAL_PORT_TAKEN: entry(
    'ConflictError',
    'A port of the local platform is taken',
    'End the program that listens on it, or choose another port.',
  ),
} satisfies Record<string, CatalogueEntry>;

/**
 * Stable code of a known failure.
 *
 * @public
 */
export type WasiErrorCode = keyof typeof catalogue;
