import {
  getCompoundEntityRef,
  type CompoundEntityRef,
} from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Skeleton } from '@backstage/ui';
import {
  ANNOTATION_AUTO_DEPLOY,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { formatBytes } from '../../format';
import {
  useArtifact,
  useBackendNow,
  useEntityModules,
  useTabHref,
} from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ModuleSummaryCard } from '../ModuleSummaryCard';
import { SyncSummary } from '../SyncPanel';

/** The entity card, connected to the backend and to the entity of the page. */
export function EntityWasmModuleCard() {
  const { entity } = useEntity();
  const compoundRef = getCompoundEntityRef(entity);
  const { state, signIns, awaits, refresh } = useEntityModules(compoundRef);
  const now = useBackendNow(state);
  const detailsHref = useTabHref();
  return (
    <ModuleSummaryCard
      state={state}
      signIns={signIns}
      awaits={awaits}
      now={now}
      detailsHref={detailsHref}
      onRetry={refresh}
      renderSize={view => <ModuleSize entity={compoundRef} view={view} />}
      sync={
        entity.metadata.annotations?.[ANNOTATION_AUTO_DEPLOY] !== undefined && (
          <SyncSummary entity={compoundRef} />
        )
      }
    />
  );
}

function ModuleSize(props: { entity: CompoundEntityRef; view: ModuleView }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = useArtifact({
    entity: props.entity,
    module: props.view.ref,
    image: props.view.module.spec.image,
  });
  switch (state.phase) {
    case 'loaded': {
      const size = state.value.inspection?.size ?? state.value.size;
      return (
        <>{size === undefined ? t('card.unknownSize') : formatBytes(size)}</>
      );
    }
    case 'failed':
      // The tab says why; a card has room for the fact alone.
      return <>{t('card.unknownSize')}</>;
    default:
      return <Skeleton width={72} height={16} />;
  }
}
