import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../../apis';
import { useLoad } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ActionDialog } from '../ActionDialog';
import { FieldChanges } from '../FieldChanges';
import { Loaded } from '../Loaded';

/** What differs between a deployment and a later one, or what runs. */
export function CompareDialog(props: {
  entity: CompoundEntityRef;
  deployment: Deployment;
  other: Deployment | 'live';
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { entity, deployment, other } = props;
  const otherId = other === 'live' ? 'live' : other.id;
  const load = useCallback(
    (signal: AbortSignal) =>
      wasiApi.diffDeployments(entity, deployment.id, otherId, { signal }),
    [wasiApi, entity, deployment.id, otherId],
  );
  const { state, reload } = useLoad(load);
  return (
    <ActionDialog
      wide
      title={t('compare.heading')}
      onClose={props.onClose}
      footer={<Button onPress={props.onClose}>{t('common.close')}</Button>}
    >
      <Loaded state={state} loading={t('changes.loading')} onRetry={reload}>
        {changes => (
          <FieldChanges
            label={t('compare.heading')}
            changes={changes}
            before={nameOf(deployment)}
            after={other === 'live' ? t('changes.live') : nameOf(other)}
            empty={t('compare.same')}
          />
        )}
      </Loaded>
    </ActionDialog>
  );

  function nameOf({ ref, startedAt }: Deployment): string {
    return t('compare.side', {
      cluster: ref.cluster,
      name: ref.name,
      time: new Date(startedAt).toLocaleString(),
    });
  }
}
