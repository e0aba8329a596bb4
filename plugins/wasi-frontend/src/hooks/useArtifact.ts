import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ArtifactView,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { useLoad } from './useLoad';
import type { Loadable } from './Loadable';
import { useSameEntity, useSameModule } from './useSame';

/** What is inside the image of a module; read again when the image changes. */
export function useArtifact(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
  image: string;
}): { state: Loadable<ArtifactView>; reload: () => void } {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(options.entity);
  const module = useSameModule(options.module);
  const { image } = options;
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.getArtifact(entity, module, { signal }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- another image is another artifact
    [wasiApi, entity, module, image],
  );
  return useLoad(load);
}
