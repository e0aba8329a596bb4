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
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState, type FormEvent } from 'react';
import { useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import styles from './DeleteModuleDialog.module.css';

/** Deletes a module once its name is typed. */
export function DeleteModuleDialog(props: {
  module: ModuleRef;
  onDelete: () => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { module } = props;
  const [typed, setTyped] = useState('');
  const { work, start } = useWork();
  const confirmed = typed === module.name;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (confirmed) {
      start(props.onDelete);
    }
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
      <DialogHeader>{t('delete.heading', { name: module.name })}</DialogHeader>
      <form onSubmit={submit} className={styles.form}>
        <DialogBody>
          <div className={styles.body}>
            <Text>
              {t('delete.text', {
                name: module.name,
                namespace: module.namespace,
                cluster: module.cluster,
              })}
            </Text>
            <TextField
              label={t('delete.label', { name: module.name })}
              value={typed}
              onChange={setTyped}
              autoComplete="off"
              spellCheck="false"
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
          <Button
            type="submit"
            destructive
            isDisabled={!confirmed}
            isPending={work.phase === 'working'}
          >
            {t('delete.confirm')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
