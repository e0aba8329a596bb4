import type { PlanAnswer } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReactNode } from 'react';
import { usePlannedWrite } from '../../hooks';
import { ConfirmDialog } from '../ConfirmDialog';
import { PlanView } from '../PlanView';

/** Asks whether to make a write, with its plan. */
export function PlannedDialog(props: {
  title: string;
  /** What is asked, before the plan. */
  children: ReactNode;
  /** After the plan. */
  footnote?: ReactNode;
  confirm: string;
  destructive?: boolean;
  isDisabled?: boolean;
  /** Must be stable (`useCallback`). */
  plan: (signal: AbortSignal) => Promise<PlanAnswer>;
  perform: (agreed: { force: boolean; basis: string }) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}) {
  const { plan, perform } = props;
  const write = usePlannedWrite({ plan, perform });
  return (
    <ConfirmDialog
      title={props.title}
      wide
      confirm={props.confirm}
      destructive={props.destructive}
      isDisabled={!write.ready || props.isDisabled}
      isPending={write.work.phase === 'working'}
      onConfirm={async () => {
        if (await write.apply()) {
          props.onDone();
        }
      }}
      onClose={props.onClose}
    >
      {props.children}
      <PlanView write={write} />
      {props.footnote}
    </ConfirmDialog>
  );
}
