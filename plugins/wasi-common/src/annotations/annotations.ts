/**
 * Entity annotation: the modules of an entity, `[cluster/][namespace/]name`, comma-separated.
 *
 * @public
 */
export const ANNOTATION_MODULE = 'wasm.serving.knative.dev/module';
/**
 * Entity annotation: path of func.yaml, relative to the entity's own file.
 *
 * @public
 */
export const ANNOTATION_FUNC_YAML = 'wasm.serving.knative.dev/func-yaml';
/**
 * Entity annotation: path of what differs from func.yaml in an environment,
 * relative to the entity's own file, e.g. `prod=./func.prod.yaml`; one path for
 * all environments, or `name=path` for each.
 *
 * @public
 */
export const ANNOTATION_FUNC_OVERLAY = 'wasm.serving.knative.dev/func-overlay';
/**
 * Entity annotation: `"true"` has the backend keep what runs in step with func.yaml.
 *
 * @public
 */
export const ANNOTATION_AUTO_DEPLOY = 'wasm.serving.knative.dev/auto-deploy';
/**
 * Entity annotation: where func.yaml is deployed to, `environment=[cluster/]namespace`, comma-separated.
 *
 * @public
 */
export const ANNOTATION_ENVIRONMENTS = 'wasm.serving.knative.dev/environments';
/**
 * Entity annotation: `apply`, `pull-request` or `observe`, or `environment=mode`, comma-separated.
 *
 * @public
 */
export const ANNOTATION_DEPLOY_MODE = 'wasm.serving.knative.dev/deploy-mode';
/**
 * Entity annotation: tag of the image to deploy, or `environment=tag`, comma-separated; without it that of func.yaml.
 *
 * @public
 */
export const ANNOTATION_IMAGE_TAG = 'wasm.serving.knative.dev/image-tag';
/** Annotation on a deployed module: the entity it belongs to. @public */
export const ANNOTATION_ENTITY_REF = 'backstage.io/entity-ref';
/**
 * Entity annotation of Backstage: the id that the labels of its resources carry.
 *
 * @public
 */
export const ANNOTATION_KUBERNETES_ID = 'backstage.io/kubernetes-id';
/**
 * Entity annotation of Backstage: the namespace of its resources.
 *
 * @public
 */
export const ANNOTATION_KUBERNETES_NAMESPACE =
  'backstage.io/kubernetes-namespace';
/**
 * Entity annotation of Backstage: labels that select its resources, instead of the id.
 *
 * @public
 */
export const ANNOTATION_KUBERNETES_LABEL_SELECTOR =
  'backstage.io/kubernetes-label-selector';
/**
 * Entity annotation of Backstage: the only cluster that has its resources.
 *
 * @public
 */
export const ANNOTATION_KUBERNETES_CLUSTER = 'backstage.io/kubernetes-cluster';
/** Label on a deployed module: the entity's Kubernetes id. @public */
export const LABEL_KUBERNETES_ID = 'backstage.io/kubernetes-id';
/** Field manager of what is written on the portal's page; modules that are applied for an entity have one named after it. @public */
export const FIELD_MANAGER = 'backstage-wasi';
