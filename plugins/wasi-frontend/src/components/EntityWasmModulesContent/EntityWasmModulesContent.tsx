import {
  ANNOTATION_SOURCE_LOCATION,
  getCompoundEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import {
  ANNOTATION_AUTO_DEPLOY,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { moduleKey } from '../../format';
import {
  useBackendInfo,
  useBackendNow,
  useModulePermissions,
  useEntityModules,
  type ModulesState,
} from '../../hooks';
import { createFunctionRouteRef } from '../../routes';
import { DeploymentHistory } from '../DeploymentHistory';
import { ModuleDialogs, type ModuleAction } from '../ModuleDialogs';
import { ModulePanel } from '../ModulePanel';
import { ModulesView } from '../ModulesView';
import { SyncPanel } from '../SyncPanel';

const SELECTION_PARAMETER = 'module';

/** The entity tab, connected to the backend and to the entity of the page. */
export function EntityWasmModulesContent() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const compoundRef = getCompoundEntityRef(entity);
  const { state, signIns, awaits, refresh, signIn } =
    useEntityModules(compoundRef);
  const permissions = useModulePermissions(entityRef);
  const { state: info } = useBackendInfo();
  // Without an answer the page has less to say of the clusters, and loses nothing else.
  const clusters = info.phase === 'loaded' ? info.value.clusters : [];
  const now = useBackendNow(state);
  const createHref = useRouteRef(createFunctionRouteRef)?.();
  const [search, setSearch] = useSearchParams();
  const [doing, setDoing] = useState<{
    action: ModuleAction;
    view: ModuleView;
  }>();
  const [deleted, setDeleted] = useState<ModuleView>();

  const sourceUrl = entity.metadata.annotations?.[
    ANNOTATION_SOURCE_LOCATION
  ]?.replace(/^url:/, '');

  const renderDeploys = (module?: ModuleRef) => (
    <>
      {entity.metadata.annotations?.[ANNOTATION_AUTO_DEPLOY] !== undefined && (
        <SyncPanel
          entity={compoundRef}
          mayUpdate={permissions.mayUpdate}
          now={now}
        />
      )}
      <DeploymentHistory
        key={module && moduleKey(module)}
        entity={compoundRef}
        module={module}
        several={state.phase === 'loaded' && hasSeveral(state.answer)}
        mayUpdate={permissions.mayUpdate}
        moment={momentOf(state)}
        now={now}
        onChanged={refresh}
      />
    </>
  );

  return (
    <>
      <ModulesView
        state={state}
        signIns={signIns}
        awaits={awaits}
        clusters={clusters}
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
        onSignIn={signIn}
        renderModule={view => (
          <ModulePanel
            key={moduleKey(view.ref)}
            entity={compoundRef}
            view={view}
            sourceUrl={sourceUrl}
            permissions={permissions}
            identity={
              clusters.find(({ name }) => name === view.ref.cluster)?.identity
            }
            deploys={renderDeploys(view.ref)}
            now={now}
            onAction={action => setDoing({ action, view })}
          />
        )}
        renderDeploys={() => renderDeploys()}
      />
      {doing && (
        <ModuleDialogs
          {...doing}
          entity={compoundRef}
          onDone={() => {
            setDoing(undefined);
            if (doing.action === 'delete') {
              setDeleted(doing.view);
            }
            refresh();
          }}
          onClose={() => setDoing(undefined)}
        />
      )}
    </>
  );
}

function hasSeveral({ items, missing }: ModuleListAnswer): boolean {
  return items.length + missing.length > 1;
}

/** Changes when a module does. */
function momentOf(state: ModulesState): string {
  return state.phase === 'loaded'
    ? state.answer.items
        .map(
          ({ ref, module, health }) =>
            `${moduleKey(ref)} ${module.metadata.generation} ${health.state}`,
        )
        .join()
    : '';
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
