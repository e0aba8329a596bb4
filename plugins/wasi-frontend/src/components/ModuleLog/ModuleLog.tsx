import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Skeleton, Switch, Text, VisuallyHidden } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import {
  wasiModuleLogsPermission,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useEffect, useRef, useState } from 'react';
import {
  useFollowedLog,
  useLogs,
  type LogFollowState,
  type Permitted,
} from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import { InlineCode } from '../InlineCode';
import { Section } from '../Section';
import { LogLines } from './LogLines';
import styles from './ModuleLog.module.css';

interface ModuleLogProps {
  entity: CompoundEntityRef;
  module: ModuleRef;
  /** Changes when the log may say more. */
  moment: string;
}

/** What a module and its runner wrote, connected to the backend: its last lines, or all as they come. */
export function ModuleLog(props: ModuleLogProps & { permitted: Permitted }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  if (props.permitted === 'yes') {
    return <PermittedLog {...props} />;
  }
  return (
    <Section title={t('logs.heading')} wide>
      {props.permitted === 'no' && (
        <Text color="secondary">
          <InlineCode
            text={t('permissions.missing', {
              permission: wasiModuleLogsPermission.name,
            })}
          />
        </Text>
      )}
    </Section>
  );
}

function PermittedLog(props: ModuleLogProps) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { entity, module, moment } = props;
  const [follow, setFollow] = useState(false);
  const followed = useFollowedLog({ entity, module, follow });
  const last = useLogs({ entity, module });
  // Lines that were followed stay until somebody asks for the last ones.
  const [refreshed, setRefreshed] = useState(true);
  const showsFollowed = follow || !refreshed;

  const { reload } = last;
  const before = useRef(moment);
  useEffect(() => {
    if (before.current !== moment) {
      before.current = moment;
      reload();
    }
  }, [moment, reload]);

  return (
    <Section
      title={t('logs.heading')}
      wide
      actions={
        <div className={styles.actions}>
          <Switch
            label={t('logs.follow')}
            isSelected={follow}
            onChange={on => {
              setFollow(on);
              setRefreshed(false);
            }}
          />
          {!follow && (
            <Button
              variant="secondary"
              size="small"
              iconStart={<RiRefreshLine />}
              isPending={
                last.state.phase === 'loading' ||
                (last.state.phase === 'loaded' && last.state.reloading)
              }
              onPress={() => {
                setRefreshed(true);
                reload();
              }}
            >
              {t('logs.refresh')}
            </Button>
          )}
        </div>
      }
    >
      {showsFollowed ? (
        <FollowedLog name={module.name} follow={follow} state={followed} />
      ) : (
        <LastLines name={module.name} {...last} />
      )}
    </Section>
  );
}

function LastLines(props: { name: string } & ReturnType<typeof useLogs>) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  switch (state.phase) {
    case 'failed':
      return <ErrorNotice error={state.error} onRetry={props.reload} />;
    case 'loaded':
      return (
        <LogLines
          name={props.name}
          lines={state.value.lines.map(line => ({ line }))}
        />
      );
    default:
      return (
        <div role="status">
          <VisuallyHidden>{t('logs.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={72} />
        </div>
      );
  }
}

function FollowedLog(props: {
  name: string;
  follow: boolean;
  state: LogFollowState | undefined;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  const phase = props.follow ? state?.phase ?? 'connecting' : 'paused';
  return (
    <>
      <div role="status">
        <Text variant="body-small" color="secondary">
          {t(`logs.${phase}`)}
        </Text>
      </div>
      {props.follow && state?.error && (
        <ErrorNotice
          status={state.phase === 'refused' ? 'danger' : 'warning'}
          error={state.error}
        />
      )}
      {state?.cut && (
        <Text variant="body-small" color="secondary">
          {t('logs.cut', { total: String(state.lines.length) })}
        </Text>
      )}
      {state && (state.phase !== 'refused' || state.lines.length > 0) && (
        <LogLines name={props.name} lines={state.lines} />
      )}
    </>
  );
}
