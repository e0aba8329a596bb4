import {
  ANNOTATION_SOURCE_LOCATION,
  getCompoundEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { wasiApiRef } from '../../apis';
import { moduleKey } from '../../format';
import {
  useModulePermissions,
  useModules,
  useNow,
  type ModulesState,
} from '../../hooks';
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
  const [toDelete, setToDelete] = useState<ModuleView>();
  const [deleted, setDeleted] = useState<ModuleView>();

  const sourceUrl = entity.metadata.annotations?.[
    ANNOTATION_SOURCE_LOCATION
  ]?.replace(/^url:/, '');

  const removeModule = async (view: ModuleView) => {
    await wasiApi.deleteModule(compoundRef, view.ref);
    setToDelete(undefined);
    setDeleted(view);
    refresh();
  };

  return (
    <>
      <ModulesView
        state={state}
        now={now}
        selected={search.get(SELECTION_PARAMETER) ?? undefined}
        deleted={
          deleted && !isBack(deleted, state) ? deleted.ref.name : undefined
        }
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
            sourceUrl={sourceUrl}
            permissions={permissions}
            now={now}
            onDelete={() => setToDelete(view)}
          />
        )}
      />
      {toDelete && (
        <DeleteModuleDialog
          module={toDelete.ref}
          onDelete={() => removeModule(toDelete)}
          onClose={() => setToDelete(undefined)}
        />
      )}
    </>
  );
}

function isBack(deleted: ModuleView, state: ModulesState): boolean {
  return (
    state.phase === 'loaded' &&
    state.answer.items.some(
      ({ ref, module }) =>
        moduleKey(ref) === moduleKey(deleted.ref) &&
        module.metadata.uid !== deleted.module.metadata.uid,
    )
  );
}
