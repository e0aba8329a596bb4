import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useLoad } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ActionDialog } from '../ActionDialog';
import { Loaded } from '../Loaded';
import type { EditModuleDialogProps } from './EditModuleDialog';

/** {@link EditModuleDialog}, loaded when somebody edits. */
export function EditModule(props: EditModuleDialogProps) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state, reload } = useLoad(loadDialog);
  if (state.phase === 'loaded') {
    const { EditModuleDialog } = state.value;
    return <EditModuleDialog {...props} />;
  }
  return (
    <ActionDialog
      wide
      title={t('edit.heading', { name: props.view.ref.name })}
      onClose={props.onClose}
      footer={
        <Button variant="secondary" onPress={props.onClose}>
          {t('common.cancel')}
        </Button>
      }
    >
      <Loaded state={state} loading={t('edit.loading')} onRetry={reload}>
        {() => null}
      </Loaded>
    </ActionDialog>
  );
}

async function loadDialog() {
  return import('./EditModuleDialog');
}
