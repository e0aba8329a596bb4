import {
  routeResolutionApiRef,
  useApiHolder,
} from '@backstage/frontend-plugin-api';
import { useLocation } from 'react-router-dom';
import { rootRouteRef } from '../routes';

/** Where the tab of the entity of this page is; absent in a portal that has none. */
export function useTabHref(): string | undefined {
  const { pathname } = useLocation();
  // Not `useRouteRef`, which throws where the tab is not mounted.
  return useApiHolder()
    .get(routeResolutionApiRef)
    ?.resolve(rootRouteRef, { sourcePath: pathname })?.();
}
