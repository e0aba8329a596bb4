import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  InvokeAnswer,
  InvokeRequest,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { wasiApiRef } from '../apis';
import type { Loadable } from './Loadable';
import { toWasiError } from './toWasiError';
import { useSameEntity, useSameModule } from './useSame';

/** Sends requests to a module through the portal; a new one gives up the one before. */
export function useInvoke(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
}): {
  state: Loadable<InvokeAnswer>;
  send: (request: InvokeRequest) => void;
  cancel: () => void;
} {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(options.entity);
  const module = useSameModule(options.module);
  const [state, setState] = useState<Loadable<InvokeAnswer>>({ phase: 'idle' });
  const running = useRef<AbortController>();

  const send = useCallback(
    (request: InvokeRequest) => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setState({ phase: 'loading' });
      wasiApi.invoke(entity, module, request, { signal: abort.signal }).then(
        value => {
          if (!abort.signal.aborted) {
            setState({ phase: 'loaded', value });
          }
        },
        error => {
          if (!abort.signal.aborted) {
            setState({ phase: 'failed', error: toWasiError(error) });
          }
        },
      );
    },
    [wasiApi, entity, module],
  );

  const cancel = useCallback(() => {
    running.current?.abort();
    setState({ phase: 'idle' });
  }, []);

  useEffect(() => () => running.current?.abort(), []);
  return { state, send, cancel };
}
