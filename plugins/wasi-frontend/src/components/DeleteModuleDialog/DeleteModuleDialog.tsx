import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, TextField } from '@backstage/ui';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useState } from 'react';
import { wasiApiRef } from '../../apis';
import { useSameEntity } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { FactList } from '../FactList';
import { ModuleAddress } from '../ModuleAddress';
import { PlannedDialog } from '../PlannedDialog';

/** Deletes a module once its name is typed; what goes and what stays is told before. */
export function DeleteModuleDialog(props: {
  entity: CompoundEntityRef;
  view: ModuleView;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { ref, module } = props.view;
  const entity = useSameEntity(props.entity);
  const [typed, setTyped] = useState('');
  const plan = useCallback(
    (signal: AbortSignal) => wasiApi.planDeletion(entity, ref, { signal }),
    [wasiApi, entity, ref],
  );
  return (
    <PlannedDialog
      title={t('delete.heading', { name: ref.name })}
      confirm={t('delete.confirm')}
      destructive
      isDisabled={typed !== ref.name}
      plan={plan}
      perform={({ basis }) => wasiApi.deleteModule(entity, ref, { basis })}
      onDone={props.onDone}
      onClose={props.onClose}
      footnote={
        <TextField
          label={t('delete.label', { name: ref.name })}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck="false"
          // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog asks for nothing else
          autoFocus
        />
      }
    >
      <Text>
        {t('delete.text', {
          name: ref.name,
          namespace: ref.namespace,
          cluster: ref.cluster,
        })}
      </Text>
      <FactList
        facts={[
          {
            label: t('address.heading'),
            value: <ModuleAddress url={module.status?.address?.url} />,
          },
          {
            label: t('artifact.image'),
            value: <code>{module.spec.image}</code>,
          },
        ]}
      />
    </PlannedDialog>
  );
}
