import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import type { ReactNode } from 'react';
import { wasiTranslationRef } from '../../translation';
import { ActionDialog } from '../ActionDialog';

/** Asks whether to do something; Enter does it as well. */
export function ConfirmDialog(props: {
  title: string;
  wide?: boolean;
  /** What the button says. */
  confirm: string;
  destructive?: boolean;
  isDisabled?: boolean;
  isPending: boolean;
  children: ReactNode;
  onConfirm: () => void;
  /** Where this is not the first step. */
  onBack?: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <ActionDialog
      title={props.title}
      wide={props.wide}
      onClose={props.onClose}
      onSubmit={() => {
        if (!props.isDisabled) {
          props.onConfirm();
        }
      }}
      footer={
        <>
          {props.onBack && (
            <Button variant="secondary" onPress={props.onBack}>
              {t('common.back')}
            </Button>
          )}
          <Button variant="secondary" onPress={props.onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            destructive={props.destructive}
            isDisabled={props.isDisabled}
            isPending={props.isPending}
          >
            {props.confirm}
          </Button>
        </>
      }
    >
      {props.children}
    </ActionDialog>
  );
}
