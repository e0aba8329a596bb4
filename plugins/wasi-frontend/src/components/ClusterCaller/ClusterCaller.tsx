import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { ClusterIdentity } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';

/** As whom a cluster is called, in a quiet line. */
export function ClusterCaller(props: { identity: ClusterIdentity }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { kind, name } = props.identity;
  const texts = {
    impersonation: name
      ? t('identity.impersonation', { name })
      : t('identity.impersonationUnnamed'),
    'user-token': name
      ? t('identity.userToken', { name })
      : t('identity.userTokenUnnamed'),
    'service-account': name
      ? t('identity.serviceAccount', { name })
      : t('identity.serviceAccountUnnamed'),
  };
  return (
    <Text variant="body-small" color="secondary">
      {texts[kind]}
    </Text>
  );
}
