export { companionResources } from './companionResources';
export { hasForeignService } from './hasForeignService';
export { readEvent } from './readEvent';
export { SERVICE_LABEL } from './readRevision';
export type {
  Companion,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
} from './types';
