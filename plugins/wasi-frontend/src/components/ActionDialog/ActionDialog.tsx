import { Dialog, DialogBody, DialogFooter, DialogHeader } from '@backstage/ui';
import type { FormEvent, ReactNode } from 'react';
import styles from './ActionDialog.module.css';

/** A dialog for as long as it is rendered: a title, a body that scrolls, buttons. */
export function ActionDialog(props: {
  title: string;
  /** With room for two columns of values. */
  wide?: boolean;
  footer: ReactNode;
  children: ReactNode;
  /** Makes it a form, which Enter sends as well. */
  onSubmit?: () => void;
  onClose: () => void;
}) {
  const { onSubmit } = props;
  const content = (
    <>
      <DialogBody>
        <div className={styles.body}>{props.children}</div>
      </DialogBody>
      <DialogFooter className={styles.footer}>{props.footer}</DialogFooter>
    </>
  );
  return (
    <Dialog
      isOpen
      onOpenChange={open => {
        if (!open) {
          props.onClose();
        }
      }}
      width={`min(${props.wide ? 860 : 480}px, calc(100vw - 32px))`}
    >
      <DialogHeader>{props.title}</DialogHeader>
      {onSubmit ? (
        <form
          className={styles.form}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      ) : (
        content
      )}
    </Dialog>
  );
}
