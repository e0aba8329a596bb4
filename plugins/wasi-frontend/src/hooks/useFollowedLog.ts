import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useEffect, useRef, useState } from 'react';
import { wasiApiRef } from '../apis';
import { LogFollower, type LogFollowState } from './LogFollower';
import { useSameEntity, useSameModule } from './useSame';

/** The log of a module while it is written; what was read stays while it is not followed. */
export function useFollowedLog(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
  follow: boolean;
}): LogFollowState | undefined {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(options.entity);
  const module = useSameModule(options.module);
  const { follow } = options;
  const [state, setState] = useState<LogFollowState>();
  const lines = useRef<LogFollowState['lines']>([]);

  useEffect(() => {
    setState(undefined);
    lines.current = [];
  }, [entity, module]);

  useEffect(() => {
    if (!follow) {
      return undefined;
    }
    const follower = new LogFollower({
      open: (listener, signal) =>
        wasiApi.followLogs(entity, module, { ...listener, signal }),
      onState: next => {
        lines.current = next.lines;
        setState(next);
      },
      page: document,
      now: Date.now,
      lines: lines.current,
    });
    follower.start();
    return () => follower.stop();
  }, [wasiApi, entity, module, follow]);

  return state;
}
