import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useState } from 'react';
import { wasiApiRef } from '../../apis';
import { useSameEntity } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { PlannedDialog } from '../PlannedDialog';

/** Starts a module anew, as it is, once its plan is agreed to. */
export function RedeployDialog(props: {
  entity: CompoundEntityRef;
  view: ModuleView;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { ref } = props.view;
  const entity = useSameEntity(props.entity);
  // What is planned and what is made tell the new revision by the same moment.
  const [at] = useState(() => new Date().toISOString());
  const plan = useCallback(
    (signal: AbortSignal) => wasiApi.planRedeploy(entity, ref, at, { signal }),
    [wasiApi, entity, ref, at],
  );
  return (
    <PlannedDialog
      title={t('redeploy.heading', { name: ref.name })}
      confirm={t('redeploy.confirm')}
      plan={plan}
      perform={agreed => wasiApi.redeploy(entity, ref, at, agreed)}
      onDone={props.onDone}
      onClose={props.onClose}
    >
      <Text>
        {t('redeploy.text', {
          name: ref.name,
          namespace: ref.namespace,
          cluster: ref.cluster,
        })}
      </Text>
    </PlannedDialog>
  );
}
