import type {
  KnativeRevision,
  KnativeService,
  ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * The resources beside the modules that tell of them: Knative Services and
 * Revisions, and events.
 *
 * @public
 */
export type CompanionResource = 'services' | 'revisions' | 'events';

/** What one row of such a resource tells of a module. @public */
export interface Companion {
  /** Of the module; the Knative Service has its name. */
  namespace: string;
  name: string;
  /** Tells rows of one resource apart. */
  id: string;
  resourceVersion?: string;
  tells:
    | { service: KnativeService }
    | { revision: KnativeRevision }
    | { event: ModuleEvent; ofUid?: string };
}

/** The companions of a list. @public */
export interface CompanionList {
  items: Companion[];
  /** Where a watch takes over. */
  resourceVersion: string;
}

/** What one watch connection tells of companions; see `ModuleWatchEvent`. @public */
export type CompanionWatchEvent =
  | { type: 'OPENED' }
  | {
      type: 'ADDED' | 'MODIFIED' | 'DELETED';
      /** Absent for a row that tells of no module. */
      kept: Companion | undefined;
      resourceVersion: string | undefined;
    }
  | { type: 'BOOKMARK'; resourceVersion: string }
  | { type: 'EXPIRED' };
