import { ApiBlueprint, fetchApiRef } from '@backstage/frontend-plugin-api';
import { LazyWasiClient, wasiApiRef } from '../apis';

/** The client of the backend. */
export const wasiApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: wasiApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new LazyWasiClient({ fetchApi }),
    }),
});
