import {
  getCompoundEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { wasiApiRef } from '../../apis';
import { moduleKey } from '../../format';
import { useModulePermissions, useModules, useNow } from '../../hooks';
import { createFunctionRouteRef } from '../../routes';
import { DeleteModuleDialog } from '../DeleteModuleDialog';
import { ModulePanel } from '../ModulePanel';
import { ModulesView } from '../ModulesView';

const SELECTION_PARAMETER = 'module';

/** The entity tab, connected to the backend and to the entity of the page. */
export function EntityWasmModulesContent() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const compoundRef = getCompoundEntityRef(entity);
  const wasiApi = useApi(wasiApiRef);
  const { state, refresh } = useModules(compoundRef);
  const permissions = useModulePermissions(entityRef);
  const now = useNow();
  const createHref = useRouteRef(createFunctionRouteRef)?.();
  const [search, setSearch] = useSearchParams();
  const [toDelete, setToDelete] = useState<ModuleRef>();
  const [deleted, setDeleted] = useState<string>();

  const removeModule = async (module: ModuleRef) => {
    await wasiApi.deleteModule(compoundRef, module);
    setToDelete(undefined);
    setDeleted(module.name);
    refresh();
  };

  return (
    <>
      <ModulesView
        state={state}
        now={now}
        selected={search.get(SELECTION_PARAMETER) ?? undefined}
        deleted={deleted}
        entityName={entity.metadata.name}
        createHref={createHref}
        onSelect={key =>
          setSearch(
            before => {
              const next = new URLSearchParams(before);
              next.set(SELECTION_PARAMETER, key);
              return next;
            },
            { replace: true },
          )
        }
        onRetry={refresh}
        renderModule={view => (
          <ModulePanel
            key={moduleKey(view.ref)}
            entity={compoundRef}
            view={view}
            permissions={permissions}
            now={now}
            onDelete={() => setToDelete(view.ref)}
          />
        )}
      />
      {toDelete && (
        <DeleteModuleDialog
          module={toDelete}
          onDelete={() => removeModule(toDelete)}
          onClose={() => setToDelete(undefined)}
        />
      )}
    </>
  );
}
