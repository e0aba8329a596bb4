import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useEffect, useRef } from 'react';
import {
  useArtifact,
  useInvoke,
  useLogs,
  type ModulePermissions,
} from '../../hooks';
import { ModuleDetails } from '../ModuleDetails';

/** One module with what is fetched for it alone: artifact, log and answers. */
export function ModulePanel(props: {
  entity: CompoundEntityRef;
  view: ModuleView;
  sourceUrl: string | undefined;
  permissions: ModulePermissions;
  now: number;
  onDelete: () => void;
}) {
  const { entity, view } = props;
  const artifact = useArtifact({
    entity,
    module: view.ref,
    image: view.module.spec.image,
  });
  const logs = useLogs({ entity, module: view.ref });
  const {
    state: answer,
    send,
    cancel,
  } = useInvoke({
    entity,
    module: view.ref,
  });
  // What the log may say more about by now.
  const moment = `${view.health.state} ${view.module.metadata.generation} ${answer.phase}`;
  const reloadLogs = logs.reload;
  const before = useRef(moment);
  useEffect(() => {
    if (before.current !== moment) {
      before.current = moment;
      reloadLogs();
    }
  }, [moment, reloadLogs]);

  return (
    <ModuleDetails
      view={view}
      sourceUrl={props.sourceUrl}
      permissions={props.permissions}
      artifact={artifact.state}
      logs={logs.state}
      answer={answer}
      now={props.now}
      onReloadArtifact={artifact.reload}
      onReloadLogs={logs.reload}
      onSend={send}
      onCancel={cancel}
      onDelete={props.onDelete}
    />
  );
}
