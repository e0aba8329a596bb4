export {
  ANNOTATION_AUTO_DEPLOY,
  ANNOTATION_DEPLOY_MODE,
  ANNOTATION_ENTITY_REF,
  ANNOTATION_ENVIRONMENTS,
  ANNOTATION_FUNC_OVERLAY,
  ANNOTATION_FUNC_YAML,
  ANNOTATION_IMAGE_TAG,
  ANNOTATION_KUBERNETES_CLUSTER,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_LABEL_SELECTOR,
  ANNOTATION_KUBERNETES_NAMESPACE,
  ANNOTATION_MODULE,
  FIELD_MANAGER,
  LABEL_KUBERNETES_ID,
} from './annotations';
export { readModuleLinks } from './readModuleLinks';
export type { ModuleLink, ModuleLinks } from './readModuleLinks';
export { DEFAULT_ENVIRONMENT, readSyncRequest } from './readSyncRequest';
export type { SyncRequest, SyncRequestTarget } from './readSyncRequest';
