export { companionResources } from './companionResources';
export { readEvent } from './readEvent';
export type {
  Companion,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
} from './types';
