import {
  checkCreated,
  checkEnv,
  checkEnvName,
  checkImage,
  checkLabelKey,
  checkLabelValue,
  checkModuleDigest,
  checkMountPath,
  checkName,
  checkNamespace,
  checkNetworkPattern,
  checkQuantity,
  checkRegistry,
  checkResourceName,
  checkRuntime,
  checkSize,
} from './checks';
import type { Fault } from './FuncYamlReport';
import {
  fields,
  flag,
  list,
  mapping,
  number,
  oneOf,
  type Reader,
  text,
} from './readers';

// The fields of func's func.yaml (schema/func_yaml-schema.json of knative/func),
// with run.args, deploy.network, build.{source,digest,optimize,sizeBudget} and `wasm` added.

const env = checked(
  fields({ name: text(checkEnvName), value: text() }),
  checkEnv,
);
const envs = list(env);

const volumeSources = [
  'secret',
  'configMap',
  'persistentVolumeClaim',
  'emptyDir',
] as const;

const volume = checked(
  fields(
    {
      secret: text(checkResourceName),
      configMap: text(checkResourceName),
      persistentVolumeClaim: fields(
        { claimName: text(checkResourceName), readOnly: flag },
        ['claimName'],
      ),
      emptyDir: fields({ medium: text(), sizeLimit: text(checkQuantity) }),
      path: text(checkMountPath),
    },
    ['path'],
  ),
  value => {
    const sources = volumeSources.filter(kind => value[kind] !== undefined);
    return sources.length === 1
      ? []
      : [
          {
            message: `a volume has exactly one source, this one has ${
              sources.length === 0 ? 'none' : sources.join(' and ')
            }`,
            remedy: `Name one of ${volumeSources.join(', ')}.`,
          },
        ];
  },
);
const volumes = list(volume);

const git = fields({ url: text(), revision: text(), contextDir: text() });
const healthEndpoints = fields({ liveness: text(), readiness: text() });
const labels = list(
  fields({ key: text(checkLabelKey), value: text(checkLabelValue) }, ['key']),
);
const annotations = mapping(text());

const whole = number({ integer: true, minimum: 0 });
const options = fields({
  scale: fields({
    min: whole,
    max: whole,
    metric: oneOf(['concurrency', 'rps']),
    target: number({ minimum: 0 }),
    utilization: number({ minimum: 1, maximum: 100 }),
  }),
  resources: fields({
    requests: fields({ cpu: text(checkQuantity), memory: text(checkQuantity) }),
    limits: fields({
      cpu: text(checkQuantity),
      memory: text(checkQuantity),
      concurrency: whole,
    }),
  }),
});

const patterns = list(text(checkNetworkPattern));
const network = fields({
  inherit: flag,
  allowIpNameLookup: flag,
  tcp: fields({ bind: patterns, connect: patterns }),
  udp: fields({ bind: patterns, connect: patterns, outgoing: patterns }),
});

const builder = oneOf(['pack', 's2i', 'wasm']);
const deployer = oneOf(['knative', 'raw', 'keda', 'wasm']);
const buildpacks = list(text());

/**
 * Reads func.yaml as it is written, field by field.
 *
 * @internal
 */
export const funcYamlReader = fields({
  specVersion: text(),
  name: text(checkName),
  domain: text(),
  runtime: text(checkRuntime),
  registry: text(checkRegistry),
  registryInsecure: flag,
  image: text(checkImage),
  namespace: text(checkNamespace),
  deployer,
  created: text(checkCreated),
  invoke: oneOf(['http', 'cloudevent']),
  build: fields({
    builder,
    source: text(),
    digest: text(checkModuleDigest),
    optimize: oneOf(['none', 'strip', 'size']),
    sizeBudget: text(checkSize),
    git,
    builderImages: mapping(text()),
    buildpacks,
    buildEnvs: envs,
    pvcSize: text(),
    remoteStorageClass: text(),
    baseImage: text(),
    volumes: list(
      fields({ hostPath: text(), path: text() }, ['hostPath', 'path']),
    ),
  }),
  run: fields({
    args: list(text()),
    envs,
    volumes,
    startTimeout: number({ integer: true }),
    kafka: fields({ brokers: text(), topic: text(), consumerGroup: text() }, [
      'brokers',
      'topic',
      'consumerGroup',
    ]),
  }),
  deploy: fields({
    namespace: text(checkNamespace),
    image: text(checkImage),
    deployer,
    annotations,
    options,
    labels,
    network,
    healthEndpoints,
    serviceAccountName: text(checkResourceName),
    imagePullSecret: text(checkResourceName),
    subscriptions: list(
      fields({ source: text(), filters: mapping(text()) }, ['source']),
    ),
    managementDisabled: flag,
  }),
  // Where earlier versions of func had them.
  builder,
  buildpacks,
  buildEnvs: envs,
  git,
  envs,
  volumes,
  labels,
  annotations,
  options,
  healthEndpoints,
  version: text(),
  template: text(),
  imageDigest: text(),
});

/** What {@link funcYamlReader} gives. @internal */
export type WrittenFuncYaml = NonNullable<ReturnType<typeof funcYamlReader>>;

/** Adds a check of the value as a whole. */
function checked<T>(
  reader: Reader<T>,
  check: (value: T) => Fault[],
): Reader<T> {
  return (node, place) => {
    const value = reader(node, place);
    if (value === undefined) {
      return undefined;
    }
    for (const fault of check(value)) {
      const { message } = fault;
      place.report.add(place.path, {
        ...fault,
        message: `\`${place.path}\`: ${message}`,
      });
    }
    return value;
  };
}
