import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/core-plugin-api';

/** Where the tab is mounted, in both frontend systems. */
export const rootRouteRef = createRouteRef({ id: 'wasi' });

/** The page that lists templates; without it, the empty state has no link. */
export const createFunctionRouteRef = createExternalRouteRef({
  id: 'wasi:create',
  optional: true,
  defaultTarget: 'scaffolder.root',
});
