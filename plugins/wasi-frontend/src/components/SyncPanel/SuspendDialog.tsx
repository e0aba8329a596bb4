import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ConfirmDialog } from '../ConfirmDialog';
import { ErrorNotice } from '../ErrorNotice';

/** Asks why catalog-driven deploys are suspended, and does it. */
export function SuspendDialog(props: {
  onSuspend: (reason: string | undefined) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [reason, setReason] = useState('');
  const { work, start } = useWork();
  return (
    <ConfirmDialog
      title={t('sync.suspendHeading')}
      confirm={t('sync.suspend')}
      isPending={work.phase === 'working'}
      onConfirm={() => start(() => props.onSuspend(reason.trim() || undefined))}
      onClose={props.onClose}
    >
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
    </ConfirmDialog>
  );
}
