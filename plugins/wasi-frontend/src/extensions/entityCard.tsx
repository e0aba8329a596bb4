import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { wasmEntityFilter } from './wasmEntityFilter';

/** The card of an entity's modules on its overview. */
export const wasmEntityCard = EntityCardBlueprint.make({
  name: 'module',
  params: {
    type: 'info',
    filter: wasmEntityFilter,
    loader: async () => {
      const { EntityWasmModuleCard } = await import('../entityChunk');
      return <EntityWasmModuleCard />;
    },
  },
});
