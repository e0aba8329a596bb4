export { createReferrers } from './createReferrers';
export type {
  FetchedReferrer,
  Referrer,
  ReferrerContent,
  ReferrerList,
  Referrers,
} from './types';
