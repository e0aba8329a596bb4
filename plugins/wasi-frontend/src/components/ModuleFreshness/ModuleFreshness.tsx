import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text } from '@backstage/ui';
import { formatAge } from '../../format';
import { wasiTranslationRef } from '../../translation';

// A cluster that is watched is heard from at least once a minute.
const STALE_AFTER_MS = 180_000;

/** When the module's cluster was heard from, with a warning where that is long ago. */
export function ModuleFreshness(props: { observedAt: string; now: number }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const observedMs = Date.parse(props.observedAt);
  const age = formatAge(observedMs, props.now);
  if (props.now - observedMs > STALE_AFTER_MS) {
    return (
      <Alert
        status="warning"
        icon
        title={t('states.oldTitle', { age })}
        description={t('states.oldText')}
      />
    );
  }
  return (
    <Text variant="body-small" color="secondary">
      {t('states.observed', { age })}
    </Text>
  );
}
