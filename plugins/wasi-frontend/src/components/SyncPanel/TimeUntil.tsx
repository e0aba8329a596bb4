import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { formatAge } from '../../format';
import { wasiTranslationRef } from '../../translation';

/** How soon something will be, with the exact time in its title. */
export function TimeUntil(props: { time: string; now: number }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const milliseconds = Date.parse(props.time);
  if (Number.isNaN(milliseconds)) {
    return null;
  }
  return (
    <time dateTime={props.time} title={new Date(milliseconds).toLocaleString()}>
      {milliseconds <= props.now
        ? t('common.due')
        : t('common.in', { age: formatAge(props.now, milliseconds) })}
    </time>
  );
}
