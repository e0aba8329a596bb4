import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../../apis';
import { wasiTranslationRef } from '../../translation';
import { PlannedDialog } from '../PlannedDialog';

/** Shows what a roll-back would do, by a dry run, and does it on demand. */
export function RollbackDialog(props: {
  entity: CompoundEntityRef;
  deployment: Deployment;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { entity, deployment } = props;
  const { id, ref, startedAt } = deployment;
  const plan = useCallback(
    (signal: AbortSignal) => wasiApi.planRollback(entity, id, { signal }),
    [wasiApi, entity, id],
  );
  return (
    <PlannedDialog
      title={t('rollback.heading', { name: ref.name })}
      confirm={t('rollback.confirm')}
      plan={plan}
      perform={agreed => wasiApi.rollBack(entity, id, agreed)}
      onDone={props.onDone}
      onClose={props.onClose}
    >
      <Text>
        {t('rollback.text', {
          name: ref.name,
          namespace: ref.namespace,
          cluster: ref.cluster,
          time: new Date(startedAt).toLocaleString(),
        })}
      </Text>
    </PlannedDialog>
  );
}
