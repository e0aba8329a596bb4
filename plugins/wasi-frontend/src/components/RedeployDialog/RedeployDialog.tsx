import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';

/** Starts a module anew, as it is, once that is confirmed. */
export function RedeployDialog(props: {
  module: ModuleRef;
  onRedeploy: () => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { module } = props;
  const { work, start } = useWork();
  return (
    <Dialog
      isOpen
      onOpenChange={open => {
        if (!open) {
          props.onClose();
        }
      }}
      width="min(480px, calc(100vw - 32px))"
    >
      <DialogHeader>
        {t('redeploy.heading', { name: module.name })}
      </DialogHeader>
      <DialogBody>
        <Text>
          {t('redeploy.text', {
            name: module.name,
            namespace: module.namespace,
            cluster: module.cluster,
          })}
        </Text>
        {work.phase === 'failed' && <ErrorNotice error={work.error} />}
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" onPress={props.onClose}>
          {t('common.cancel')}
        </Button>
        <Button
          isPending={work.phase === 'working'}
          onPress={() => start(props.onRedeploy)}
        >
          {t('redeploy.confirm')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
