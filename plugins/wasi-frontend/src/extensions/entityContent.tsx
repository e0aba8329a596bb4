import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiCpuLine } from '@remixicon/react';
import { rootRouteRef } from '../routes';
import { wasmEntityFilter } from './wasmEntityFilter';

/** The tab of an entity's modules. */
export const wasmEntityContent = EntityContentBlueprint.make({
  params: {
    path: '/wasm',
    title: 'WebAssembly',
    group: 'deployment',
    icon: <RiCpuLine />,
    routeRef: rootRouteRef,
    filter: wasmEntityFilter,
    loader: async () => {
      const { EntityWasmModulesContent } = await import('../entityChunk');
      return <EntityWasmModulesContent />;
    },
  },
});
