import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type {
  Volume,
  VolumeMount,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { volumeRows } from './volumeRows';

/** Volumes with the paths that the module sees them under. */
export function VolumesTable(props: {
  volumes: readonly Volume[];
  mounts: readonly VolumeMount[];
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <DataTable
      label={t('configuration.volumes')}
      rows={volumeRows(props.volumes, props.mounts)}
      rowKey={(row, index) => `${index} ${row.name}`}
      columns={[
        {
          id: 'name',
          label: t('configuration.volume'),
          isRowHeader: true,
          cell: row => row.name,
        },
        {
          id: 'source',
          label: t('configuration.source'),
          cell: row => row.source ?? t('configuration.undeclared'),
        },
        {
          id: 'mount',
          label: t('configuration.mountedAt'),
          cell: row =>
            row.mountPath ? (
              <>
                <code>{row.mountPath}</code>
                {row.subPath && <> ({row.subPath})</>}
                {row.readOnly && <>, {t('configuration.readOnly')}</>}
              </>
            ) : (
              t('configuration.notMounted')
            ),
        },
      ]}
    />
  );
}
