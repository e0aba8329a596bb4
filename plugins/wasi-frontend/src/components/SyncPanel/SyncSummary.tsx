import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { DEFAULT_ENVIRONMENT } from '@wasi-functions/backstage-plugin-wasi-common';
import { moduleKey } from '../../format';
import { useSync } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { FactList } from '../FactList';
import { SyncStatus } from './SyncStatus';

/** Catalog-driven deploys in a line per environment, connected to the backend. */
export function SyncSummary(props: { entity: CompoundEntityRef }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = useSync(props.entity);
  if (state.phase === 'failed') {
    // The tab says why; a card has room for the fact alone.
    return <Text color="secondary">{t('sync.notKnown')}</Text>;
  }
  if (state.phase === 'loading' || !state.answer.enabled) {
    return null;
  }
  const { suspended, targets } = state.answer;
  return (
    <FactList
      facts={targets.map(({ environment, state: own, ref }) => ({
        id: `${environment} ${moduleKey(ref)}`,
        label:
          environment === DEFAULT_ENVIRONMENT
            ? t('sync.short')
            : t('sync.shortFor', { environment }),
        value: <SyncStatus state={suspended ? 'suspended' : own} />,
      }))}
    />
  );
}
