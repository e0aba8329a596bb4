import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
  TextField,
} from '@backstage/ui';
import { useState, type FormEvent } from 'react';
import { useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import styles from './SyncPanel.module.css';

/** Asks why catalog-driven deploys are suspended, and does it. */
export function SuspendDialog(props: {
  onSuspend: (reason: string | undefined) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [reason, setReason] = useState('');
  const { work, start } = useWork();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start(() => props.onSuspend(reason.trim() || undefined));
  };
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
      <DialogHeader>{t('sync.suspendHeading')}</DialogHeader>
      <form onSubmit={submit} className={styles.form}>
        <DialogBody>
          <div className={styles.body}>
            <Text>{t('sync.suspendText')}</Text>
            <TextField
              label={t('sync.reason')}
              description={t('sync.reasonHint')}
              value={reason}
              onChange={setReason}
              maxLength={500}
              // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog asks for nothing else
              autoFocus
            />
            {work.phase === 'failed' && <ErrorNotice error={work.error} />}
          </div>
        </DialogBody>
        <DialogFooter>
          <Button variant="secondary" onPress={props.onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" isPending={work.phase === 'working'}>
            {t('sync.suspend')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
