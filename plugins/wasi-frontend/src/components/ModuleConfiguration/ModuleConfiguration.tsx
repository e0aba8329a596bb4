import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type {
  ResourceRequirements,
  WasmModuleSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { EnvironmentTable } from '../EnvironmentTable';
import { VolumesTable } from '../VolumesTable';
import styles from './ModuleConfiguration.module.css';

/** Environment, arguments, volumes and resources of a module. */
export function ModuleConfiguration(props: { spec: WasmModuleSpec }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { spec } = props;
  return (
    <>
      <Part title={t('configuration.environment')} filled={!!spec.env?.length}>
        <EnvironmentTable env={spec.env ?? []} />
      </Part>
      <Part title={t('configuration.arguments')} filled={!!spec.args?.length}>
        <ol className={styles.arguments}>
          {spec.args?.map((argument, index) => (
            <li key={index}>
              <code>{argument}</code>
            </li>
          ))}
        </ol>
      </Part>
      <Part
        title={t('configuration.volumes')}
        filled={!!spec.volumes?.length || !!spec.volumeMounts?.length}
      >
        <VolumesTable
          volumes={spec.volumes ?? []}
          mounts={spec.volumeMounts ?? []}
        />
      </Part>
      <Part
        title={t('configuration.resources')}
        filled={resourceRows(spec.resources).length > 0}
      >
        <DataTable
          label={t('configuration.resources')}
          rows={resourceRows(spec.resources)}
          rowKey={row => row.name}
          columns={[
            {
              id: 'name',
              label: t('configuration.resource'),
              isRowHeader: true,
              cell: row => row.name,
            },
            {
              id: 'request',
              label: t('configuration.request'),
              cell: row => row.request,
            },
            {
              id: 'limit',
              label: t('configuration.limit'),
              cell: row => row.limit,
            },
          ]}
        />
      </Part>
    </>
  );
}

function Part(props: {
  title: string;
  filled: boolean;
  children: JSX.Element;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <div>
      <Text as="h4" variant="body-medium" weight="bold">
        {props.title}
      </Text>
      {props.filled ? (
        props.children
      ) : (
        <Text color="secondary">{t('common.none')}</Text>
      )}
    </div>
  );
}

function resourceRows(resources: ResourceRequirements | undefined) {
  const names = new Set([
    ...Object.keys(resources?.requests ?? {}),
    ...Object.keys(resources?.limits ?? {}),
  ]);
  return [...names].sort().map(name => ({
    name,
    request: resources?.requests?.[name],
    limit: resources?.limits?.[name],
  }));
}
