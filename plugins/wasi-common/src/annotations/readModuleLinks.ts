import type { Entity } from '@backstage/catalog-model';
import { catalogue, type Finding } from '../diagnosis';
import {
  ANNOTATION_KUBERNETES_CLUSTER,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_LABEL_SELECTOR,
  ANNOTATION_KUBERNETES_NAMESPACE,
  ANNOTATION_MODULE,
  LABEL_KUBERNETES_ID,
} from './annotations';

// Kubernetes' names of objects and namespaces; clusters are named by the portal's configuration.
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const CLUSTER = /^[^\s,/]{1,253}$/;
/** Each costs a request to a cluster. */
const MAX_LINKS = 100;

/**
 * A module that an entity names; what it leaves out is for the backend to fill in.
 *
 * @public
 */
export interface ModuleLink {
  cluster?: string;
  namespace?: string;
  name: string;
}

/**
 * Which modules belong to an entity: those it names, or those a selector finds.
 *
 * @public
 */
export interface ModuleLinks {
  links: ModuleLink[];
  /** Only where the entity names no module itself. */
  selector?: { labelSelector: string; namespace?: string; cluster?: string };
  findings: Finding[];
}

/**
 * Reads the annotations that tie an entity to its modules: our own, else those
 * of the Kubernetes plugin, read as that plugin reads them.
 *
 * @public
 */
export function readModuleLinks(entity: Entity): ModuleLinks {
  const annotations = entity.metadata.annotations ?? {};
  const read = (key: string) => {
    const value: unknown = annotations[key];
    return typeof value === 'string' ? value.trim() || undefined : undefined;
  };
  const cluster = read(ANNOTATION_KUBERNETES_CLUSTER);
  const namespace = read(ANNOTATION_KUBERNETES_NAMESPACE);
  const defaults = {
    ...(cluster !== undefined && { cluster }),
    ...(namespace !== undefined && { namespace }),
  };

  const named = read(ANNOTATION_MODULE);
  if (named !== undefined) {
    return readNamed(named, defaults);
  }
  const id = read(ANNOTATION_KUBERNETES_ID);
  const labelSelector =
    read(ANNOTATION_KUBERNETES_LABEL_SELECTOR) ??
    (id && `${LABEL_KUBERNETES_ID}=${id}`);
  return labelSelector
    ? { links: [], selector: { labelSelector, ...defaults }, findings: [] }
    : {
        links: [],
        findings: [
          {
            code: 'ENTITY_NOT_LINKED',
            severity: 'info',
            message: `The entity ${entity.metadata.name} names no module`,
            remedy: catalogue.ENTITY_NOT_LINKED.remedy,
          },
        ],
      };
}

function readNamed(
  annotation: string,
  defaults: Omit<ModuleLink, 'name'>,
): ModuleLinks {
  const links = new Map<string, ModuleLink>();
  const findings: Finding[] = [];
  // A trailing comma is nobody's mistake worth telling.
  const entries = annotation
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean);
  if (entries.length > MAX_LINKS) {
    findings.push(
      invalid(
        `The entity names ${entries.length} modules; the first ${MAX_LINKS} are read`,
      ),
    );
  }
  for (const entry of entries.length > 0
    ? entries.slice(0, MAX_LINKS)
    : [annotation]) {
    const link = readEntry(entry);
    if (link) {
      const filled = { ...defaults, ...link };
      links.set(JSON.stringify(Object.entries(filled).sort()), filled);
    } else {
      findings.push(invalid(`"${entry.slice(0, 120)}" names no module`));
    }
  }
  return { links: [...links.values()], findings };
}

function invalid(message: string): Finding {
  return {
    code: 'MODULE_LINK_INVALID',
    severity: 'error',
    message,
    remedy: catalogue.MODULE_LINK_INVALID.remedy,
    path: `metadata.annotations["${ANNOTATION_MODULE}"]`,
  };
}

function readEntry(entry: string): ModuleLink | undefined {
  const parts = entry.split('/');
  const [name, namespace, cluster, ...rest] = parts.reverse();
  if (
    rest.length > 0 ||
    !NAME.test(name) ||
    (namespace !== undefined && !NAMESPACE.test(namespace)) ||
    (cluster !== undefined && !CLUSTER.test(cluster))
  ) {
    return undefined;
  }
  return {
    ...(cluster !== undefined && { cluster }),
    ...(namespace !== undefined && { namespace }),
    name,
  };
}
