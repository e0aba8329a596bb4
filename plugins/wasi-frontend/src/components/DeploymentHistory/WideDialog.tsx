import { Dialog, DialogBody, DialogFooter, DialogHeader } from '@backstage/ui';
import type { ReactNode } from 'react';
import styles from './DeploymentHistory.module.css';

/** A dialog with room for two columns of values. */
export function WideDialog(props: {
  title: string;
  children: ReactNode;
  footer: ReactNode;
  onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onOpenChange={open => {
        if (!open) {
          props.onClose();
        }
      }}
      width="min(860px, calc(100vw - 32px))"
    >
      <DialogHeader>{props.title}</DialogHeader>
      <DialogBody>
        <div className={styles.dialog}>{props.children}</div>
      </DialogBody>
      <DialogFooter>{props.footer}</DialogFooter>
    </Dialog>
  );
}
