import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text } from '@backstage/ui';
import {
  describeNetwork,
  type NetworkSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { FactList } from '../FactList';
import { FindingList } from '../FindingList';
import { NetworkRisk } from '../NetworkRisk';

/** What the runner makes of a module's network permissions. */
export function NetworkPermissions(props: {
  network: NetworkSpec | undefined;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const description = describeNetwork(props.network);
  const { declared, effective } = description.dnsLookup;
  const allowed = (value: boolean) =>
    value ? t('network.dnsAllowed') : t('network.dnsDenied');
  return (
    <>
      {description.sockets === 'all' ? (
        <Alert status="danger" icon title={t('network.all')} />
      ) : (
        <Text>{t(`network.${description.sockets}`)}</Text>
      )}
      {description.rules.length > 0 && (
        <DataTable
          label={t('network.rules')}
          rows={description.rules}
          rowKey={(rule, index) =>
            `${index} ${rule.protocol} ${rule.direction} ${rule.pattern}`
          }
          columns={[
            {
              id: 'rule',
              label: t('network.rule'),
              cell: rule => t(`network.${rule.protocol}.${rule.direction}`),
            },
            {
              id: 'pattern',
              label: t('network.pattern'),
              isRowHeader: true,
              cell: rule => <code>{rule.pattern}</code>,
            },
            {
              id: 'risk',
              label: t('network.risk'),
              cell: rule => (
                <>
                  <NetworkRisk risk={rule.risk} />
                  <FindingList findings={rule.findings} />
                </>
              ),
            },
          ]}
        />
      )}
      <FactList
        facts={[
          {
            label: `${t('network.dns')}, ${t(
              'network.dnsEffective',
            ).toLowerCase()}`,
            value: allowed(effective),
          },
          {
            label: `${t('network.dns')}, ${t(
              'network.dnsDeclared',
            ).toLowerCase()}`,
            value:
              declared === undefined
                ? t('network.dnsUndeclared')
                : allowed(declared),
          },
        ]}
      />
      <FindingList
        findings={description.findings.filter(
          // Said below for every module, so not repeated as a finding.
          finding => finding.code !== 'OUTGOING_HTTP_NOT_LIMITED',
        )}
      />
      <Text variant="body-small" color="secondary">
        {t('network.outgoingHttp')}
      </Text>
    </>
  );
}
